package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// page is a page whose ids were read, on its way into the table.
type page struct {
	number int
	// cursor is where a pass goes on after the page, "" where that can't be told.
	cursor string
	// from is the page as it was received, of one that the API listed.
	from *received
	rows []backend.Record
	// objects are those of the rows, and keys what else fills them.
	objects []remote.Object
	keys    [][]plan.Key
	// same are the keys of the records whose rows are as they were, where the page
	// was looked at before. They are none of the rows.
	same []uint64
	// waiting are the rows whose parent is not here, once the page is resolved.
	waiting  []waiting
	resolved bool
	// held are those of the rows that were in quarantine, once they are taken out.
	held map[backend.ID]ledger.Quarantined
}

// newPage is an empty page, for so many rows.
func newPage(number, rows int) *page {
	return &page{number: number, rows: make([]backend.Record, 0, rows), objects: make([]remote.Object, 0, rows), keys: make([][]plan.Key, 0, rows)}
}

// accept takes note of what a page says. Its errors come before anything of the
// page is written; those of the first page, before anything is written at all.
func (r *run) accept(p *received) (*page, error) {
	r.result.Pages++
	r.result.Records += len(p.Objects)
	r.result.Requests += p.Requests
	r.result.Bytes += p.Bytes
	if p.NotModified || r.result.NotModified {
		return r.acceptNotModified(p.Page)
	}
	r.totals.add(p.Page)
	r.shifting = r.shifting || p.Shifting
	if r.result.Pages == 1 {
		if !r.result.Resumed {
			r.validator = p.Validator
		}
		r.tally.keeps = p.Cursor != "" && r.resumable()
	}
	if r.result.Pages == 1 && r.plan.StoreTime && !r.result.Resumed {
		if err := r.clock.start(r.plan.Sources, p.Page, r.started); err != nil {
			return nil, err
		}
	}
	if r.result.Pages == 1 && r.call.Removal.On() && !r.plan.Since.IsZero() && p.DeletedIDs == nil && r.m.Tombstone == nil {
		return nil, report.ErrDeletionsUnknown
	}
	accepted := newPage(p.Number, len(p.Objects))
	accepted.from, accepted.cursor = p, p.Cursor
	var first idindex.Index
	for i, o := range p.Objects {
		row, err := p.records[i].row, p.records[i].err
		if err != nil {
			return nil, &recordError{fmt.Sprintf("no. %d", i+1), err}
		}
		id := row.ID
		if before, twice := first.Add(id, i); twice {
			if bytes.Equal(o.Raw(), p.Objects[before].Raw()) {
				continue
			}
			return nil, &recordError{id.String(), fmt.Errorf("%w: no. %d and no. %d", report.ErrDuplicateID, before+1, i+1)}
		}
		if err := r.record(accepted, row, o); err != nil {
			return nil, &recordError{id.String(), err}
		}
	}
	for i, v := range p.DeletedIDs {
		id, err := r.m.Plan.ParseID(v)
		if err != nil {
			return nil, fmt.Errorf("deleted id no. %d: %w", i+1, err)
		}
		if _, both := first.Find(id); !both {
			r.gone[id] = struct{}{}
		}
	}
	return accepted, nil
}

// notReceived takes note of what a page cost that did not come.
func (r *run) notReceived(p *received, err error) error {
	if p != nil {
		r.result.Requests += p.Requests
		r.result.Bytes += p.Bytes
	}
	return r.fail(r.result.Pages+1, err)
}

// record takes in one record. What the remote says last about a record counts:
// listed after it was deleted, it exists; deleted after it was listed, it is
// gone.
func (r *run) record(p *page, row backend.Record, o remote.Object) error {
	id := row.ID
	if err := r.clock.record(o); err != nil {
		return err
	}
	if first := r.tally.list(idset.Key(id)); !first {
		row.Look = backend.Unseen // what the page says that listed it is not written yet
	}
	if r.call.Removal.On() && r.m.Tombstone != nil && r.m.Tombstone(o) {
		r.gone[id] = struct{}{}
		return nil
	}
	delete(r.gone, id)
	if row.Look == backend.Same {
		p.same = append(p.same, idset.Key(id))
		return nil
	}
	p.add(row, o)
	return nil
}

