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
	misfits  backend.Misfits
	hash     *int64
	canceled bool
	version  string // that tells the row from what others make of it
}

// existing reads rows as they are stored.
func (p *page) existing(ctx context.Context, which []int) (map[backend.ID]existing, error) {
	if len(which) == 0 {
		return nil, nil
	}
	hash, canceled, version := "NULL", "false", "''"
	if p.t.Hash != "" {
		hash = store.Quote(p.t.Hash)
	}
	if p.t.Canceled != "" {
		canceled = p.t.IsCanceled()
	}
	if v := p.dialect.RowVersion(); v != "" {
		version = v
	}
	stored := make(map[backend.ID]existing, len(which))
	query := p.selecting(which, append(p.t.Selected(), hash, canceled, version)...)
	// Most of what an update of a row on SQLite takes beside its UPDATE: by Query, it is twice
	// as much.
	return stored, p.read(ctx, query, func() { clear(stored) }, func(rows store.Rows) (err error) {
		var e existing
		var id backend.ID
		id, e.row, e.misfits, err = p.t.Scan(rows, &e.hash, &e.canceled, &e.version)
		stored[id] = e
		return err
	})
}

// lock keeps other writers from rows that were read, and returns those that are no longer as
// they were: some are locked then, others are gone. To lock rows when they are read would be
// written to PostgreSQL's log also for those that turn out to be equal.
func (p *page) lock(ctx context.Context, which []int, read map[backend.ID]existing) (changed []int, err error) {
	version := p.dialect.RowVersion()
	if version == "" || len(which) == 0 {
		return nil, nil
	}
	slices.SortFunc(which, p.byID) // two that lock the same rows wait in the same order
	same, id, now := make(map[backend.ID]bool, len(which)), p.t.NewID(), ""
	query := p.dialect.Lookup(p.t, p.scope, p.ids(which), []string{p.t.Selected()[0], version}, p.dialect.Lock())
	err = store.Each(ctx, p, query, func(rows store.Rows) error {
		err := rows.Scan(id, &now)
		same[backend.IDOf(id)] = now == read[backend.IDOf(id)].version
		return err
	})
	for _, i := range which {
		if !same[p.records[i].ID] {
			changed = append(changed, i)
		}
	}
	return changed, err
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
