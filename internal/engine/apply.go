package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Apply does what a diff says is to be done, in one transaction, and asks the
// remote for nothing. A row that does not look any more as it did when the diff
// was made is an error, and nothing is written.
func (m *Model) Apply(ctx context.Context, call Call, d *report.Diff) (report.Result, error) {
	call.Given = true
	r := newRun(m, call)
	err := r.fail(0, r.apply(ctx, d))
	return r.ended(ctx, err)
}

func (r *run) apply(ctx context.Context, d *report.Diff) error {
	if scope := r.m.scopeName(r.call.Scope); d.Model != r.m.Table.Name || d.Scope != scope {
		return fmt.Errorf("the diff is of %s (%s): apply it there", d.Model, d.Scope)
	}
	if len(d.Additional) > 0 && !r.call.Removal.On() {
		return fmt.Errorf("the diff removes %d rows, but removal is off: declare Remove, or give it with the call", len(d.Additional))
	}
	before := make(map[string][]report.Field, len(d.Changed))
	objects := make([]remote.Object, 0, len(d.Missing)+len(d.Changed))
	for _, m := range d.Missing {
		objects = append(objects, m.Object)
	}
	for _, c := range d.Changed {
		objects = append(objects, c.Object)
		before[c.ID] = c.Fields
	}
	p, err := r.accept(r.prepare(&remote.Page{Objects: objects}))
	if err != nil {
		return err
	}
	return r.transact(ctx, func(tx backend.Tx) error {
		if err := r.verifyWritten(ctx, tx, p, before); err != nil {
			return err
		}
		remove, err := r.verifyRemoved(ctx, tx, d.Additional)
		if err != nil {
			return err
		}
		if err := r.write(ctx, tx, p); err != nil {
			return err
		}
		if err := r.remove(ctx, tx, remove); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		return nil
	})
}

// verifyWritten says whether missing rows are still missing, and changed ones
// still differ as they did.
func (r *run) verifyWritten(ctx context.Context, tx backend.Tx, p *page, before map[string][]report.Field) error {
	if err := r.resolve(ctx, tx, p); err != nil {
		return err
	}
	local, err := r.m.loadAll(ctx, tx, r.call.Scope, p.rows)
	if err != nil {
		return err
	}
	children, err := r.compareChildren(ctx, tx, p, func(i int) (backend.ID, bool) { return r.m.localKey(local, p.rows[i].ID) })
	if err != nil {
		return err
	}
	for i, row := range p.rows {
		l, exists := local[row.ID]
		fields, changed := before[row.ID.String()]
		if exists != changed {
			return stale(row.ID, map[bool]string{true: "a row appeared", false: "the row is gone"}[exists])
		}
		if !exists {
			continue
		}
		rec, err := row.Map()
		if err != nil {
			return err
		}
		now, err := r.m.fields(l, rec)
		if err != nil {
			return err
		}
		if !sameJSON(append(now, children[i]...), fields) {
			return stale(row.ID, "the row was changed")
		}
	}
	return nil
}

// verifyRemoved says whether additional rows are still as they were, and gives
// their ids.
func (r *run) verifyRemoved(ctx context.Context, tx backend.Tx, additional []report.Additional) ([]backend.ID, error) {
	ids := make([]backend.ID, len(additional))
	rows := make(map[backend.ID]report.Row, len(additional))
	for i, a := range additional {
		id, err := r.m.parseID(a.ID)
		if err != nil {
			return nil, &recordError{a.ID, err}
		}
		ids[i], rows[id] = id, a.Row
	}
	for some := range slices.Chunk(ids, batch) {
		err := r.m.load(ctx, tx, r.call.Scope, some, func(l loaded) error {
			now, err := r.m.row(l)
			if err == nil && !sameJSON(now, rows[l.id]) {
				err = stale(l.id, "the row was changed")
			}
			delete(rows, l.id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for id := range rows {
		return nil, stale(id, "the row is gone")
	}
	return ids, nil
}

func stale(id backend.ID, what string) error {
	return &recordError{id.String(), fmt.Errorf("%w: %s since: check again", report.ErrStale, what)}
}

// parseID reads a remote id as diffs write it.
func (m *Model) parseID(text string) (backend.ID, error) {
	if m.Table.IDKind != backend.Int {
		return backend.TextID(text), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return backend.IntID(n), err
}

// sameJSON compares values in the form in which a diff may have been kept.
func sameJSON(a, b any) bool {
	x, err1 := json.Marshal(a, json.Deterministic(true))
	y, err2 := json.Marshal(b, json.Deterministic(true))
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
