package sqlstore

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// existing is a row as it is stored.
type existing struct {
	row      backend.Row
	misfits  backend.Misfits
	hash     *int64
	canceled bool
}

// existing reads rows as they are stored.
func (p *page) existing(ctx context.Context, which []int) (map[backend.ID]existing, error) {
	if len(which) == 0 {
		return nil, nil
	}
	hash, canceled := "NULL", "false"
	if p.t.Hash != "" {
		hash = store.Quote(p.t.Hash)
	}
	if p.t.Canceled != "" {
		canceled = p.t.IsCanceled()
	}
	stored := make(map[backend.ID]existing, len(which))
	query := p.selecting(which, append(p.t.Selected(), hash, canceled)...)
	return stored, store.Each(ctx, p, query, func(rows store.Rows) (err error) {
		var e existing
		var id backend.ID
		id, e.row, e.misfits, err = p.t.Scan(rows, &e.hash, &e.canceled)
		stored[id] = e
		return err
	})
}

// stale reports whether only the fingerprint of an unchanged row differs: it has
// none, or one that an older declaration made of the same object. An object that
// merely came in another spelling keeps the fingerprint of the stored one, so
// that a remote without a fixed order of members does not rewrite rows.
func (e existing) stale(t *backend.Table, fresh backend.Row) bool {
	if t.Hash == "" || e.hash == nil {
		return t.Hash != ""
	}
	if t.Data == "" {
		return true
	}
	data := t.Index(t.Data)
	stored, err1 := backend.Plain(e.row.Pointers[data])
	received, err2 := backend.Plain(fresh.Pointers[data])
	return err1 == nil && err2 == nil && stored == received
}
