package sqlstore

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Looker is a [Conn] that has a faster way to read fingerprints.
type Looker interface {
	// Look runs a query, whose columns are ids and fingerprints, which may be null.
	// It is not done where an id is not of the kind, and some may have been told.
	Look(ctx context.Context, sql string, args []any, kind backend.Kind, found func(id backend.ID, hash *int64)) (done bool, err error)
}

// look reads the fingerprints of the rows with the ids, and maybe of others, with
// their local key and that of their parent where the table has such.
func (w *writer) look(ctx context.Context, ids []backend.ID, found func(id backend.ID, hash *int64, key backend.ID, parent string)) error {
	columns := []string{store.Quote(w.t.ID), store.Quote(w.t.Hash)}
	if conn, ok := w.Conn.(Looker); ok && w.t.Key == "" && w.t.Parent == "" {
		sql, args, err := w.build(w.around(w.t, w.scope, ids, columns))
		if err != nil {
			return err
		}
		done, err := conn.Look(ctx, sql, args, w.t.IDKind, func(id backend.ID, hash *int64) { found(id, hash, backend.ID{}, "") })
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
		of := ""
		if *parent != nil {
			of = **parent
		}
		found(w.t.IDOf(id), *hash, backend.IDOf(key), of)
		return nil
	})
}

// around reads columns of the rows with the ids, and maybe of some between them:
// integers close to each other, as most remotes list them, are read as one range
// of the index, in a fifth of the time that it takes to look each of them up.
func (s Session) around(t *backend.Table, scope any, ids []backend.ID, columns []string) squirrel.Sqlizer {
	if t.IDKind != backend.Int || len(ids) < 8 {
		return s.D.Lookup(t, scope, ids, columns)
	}
	first, _ := ids[0].Int()
	last := first
	for _, id := range ids {
		n, _ := id.Int()
		first, last = min(first, n), max(last, n)
	}
	if span := uint64(last - first); span >= uint64(2*len(ids)) {
		return s.D.Lookup(t, scope, ids, columns)
	}
	id := store.Quote(t.ID)
	return squirrel.Select(columns...).From(store.Quote(t.Name)).Where(s.D.InScope(t, scope)).
		Where(id+" >= ? AND "+id+" <= ?", first, last)
}
