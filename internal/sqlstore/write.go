package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Look implements [backend.Store].
func (s Session) Look(ctx context.Context, t *backend.Table, scope any, page []backend.Record) ([]backend.Look, error) {
	w := newWriter(s, t, scope, page)
	pending, err := w.differing(ctx)
	looks := make([]backend.Look, len(page))
	for i := range looks {
		looks[i] = backend.Same
	}
	for _, i := range pending {
		if looks[i] = backend.Differs; w.absent[i] {
			looks[i] = backend.Absent
		}
	}
	return looks, err
}

// Write implements [backend.Tx].
func (s Session) Write(ctx context.Context, t *backend.Table, scope any, page []backend.Record) ([]backend.Outcome, error) {
	w := newWriter(s, t, scope, page)
	pending, err := w.pending(ctx)
	// Rows that another writer inserts or deletes between our look and our write
	// are looked at once more; that they come and go each time is not believed.
	for attempt := 0; err == nil && len(pending) > 0; attempt++ {
		if attempt == 5 {
			return nil, w.conflict(ctx, pending[0])
		}
		pending, err = w.write(ctx, pending)
	}
	if err != nil {
		return nil, err
	}
	return w.outcomes, nil
}

// writer writes one page.
type writer struct {
	Session
	t        *backend.Table
	scope    any
	page     []backend.Record
	absent   []bool        // by row: the look at the fingerprints found none
	records  []backend.Row // by row; made when first needed
	outcomes []backend.Outcome
}

func newWriter(s Session, t *backend.Table, scope any, page []backend.Record) *writer {
	return &writer{Session: s, t: t, scope: scope, page: page,
		outcomes: make([]backend.Outcome, len(page)), records: make([]backend.Row, len(page)), absent: make([]bool, len(page))}
}

// existing is a row as it is stored.
type existing struct {
	rec      backend.Row
	nulls    []bool
	hash     *int64
	canceled bool
}

// pending lists the rows that are likely to be written.
func (w *writer) pending(ctx context.Context) ([]int, error) {
	if w.t.Key != "" || slices.ContainsFunc(w.page, func(row backend.Record) bool { return row.Look == backend.Unseen }) {
		return w.differing(ctx)
	}
	var pending []int
	for i, row := range w.page {
		if w.absent[i] = row.Look == backend.Absent; row.Look != backend.Same {
			pending = append(pending, i)
		}
	}
	return pending, nil
}

// differing lists the rows whose fingerprint, or parent, is not the one stored.
// Most runs end here, having sent the ids of the page and nothing else.
func (w *writer) differing(ctx context.Context) ([]int, error) {
	all := make([]int, len(w.page))
	for i := range all {
		all[i] = i
	}
	if w.t.Hash == "" || len(all) == 0 {
		return all, nil
	}
	index := w.index()
	same := make([]bool, len(all))
	for i := range w.absent {
		w.absent[i] = true
	}
	err := w.look(ctx, w.ids(all), func(id backend.ID, hash *int64, key backend.ID, parent string) {
		i, ok := index.Find(id)
		if !ok {
			return
		}
		w.absent[i] = false
		same[i] = hash != nil && *hash == w.page[i].Hash && (w.t.Parent == "" || parent == w.page[i].Parent.String())
		if w.t.Key != "" {
			w.outcomes[i].Key = key
		}
	})
	return slices.DeleteFunc(all, func(i int) bool { return same[i] }), err
}

// selecting reads columns of the given rows of the page.
func (w *writer) selecting(which []int, columns ...string) squirrel.Sqlizer {
	return w.D.Lookup(w.t, w.scope, w.ids(which), columns)
}

func (w *writer) ids(which []int) []backend.ID {
	ids := make([]backend.ID, len(which))
	for n, i := range which {
		ids[n] = w.page[i].ID
	}
	return ids
}

// write inserts and updates the pending rows, and returns those that somebody
// else inserted or deleted meanwhile.
func (w *writer) write(ctx context.Context, pending []int) ([]int, error) {
	stored, err := w.load(ctx, pending)
	if err != nil {
		return nil, err
	}
	var create, update, refresh []int
	for _, i := range pending {
		if err := w.mapped(i); err != nil && !w.page[i].Quarantine {
			return nil, err
		} else if err != nil {
			w.outcomes[i] = backend.Outcome{Err: err}
			continue
		}
		old, ok := stored[w.page[i].ID]
		w.outcomes[i] = backend.Outcome{Key: w.keyOf(old.rec)}
		switch {
		case !ok:
			create = append(create, i)
		case old.canceled || w.t.Differs(old.rec, old.nulls, w.records[i]):
			w.outcomes[i].Change, w.outcomes[i].Old, w.outcomes[i].New = backend.Updated, old.rec, w.records[i]
			if old.canceled {
				w.outcomes[i].Change = backend.Restored
			}
			update = append(update, i)
		case w.stale(i, old):
			refresh = append(refresh, i)
		}
	}
	deleted, err := w.update(ctx, update)
	if err != nil {
		return nil, err
	}
	if err := w.refresh(ctx, refresh); err != nil {
		return nil, err
	}
	inserted, err := w.insert(ctx, create)
	return append(deleted, inserted...), err
}

// keyOf is the local key of a record, where the table asks for it.
func (w *writer) keyOf(rec backend.Row) backend.ID {
	for c, column := range w.t.Columns {
		if column.Name == w.t.Key && w.t.Key != "" && rec.Pointers != nil {
			v, _ := backend.Plain(rec.Pointers[c]) // it came from the database
			return backend.AnyID(v)
		}
	}
	return backend.ID{}
}

// mapped makes the record of a row, once.
func (w *writer) mapped(i int) (err error) {
	if w.records[i].Pointers == nil {
		w.records[i], err = w.page[i].Map()
	}
	return err
}

// load reads the pending rows as they are stored, without asking once more for
// those that were not there a moment ago.
func (w *writer) load(ctx context.Context, pending []int) (map[backend.ID]existing, error) {
	pending = slices.DeleteFunc(slices.Clone(pending), func(i int) bool { return w.absent[i] })
	if len(pending) == 0 {
		return nil, nil
	}
	columns := append(w.t.Selected(), "NULL", "false")
	if w.t.Hash != "" {
		columns[len(columns)-2] = store.Quote(w.t.Hash)
	}
	if w.t.Canceled != "" {
		columns[len(columns)-1] = store.Quote(w.t.Canceled) + " IS NOT NULL"
	}
	rows, err := w.Query(ctx, w.selecting(pending, columns...))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	stored := make(map[backend.ID]existing, len(pending))
	for rows.Next() {
		var e existing
		var id backend.ID
		if id, e.rec, e.nulls, err = w.t.Scan(rows, &e.hash, &e.canceled); err != nil {
			return nil, err
		}
		stored[id] = e
	}
	return stored, rows.Err()
}

// stale says that a row is unchanged, and only its fingerprint is not: it has
// none, or one that an older declaration made of the same object. An object that
// merely came in another spelling keeps the fingerprint of the stored one, so
// that a remote without a fixed order of members does not rewrite rows.
func (w *writer) stale(i int, old existing) bool {
	if w.t.Hash == "" || old.hash == nil {
		return w.t.Hash != ""
	}
	for c, column := range w.t.Columns {
		if column.Name == w.t.Data {
			stored, err1 := backend.Plain(old.rec.Pointers[c])
			received, err2 := backend.Plain(w.records[i].Pointers[c])
			return err1 == nil && err2 == nil && stored == received
		}
	}
	return true
}
