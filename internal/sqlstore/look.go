package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Looker is a [Conn] with a faster way to look at rows.
type Looker interface {
	// Look runs a query, whose columns are a fingerprint, which may be null, and ids of some
	// kinds. It is not done if an id is not of its kind, and may have called found before.
	Look(ctx context.Context, sql string, args []any, kinds LookKinds, found func(backend.Looked)) (done bool, err error)
}

// LookKinds are the kinds of the ids that a look reads: of a row, of its local key, and of
// its parent's. Where one is zero, there is no such column.
type LookKinds struct{ ID, Key, Parent backend.Kind }

// Read reads the ids of a row, whose columns follow its fingerprint, and reports whether
// they are of these kinds. A null is the empty text: 0 may be somebody's key.
func (k LookKinds) Read(row *backend.Looked, id func(column int) (id backend.ID, null, ok bool)) bool {
	column := 0
	for _, to := range [...]struct {
		id   *backend.ID
		kind backend.Kind
	}{{&row.ID, k.ID}, {&row.Key, k.Key}, {&row.Parent, k.Parent}} {
		if to.kind == 0 {
			continue
		}
		column++
		read, null, ok := id(column)
		_, isInt := read.Int()
		switch {
		case null && column > 1:
			read = backend.TextID("")
		case !ok || isInt != (to.kind == backend.Int):
			return false
		}
		*to.id = read
	}
	return true
}

// lookAt returns what a look reads of rows.
func lookAt(t *backend.Table) (columns []string, kinds LookKinds) {
	columns, kinds.ID = []string{store.Quote(t.Hash), t.SelectID()}, t.IDKind
	if t.Key != "" {
		columns, kinds.Key = append(columns, store.Quote(t.Key)), t.KeyKind
	}
	if t.Parent != "" {
		columns, kinds.Parent = append(columns, store.Quote(t.Parent)), t.ParentKind
	}
	return columns, kinds
}

// looked is what is stored of a row that was looked at.
type looked struct {
	backend.Looked
	// follows are the keys of the parents that the record names, "" for null.
	follows []*string
}

// same reports whether the fingerprint and the parents are those of a record.
func (l looked) same(t *backend.Table, r backend.Record) bool {
	return l.Has(r.Hash) && (t.Parent == "" || l.Parent == r.Parent) &&
		(r.Follows == nil || slices.EqualFunc(l.follows, r.Follows, func(stored *string, want string) bool { return text(stored) == want }))
}

// text returns a text of a database, "" for null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// lookWith looks at the rows that a query finds which reads some columns.
func lookWith(ctx context.Context, s Session, t *backend.Table, query func(columns []string) store.SQL, found func(looked)) error {
	columns, kinds := lookAt(t)
	if conn, ok := s.conn.(Looker); ok && len(t.Followed) == 0 {
		built, err := s.build(query(columns))
		if err != nil {
			return err
		}
		done, err := conn.Look(ctx, built.SQL, built.Args, kinds, func(row backend.Looked) { found(looked{Looked: row}) })
		if done || err != nil {
			return err
		}
	}
	id, hash, key, parent := t.NewID(), new(*int64), backend.NewID(t.KeyKind), new(*string)
	dest := []any{hash, id}
	if t.Key != "" {
		dest = append(dest, key)
	}
	if t.Parent != "" {
		columns[len(columns)-1] = "CAST(" + store.Quote(t.Parent) + " AS text)"
		dest = append(dest, parent)
	}
	follows := make([]*string, len(t.Followed))
	for i, name := range t.Followed {
		columns, dest = append(columns, "CAST("+store.Quote(name)+" AS text)"), append(dest, &follows[i])
	}
	return store.Each(ctx, s, query(columns), func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		row := looked{backend.Looked{ID: backend.IDOf(id), Marked: *hash != nil, Key: backend.IDOf(key), Parent: backend.TextID(text(*parent))}, follows}
		if row.Marked {
			row.Hash = **hash
		}
		if known, err := backend.ParseID(t.ParentKind, text(*parent)); err == nil {
			row.Parent = known
		}
		found(row)
		return nil
	})
}

// LookBelow implements [backend.Store].
func (s Session) LookBelow(ctx context.Context, t *backend.Table, column string, parents []backend.ID, where squirrel.Sqlizer, found func(backend.Looked)) error {
	query := func(columns []string) store.SQL {
		return s.dialect.Keyed(store.Quote(t.Name), columns, store.Quote(column), t.ParentKind, parents, where)
	}
	return lookWith(ctx, s, t, query, func(row looked) { found(row.Looked) })
}

// LookEach implements [backend.Store].
func (s Session) LookEach(ctx context.Context, t *backend.Table, scope any, records []backend.Record, found func(i int, row backend.Looked)) error {
	return newWriter(s, t, scope, records).look(ctx, func(i int, row looked) { found(i, row.Looked) })
}

// look reads the fingerprints of the page's rows, and calls found with each that
// exists. Most runs end here, having sent the ids of the page and nothing else.
func (p *page) look(ctx context.Context, found func(i int, row looked)) error {
	places, ids := p.byIDs(), make([]backend.ID, len(p.records))
	for i, r := range p.records {
		ids[i] = r.ID
	}
	query := func(columns []string) store.SQL { return around(p.dialect, p.t, p.scope, ids, columns) }
	// It may find rows between those of the page.
	return lookWith(ctx, p.Session, p.t, query, func(row looked) {
		if i, ok := places.Find(row.ID); ok {
			found(i, row)
		}
	})
}

// around reads columns of the rows with the ids, and maybe of some between them:
// integers close to each other, as most remotes list them, are read as one range
// of the index, in a fifth of the time that it takes to look each of them up.
func around(d Dialect, t *backend.Table, scope any, ids []backend.ID, columns []string) squirrel.Sqlizer {
	if t.IDKind != backend.Int || len(ids) < 8 {
		return d.Lookup(t, scope, ids, columns, "")
	}
	first, _ := ids[0].Int()
	last := first
	for _, id := range ids {
		n, _ := id.Int()
		first, last = min(first, n), max(last, n)
	}
	if span := uint64(last - first); span >= uint64(2*len(ids)) {
		return d.Lookup(t, scope, ids, columns, "")
	}
	id := store.Quote(t.ID)
	return squirrel.Select(columns...).From(store.Quote(t.Name)).Where(d.InScope(t, scope)).
		Where(id+" >= ? AND "+id+" <= ?", first, last).
		OrderBy(id) // which an index on the scope alone does not have
}
