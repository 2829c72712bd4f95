package sqlstore

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// existing is a row as it is stored.
type existing struct {
	row      backend.Row
	nulls    []bool
	hash     *int64
	canceled bool
}

// load reads the pending rows as they are stored, without asking again for those
// that were absent a moment ago.
func (w *writer) load(ctx context.Context, pending []int) (map[backend.ID]existing, error) {
	pending = slices.DeleteFunc(slices.Clone(pending), func(i int) bool { return w.absent[i] })
	if len(pending) == 0 {
		return nil, nil
	}
	hash, canceled := "NULL", "false"
	if w.t.Hash != "" {
		hash = store.Quote(w.t.Hash)
	}
	if w.t.Canceled != "" {
		canceled = store.Quote(w.t.Canceled) + " IS NOT NULL"
	}
	stored := make(map[backend.ID]existing, len(pending))
	query := w.selecting(pending, append(w.t.Selected(), hash, canceled)...)
	return stored, store.Each(ctx, w, query, func(rows store.Rows) (err error) {
		var e existing
		var id backend.ID
		id, e.row, e.nulls, err = w.t.Scan(rows, &e.hash, &e.canceled)
		stored[id] = e
		return err
	})
}

// stale reports whether only the fingerprint of an unchanged row differs: it has
// none, or one that an older declaration made of the same object. An object that
// merely came in another spelling keeps the fingerprint of the stored one, so
// that a remote without a fixed order of members does not rewrite rows.
func (w *writer) stale(i int, old existing) bool {
	if w.t.Hash == "" || old.hash == nil {
		return w.t.Hash != ""
	}
	if w.t.Data == "" {
		return true
	}
	data := w.t.Index(w.t.Data)
	stored, err1 := backend.Plain(old.row.Pointers[data])
	received, err2 := backend.Plain(w.rows[i].Pointers[data])
	return err1 == nil && err2 == nil && stored == received
}
