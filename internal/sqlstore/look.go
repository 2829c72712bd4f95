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
}

// differing lists the records whose fingerprint, or parent, is not the one stored.
// Most runs end here, having sent the ids of the page and nothing else.
func (w *writer) differing(ctx context.Context) ([]int, error) {
	all := make([]int, len(w.page))
	for i := range all {
		all[i] = i
	}
	if w.t.Hash == "" || len(all) == 0 {
		return all, nil
	}
	ids := w.byIDs()
	same := make([]bool, len(all))
	for i := range w.absent {
		w.absent[i] = true
	}
	err := w.look(ctx, w.ids(all), func(row looked) {
		i, ok := ids.Find(row.id)
		if !ok {
			return
		}
		w.absent[i] = false
		same[i] = row.hash != nil && *row.hash == w.page[i].Hash && (w.t.Parent == "" || row.parent == w.page[i].Parent.String())
		if w.t.Key != "" {
			w.outcomes[i].Key = row.key
		}
	})
	return slices.DeleteFunc(all, func(i int) bool { return same[i] }), err
}

// look reads the fingerprints of the rows with the ids, and maybe of others.
func (w *writer) look(ctx context.Context, ids []backend.ID, found func(looked)) error {
	columns := []string{store.Quote(w.t.ID), store.Quote(w.t.Hash)}
	if conn, ok := w.conn.(Looker); ok && w.t.Key == "" && w.t.Parent == "" {
		sql, args, err := w.build(w.around(w.t, w.scope, ids, columns))
		if err != nil {
			return err
		}
		done, err := conn.Look(ctx, sql, args, w.t.IDKind, func(id backend.ID, hash *int64) { found(looked{id: id, hash: hash}) })
		if done || err != nil {
			return err
		}
	}
	id, hash, key, parent := w.t.NewID(), new(*int64), backend.NewID(w.t.KeyKind), new(*string)
	dest := []any{id, hash}
	if w.t.Key != "" {
		columns, dest = append(columns, store.Quote(w.t.Key)), append(dest, key)
	}
	if w.t.Parent != "" {
		columns, dest = append(columns, "CAST("+store.Quote(w.t.Parent)+" AS text)"), append(dest, parent)
	}
	return store.Each(ctx, w, w.around(w.t, w.scope, ids, columns), func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		row := looked{id: w.t.IDOf(id), hash: *hash, key: backend.IDOf(key)}
		if *parent != nil {
			row.parent = **parent
		}
		found(row)
		return nil
	})
}

// around reads columns of the rows with the ids, and maybe of some between them:
// integers close to each other, as most remotes list them, are read as one range
// of the index, in a fifth of the time that it takes to look each of them up.
func (s Session) around(t *backend.Table, scope any, ids []backend.ID, columns []string) squirrel.Sqlizer {
	if t.IDKind != backend.Int || len(ids) < 8 {
		return s.dialect.Lookup(t, scope, ids, columns)
	}
	first, _ := ids[0].Int()
	last := first
	for _, id := range ids {
		n, _ := id.Int()
		first, last = min(first, n), max(last, n)
	}
	if span := uint64(last - first); span >= uint64(2*len(ids)) {
		return s.dialect.Lookup(t, scope, ids, columns)
	}
	id := store.Quote(t.ID)
	return squirrel.Select(columns...).From(store.Quote(t.Name)).Where(s.dialect.InScope(t, scope)).
		Where(id+" >= ? AND "+id+" <= ?", first, last)
}
