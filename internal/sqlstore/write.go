package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// attempts is how often rows are looked at again that another writer inserted or
// deleted between our look and our write. After the last, they are a conflict.
const attempts = 5

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
	for attempt := 0; err == nil && len(pending) > 0; attempt++ {
		if attempt == attempts {
			err = w.conflict(ctx, pending)
			break
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
	absent   []bool        // by record: the look at the fingerprints found no row
	rows     []backend.Row // by record, as it should be stored; made when first needed
	outcomes []backend.Outcome
}

func newWriter(s Session, t *backend.Table, scope any, page []backend.Record) *writer {
	return &writer{
		Session: s, t: t, scope: scope, page: page,
		absent: make([]bool, len(page)), rows: make([]backend.Row, len(page)), outcomes: make([]backend.Outcome, len(page)),
	}
}

// pending lists the records that are likely to be written.
func (w *writer) pending(ctx context.Context) ([]int, error) {
	if w.t.Key != "" || slices.ContainsFunc(w.page, func(r backend.Record) bool { return r.Look == backend.Unseen }) {
		return w.differing(ctx)
	}
	var pending []int
	for i, r := range w.page {
		if w.absent[i] = r.Look == backend.Absent; r.Look != backend.Same {
			pending = append(pending, i)
		}
	}
	return pending, nil
}

// write inserts and updates the pending rows, and returns those that somebody
// else inserted or deleted meanwhile.
func (w *writer) write(ctx context.Context, pending []int) ([]int, error) {
	stored, err := w.load(ctx, pending)
	if err != nil {
		return nil, err
	}
	todo, err := w.sort(ctx, pending, stored)
	if err != nil {
		return nil, err
	}
	deleted, err := w.update(ctx, todo.update)
	if err != nil {
		return nil, err
	}
	if err := w.refresh(ctx, todo.refresh); err != nil {
		return nil, err
	}
	inserted, err := w.insert(ctx, todo.create)
	return append(deleted, inserted...), err
}

// todo is what should be done with records.
type todo struct{ create, update, refresh []int }

// sort maps records and decides what should be done with each.
func (w *writer) sort(ctx context.Context, pending []int, stored map[backend.ID]existing) (t todo, err error) {
	if pending, err = w.mapped(ctx, pending); err != nil {
		return t, err
	}
	for _, i := range pending {
		old, ok := stored[w.page[i].ID]
		w.outcomes[i] = backend.Outcome{Key: w.keyOf(old.row)}
		switch {
		case !ok:
			t.create = append(t.create, i)
		case old.canceled:
			w.outcomes[i].Change, w.outcomes[i].Old, w.outcomes[i].New = backend.Restored, old.row, w.rows[i]
			t.update = append(t.update, i)
		case w.t.Differs(old.row, old.nulls, w.rows[i]):
			w.outcomes[i].Change, w.outcomes[i].Old, w.outcomes[i].New = backend.Updated, old.row, w.rows[i]
			t.update = append(t.update, i)
		case w.stale(i, old):
			t.refresh = append(t.refresh, i)
		}
	}
	return t, nil
}

// mapped makes the rows of records, once, and returns the records that have one.
func (w *writer) mapped(ctx context.Context, pending []int) (good []int, err error) {
	var fresh []backend.Row
	for _, i := range pending {
		if w.rows[i].Pointers == nil {
			row, err := w.page[i].Map()
			if err != nil && !w.page[i].Quarantine {
				return nil, err
			} else if err != nil {
				w.outcomes[i] = backend.Outcome{Err: err}
				continue
			}
			w.rows[i], fresh = row, append(fresh, row)
		}
		good = append(good, i)
	}
	return good, w.Settle(ctx, w.t, fresh)
}

// keyOf returns the local key of a row, where the table asks for it.
func (w *writer) keyOf(row backend.Row) backend.ID {
	if w.t.Key == "" || row.Pointers == nil {
		return backend.ID{}
	}
	v, _ := backend.Plain(row.Pointers[w.t.Index(w.t.Key)]) // it came from the database
	return backend.AnyID(v)
}

// selecting reads columns of the rows of records.
func (w *writer) selecting(which []int, columns ...string) squirrel.Sqlizer {
	return w.dialect.Lookup(w.t, w.scope, w.ids(which), columns)
}

func (w *writer) ids(which []int) []backend.ID {
	ids := make([]backend.ID, len(which))
	for n, i := range which {
		ids[n] = w.page[i].ID
	}
	return ids
}
