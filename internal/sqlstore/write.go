package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
)

// attempts is how often rows are looked at again that another writer inserted or
// deleted between our look and our write. After the last, they are a conflict.
const attempts = 5

// Look implements [backend.Store].
func (s Session) Look(ctx context.Context, t *backend.Table, scope any, records []backend.Record) ([]backend.Look, error) {
	w := newWriter(s, t, scope, records)
	pending, err := w.differing(ctx)
	looks := make([]backend.Look, len(records))
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
func (s Session) Write(ctx context.Context, t *backend.Table, scope any, records []backend.Record) ([]backend.Outcome, error) {
	w := newWriter(s, t, scope, records)
	pending, err := w.pending(ctx)
	if err == nil && len(pending) > 0 {
		err = backend.AsRun(ctx, s, t.Journaled, func() error { return w.all(ctx, pending) })
	}
	if err != nil {
		return nil, err
	}
	return w.outcomes, nil
}

// all writes the pending rows, and those that others write meanwhile again.
func (w *writer) all(ctx context.Context, pending []int) (err error) {
	for attempt := 0; err == nil && len(pending) > 0; attempt++ {
		if attempt == attempts {
			return w.giveUp(ctx, pending)
		}
		pending, err = w.write(ctx, pending)
	}
	return err
}

// writer decides what should be done with the records of a page, has it done, and
// keeps what became of each.
type writer struct {
	*page
	absent   []bool // by record: the look at the fingerprints found no row
	outcomes []backend.Outcome
}

func newWriter(s Session, t *backend.Table, scope any, records []backend.Record) *writer {
	return &writer{
		page:   &page{s, columns{t: t, scope: scope, records: records, rows: make([]backend.Row, len(records)), at: backend.Moment(time.Now())}},
		absent: make([]bool, len(records)), outcomes: make([]backend.Outcome, len(records)),
	}
}

// pending lists the records that are likely to be written.
func (w *writer) pending(ctx context.Context) ([]int, error) {
	again := func(r backend.Record) bool {
		return r.Look == backend.Unseen || w.t.Key != "" && r.Look == backend.Same // the caller needs its key
	}
	if slices.ContainsFunc(w.records, again) {
		return w.differing(ctx)
	}
	var pending []int
	for i, r := range w.records {
		if w.absent[i] = r.Look == backend.Absent; r.Look != backend.Same {
			pending = append(pending, i)
		}
	}
	return pending, nil
}

// differing lists the records whose fingerprint, or parent, is not the one stored.
func (w *writer) differing(ctx context.Context) ([]int, error) {
	all := make([]int, len(w.records))
	for i := range all {
		all[i] = i
	}
	if w.t.Hash == "" || len(all) == 0 {
		return all, nil
	}
	same := make([]bool, len(all))
	for i := range w.absent {
		w.absent[i] = true
	}
	err := w.look(ctx, func(i int, row looked) {
		w.absent[i] = false
		same[i] = row.same(w.t, w.records[i])
		if w.t.Key != "" {
			w.outcomes[i].Key = row.Key
		}
	})
	return slices.DeleteFunc(all, func(i int) bool { return same[i] }), err
}

// write inserts and updates the pending rows, and returns those that somebody else wrote
// meanwhile.
func (w *writer) write(ctx context.Context, pending []int) ([]int, error) {
	pending, err := w.mapped(ctx, pending)
	if err != nil {
		return nil, err
	}
	// Those that were absent a moment ago are not asked for again.
	known := slices.DeleteFunc(slices.Clone(pending), func(i int) bool { return w.absent[i] })
	differ, err := w.differ(ctx, known)
	if err != nil {
		return nil, err
	}
	stored, err := w.existing(ctx, slices.DeleteFunc(known, func(i int) bool { return differ[i] }))
	if err != nil {
		return nil, err
	}
	todo := w.sort(pending, differ, stored)
	// Of those that differ, all that a run writes is written, whatever others make of it until then.
	read := slices.DeleteFunc(slices.Concat(todo.update, todo.refresh), func(i int) bool { return differ[i] })
	again, err := w.lock(ctx, read, stored)
	if err != nil {
		return nil, err
	}
	if len(again) > 0 {
		todo = todo.without(again)
	}
	changed, err := updater{w.page}.update(ctx, todo.update)
	if err != nil {
		return nil, err
	}
	w.leave(changed)
	guarded := slices.DeleteFunc(todo.guarded, func(i int) bool { return slices.Contains(changed.gone, i) })
	refreshed, err := updater{w.page}.refresh(ctx, append(todo.refresh, guarded...))
	if err != nil {
		return nil, err
	}
	w.leave(refreshed)
	added, err := inserter{w.page}.insert(ctx, todo.create)
	if err != nil {
		return nil, err
	}
	w.add(added)
	return slices.Concat(again, changed.gone, added.again), nil
}

// add notes what became of rows that should be inserted.
func (w *writer) add(added inserted) {
	for _, i := range added.created {
		w.outcomes[i] = backend.Outcome{Change: backend.Created, New: w.rows[i], Key: w.keyOf(w.rows[i])}
	}
	for _, i := range added.again {
		w.absent[i] = false
	}
	w.refuse(added.refused)
}

// leave notes which rows stay as they are.
func (w *writer) leave(found updated) {
	for _, i := range found.older {
		w.outcomes[i] = backend.Outcome{Change: backend.Older, Key: w.outcomes[i].Key}
	}
	w.refuse(found.refused)
}

// refuse notes which rows the database refuses.
func (w *writer) refuse(refused []refusal) {
	for _, r := range refused {
		w.outcomes[r.row] = backend.Outcome{Err: r.err}
	}
}

// todo is what should be done with records. Guarded are those to update whose
// fingerprint stays as it is, only their parents differ: the trigger that guards it takes
// it away, and it is written again.
type todo struct{ create, update, refresh, guarded []int }

// without leaves out some records. None of them is among those to insert.
func (t todo) without(some []int) todo {
	among := func(i int) bool { return slices.Contains(some, i) }
	t.update, t.refresh, t.guarded = slices.DeleteFunc(t.update, among), slices.DeleteFunc(t.refresh, among), slices.DeleteFunc(t.guarded, among)
	return t
}

// sort decides what should be done with each of the mapped records: those that differ, and
// those that may.
func (w *writer) sort(pending []int, differ []bool, stored map[backend.ID]existing) (t todo) {
	for _, i := range pending {
		old, ok := stored[w.records[i].ID]
		w.outcomes[i] = backend.Outcome{Key: w.keyOf(old.row)}
		switch {
		case differ[i]:
			w.outcomes[i].Change, w.outcomes[i].New = backend.Updated, w.rows[i]
			t.update = append(t.update, i)
		case !ok:
			t.create = append(t.create, i)
		case old.canceled:
			w.outcomes[i].Change, w.outcomes[i].Old, w.outcomes[i].New = backend.Restored, old.row, w.rows[i]
			t.update = append(t.update, i)
		case w.t.Differs(old.row, old.misfits, w.rows[i]):
			w.outcomes[i].Change, w.outcomes[i].Old, w.outcomes[i].New = backend.Updated, old.row, w.rows[i]
			t.update = append(t.update, i)
			if w.t.Hash != "" && old.hash != nil && *old.hash == w.records[i].Hash {
				t.guarded = append(t.guarded, i)
			}
		case old.stale(w.t, w.rows[i]):
			t.refresh = append(t.refresh, i)
		}
	}
	return t
}

// mapped makes the rows of records, once, and returns the records that have one.
func (w *writer) mapped(ctx context.Context, pending []int) (good []int, err error) {
	var fresh []backend.Row
	for _, i := range pending {
		if w.rows[i].Pointers == nil {
			row, err := w.records[i].Map()
			if err == nil {
				err = w.large(i, row)
			}
			if err != nil && !w.records[i].Quarantine {
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