// add takes in a row, and the object that it is made of.
func (p *page) add(row backend.Record, o remote.Object, keys ...plan.Key) {
	p.rows, p.objects, p.keys = append(p.rows, row), append(p.objects, o), append(p.keys, keys)
}

// plain says that nothing beside a row belongs to a record.
func (m *Model) plain() bool {
	return len(m.Parents)+len(m.Associations) == 0 && m.Table.Translations == nil
}

// write writes a page and calls the handler.
func (r *run) write(ctx context.Context, tx backend.Tx, p *page) error {
	if err := r.dropValidator(ctx, tx); err != nil {
		return err
	}
	if err := r.takePage(ctx, tx, p); err != nil {
		return err
	}
	if err := r.resolve(ctx, tx, p); err != nil {
		return err
	}
	outcomes, err := tx.Write(ctx, r.m.Table, r.call.Scope, p.rows)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	r.foresee(p, outcomes)
	if err := r.setAside(ctx, tx, p, outcomes); err != nil {
		return err
	}
	r.count(r.counts(), p, outcomes)
	if !r.pass() {
		if err := r.touched(ctx, tx, p.rows, outcomes); err != nil {
			return fmt.Errorf("note rows for a pass that is under way: %w", err)
		}
	}
	good, written := p.written(outcomes)
	if err := r.writeTranslations(ctx, tx, good, written); err != nil {
		return err
	}
	if err := r.handle(ctx, tx, changes(p.rows, outcomes)); err != nil {
		return err
	}
	if err := r.await(ctx, tx, good.waiting); err != nil {
		return err
	}
	if err := r.mendChildren(ctx, tx, p, outcomes); err != nil {
		return err
	}
	return r.writeChildren(ctx, tx, p, outcomes)
}

// count counts what became of a page's records.
func (r *run) count(c *report.Counts, p *page, outcomes []backend.Outcome) {
	for _, key := range p.same {
		r.tally.count(c, key, 0)
	}
	for i, o := range outcomes {
		if key := idset.Key(p.rows[i].ID); o.Err != nil {
			r.tally.aside(c, key)
		} else {
			r.tally.count(c, key, kinds[o.Change])
		}
	}
}

// left says that a row stays as it is, with all that belongs to it: its record
// was set aside, or is older.
func left(o backend.Outcome) bool { return o.Err != nil || o.Change == backend.Older }

// written is a page without the rows that were left as they are.
func (p *page) written(outcomes []backend.Outcome) (*page, []backend.Outcome) {
	if !slices.ContainsFunc(outcomes, left) {
		return p, outcomes
	}
	good := &page{number: p.number}
	var of []backend.Outcome
	aside := map[backend.ID]bool{}
	for i, o := range outcomes {
		if aside[p.rows[i].ID] = left(o); !left(o) {
			good.add(p.rows[i], p.objects[i], p.keys[i]...)
			of = append(of, o)
		}
	}
	good.waiting = slices.DeleteFunc(slices.Clone(p.waiting), func(w waiting) bool { return aside[w.id] })
	return good, of
}

// appeared are the rows of a page that were not here before.
func appeared(rows []backend.Record, outcomes []backend.Outcome) []backend.ID {
	var ids []backend.ID
	for i, o := range outcomes {
		if o.Change == backend.Created || o.Change == backend.Restored {
			ids = append(ids, rows[i].ID)
		}
	}
	return ids
}

// kinds are the kinds of change by what became of a row.
var kinds = map[backend.Change]report.Kind{backend.Created: report.Created, backend.Updated: report.Updated, backend.Restored: report.Restored, backend.Older: older}

func changes(rows []backend.Record, outcomes []backend.Outcome) []Change {
	var list []Change
	for i, o := range outcomes {
		if o.Change != backend.Unchanged && o.Change != backend.Older {
			list = append(list, Change{Kind: kinds[o.Change], ID: rows[i].ID, Old: o.Old.Value, New: o.New.Value})
		}
	}
	return list
}

// handle calls the service's handler, where there is one and something changed,
// and puts the changes into the outbox. They are noted before the handler has the
// rows in its hands.
func (r *run) handle(ctx context.Context, tx backend.Tx, list []Change) error {
	if len(list) == 0 {
		return nil
	}
	if err := r.note(list); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if r.m.OnChange == nil {
		return nil
	}
	if err := r.m.OnChange(ctx, tx, list); err != nil {
		return fmt.Errorf("OnChange: %w", err)
	}
	return nil
}
