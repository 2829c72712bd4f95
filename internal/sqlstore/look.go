package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Looker is a [Conn] with a faster way to read fingerprints.
type Looker interface {
	// Look runs a query, whose columns are ids and fingerprints, which may be null.
	// It is not done if an id is not of the kind, and may have called found before.
	Look(ctx context.Context, sql string, args []any, kind backend.Kind, found func(id backend.ID, hash *int64)) (done bool, err error)
}

// looked is what is stored of a row that was looked at.
type looked struct {
	id   backend.ID
	hash *int64
	// key is the local key, and parent that of the row's parent, where the table has
	// such columns.
	key    backend.ID
	parent string
	// follows are the keys of the parents that the record names, "" for null.
	follows []*string
}

// same reports whether the fingerprint and the parents are those of a record.
func (l looked) same(t *backend.Table, r backend.Record) bool {
	return l.hash != nil && *l.hash == r.Hash && (t.Parent == "" || l.parent == r.Parent.String()) &&
		(r.Follows == nil || slices.EqualFunc(l.follows, r.Follows, func(stored *string, want string) bool { return text(stored) == want }))
}

// text returns a text of a database, "" for null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// look reads the fingerprints of the page's rows, and calls found with each that
// exists. Most runs end here, having sent the ids of the page and nothing else.
func (p *page) look(ctx context.Context, found func(i int, row looked)) error {
	places, ids := p.byIDs(), make([]backend.ID, len(p.records))
	for i, r := range p.records {
		ids[i] = r.ID
	}
	// It may find rows between those of the page.
	each := func(row looked) {
		if i, ok := places.Find(row.id); ok {
			found(i, row)
		}
	}
	columns := []string{p.t.SelectID(), store.Quote(p.t.Hash)}
	if conn, ok := p.conn.(Looker); ok && p.t.Key == "" && p.t.Parent == "" && len(p.t.Followed) == 0 {
		query, err := p.build(p.around(p.t, p.scope, ids, columns))
		if err != nil {
			return err
		}
		done, err := conn.Look(ctx, query.SQL, query.Args, p.t.IDKind, func(id backend.ID, hash *int64) { each(looked{id: id, hash: hash}) })
		if done || err != nil {
			return err
		}
	}
	id, hash, key, parent := p.t.NewID(), new(*int64), backend.NewID(p.t.KeyKind), new(*string)
	dest := []any{id, hash}
	if p.t.Key != "" {
		columns, dest = append(columns, store.Quote(p.t.Key)), append(dest, key)
	}
	if p.t.Parent != "" {
		columns, dest = append(columns, "CAST("+store.Quote(p.t.Parent)+" AS text)"), append(dest, parent)
	}
	follows := make([]*string, len(p.t.Followed))
	for i, name := range p.t.Followed {
		columns, dest = append(columns, "CAST("+store.Quote(name)+" AS text)"), append(dest, &follows[i])
	}
	return store.Each(ctx, p, p.around(p.t, p.scope, ids, columns), func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		each(looked{id: backend.IDOf(id), hash: *hash, key: backend.IDOf(key), parent: text(*parent), follows: follows})
		return nil
	})
}

// around reads columns of the rows with the ids, and maybe of some between them:
// integers close to each other, as most remotes list them, are read as one range
// of the index, in a fifth of the time that it takes to look each of them up.
func (s Session) around(t *backend.Table, scope any, ids []backend.ID, columns []string) squirrel.Sqlizer {
	if t.IDKind != backend.Int || len(ids) < 8 {
		return s.dialect.Lookup(t, scope, ids, columns, "")
	}
	first, _ := ids[0].Int()
	last := first
	for _, id := range ids {
		n, _ := id.Int()
		first, last = min(first, n), max(last, n)
	}
	if span := uint64(last - first); span >= uint64(2*len(ids)) {
		return s.dialect.Lookup(t, scope, ids, columns, "")
	}
	id := store.Quote(t.ID)
	return squirrel.Select(columns...).From(store.Quote(t.Name)).Where(s.dialect.InScope(t, scope)).
		Where(id+" >= ? AND "+id+" <= ?", first, last).
		OrderBy(id) // which an index on the scope alone does not have
}
