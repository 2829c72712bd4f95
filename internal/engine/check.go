package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// emit receives the differences that a comparing run finds.
type emit func(report.Difference) error

// check compares the scope with what the remote lists, and writes nothing.
func (r *run) check(ctx context.Context) error {
	diff := r.newDiff()
	r.again = diff.Forget
	if err := r.compareAll(ctx, diff.Add); err != nil {
		return err
	}
	diff.Compared = r.tally.size()
	diff.Doubt = r.totals.doubt(r.tally.size())
	r.result.Diff = diff
	return nil
}

func (r *run) newDiff() *report.Diff {
	return &report.Diff{
		Model: r.m.Table.Name, Scope: r.m.scopeName(r.call.Scope),
		Missing: []report.Missing{}, Additional: []report.Additional{}, Changed: []report.Changed{}, // lists in JSON
	}
}

// errStop ends a run or a reading whose reader left.
var errStop = errors.New("stop")

// Differences compares a scope with what the remote lists, and yields what it
// finds as it finds it.
func (m *Model) Differences(ctx context.Context, call Call) iter.Seq2[report.Difference, error] {
	return func(yield func(report.Difference, error) bool) {
		r := newRun(m, call)
		err := r.decide(ctx)
		if err == nil {
			err = r.compareAll(ctx, func(d report.Difference) error {
				if !yield(d, nil) {
					return errStop
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(report.Difference{}, r.fail(0, err))
		}
	}
}

// compareAll emits the differences of every page, and then the rows that a run
// would remove.
func (r *run) compareAll(ctx context.Context, found emit) error {
	r.eager.Store(true) // every record is mapped
	for received, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(received, err)
		}
		if r.again != nil {
			r.again(r.repeated(received.Page))
		}
		p, err := r.accept(received)
		if err == nil {
			err = r.compare(ctx, p, found)
		}
		if err != nil {
			return r.fail(received.Number, err)
		}
	}
	return r.fail(0, r.additional(ctx, found))
}

// repeated lists the ids of a page that an earlier page listed: the last one
// seen counts. Records without an id are accept's to tell.
func (r *run) repeated(p *remote.Page) map[string]bool {
	again := map[string]bool{}
	for _, o := range p.Objects {
		if id, err := r.m.Plan.ID(o); err == nil && r.tally.has(idset.Key(id)) {
			again[id.String()] = true
		}
	}
	return again
}

// compare emits the differences of a page.
func (r *run) compare(ctx context.Context, p *page, found emit) error {
	if err := r.resolve(ctx, r.m.DB, p); err != nil {
		return err
	}
	mapped, err := r.mapAll(ctx, r.m.DB, p)
	if err != nil {
		return err
	}
	if p, mapped, err = r.different(ctx, p, mapped); err != nil || len(p.rows) == 0 {
		return err
	}
	local, err := r.m.loadAll(ctx, r.m.DB, r.call.Scope, p.rows)
	if err != nil {
		return err
	}
	children, err := r.compareChildren(ctx, r.m.DB, p, mapped.keyOf(func(i int) (backend.ID, bool) { return r.m.localKey(local, p.rows[i].ID) }))
	if err != nil {
		return err
	}
	for i, row := range p.rows {
		rec := mapped.records[i]
		d := report.Difference{}
		if err := mapped.bad[i]; err != nil {
			d.Invalid = &report.Invalid{ID: row.ID.String(), Error: reason(err)}
		} else if mapped.older[i] {
			d.Older = &report.Older{ID: row.ID.String()}
		} else if l, ok := local[row.ID]; !ok {
			d.Missing = &report.Missing{ID: row.ID.String(), Object: p.objects[i].Clone()} // it outlives the page
		} else if fields, err := r.m.fields(l, rec); err != nil {
			return err
		} else if fields = append(fields, children[i]...); len(fields) > 0 {
			d.Changed = &report.Changed{ID: row.ID.String(), Fields: fields, Object: p.objects[i].Clone()} // it outlives the page
		} else {
			continue
		}
		if err := found(d); err != nil {
			return err
		}
	}
	return nil
}

// different leaves out of a page what is stored as it was mapped, of a model whose
// table is all that there is of it: most rows of most runs, in a third of the time
// that it takes to read them.
func (r *run) different(ctx context.Context, p *page, m mapped) (*page, mapped, error) {
	if len(r.m.Associations) > 0 || r.m.Table.Translations != nil {
		return p, m, nil
	}
	var ids []backend.ID
	var good []backend.Row
	for i, row := range p.rows {
		if m.bad[i] == nil && !m.older[i] {
			ids, good = append(ids, row.ID), append(good, m.records[i])
		}
	}
	same, err := r.m.DB.Same(ctx, r.m.Table, r.call.Scope, ids, good)
	if err != nil {
		return nil, m, fmt.Errorf("compare rows: %w", err)
	}
	rest := newPage(p.number, 0)
	var left mapped
	for i, n := 0, 0; i < len(p.rows); i++ {
		if m.bad[i] == nil && !m.older[i] {
			if n++; same[n-1] {
				continue
			}
		}
		rest.add(p.rows[i], p.objects[i], p.keys[i]...)
		left.records, left.bad, left.older = append(left.records, m.records[i]), append(left.bad, m.bad[i]), append(left.older, m.older[i])
	}
	return rest, left, nil
}

// loadAll reads the rows of a page as they are stored.
func (m *Model) loadAll(ctx context.Context, q backend.Querier, scope any, rows []backend.Record) (map[backend.ID]loaded, error) {
	local := make(map[backend.ID]loaded, len(rows))
	ids := make([]backend.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	var records []backend.Row
	err := m.load(ctx, q, scope, ids, func(l loaded) error {
		local[l.id], records = l, append(records, l.rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return local, m.translate(ctx, q, records...)
}

// fields lists the columns in which a row differs.
func (m *Model) fields(l loaded, rec backend.Row) ([]report.Field, error) {
	var fields []report.Field
	for _, c := range m.Table.Differences(l.rec, l.nulls, rec) {
		f := report.Field{Column: m.Table.Columns[c].Name}
		var err error
		if !l.nulls[c] {
			if f.Local, err = backend.Plain(l.rec.Pointers[c]); err != nil {
				return nil, err
			}
		}
		if f.Remote, err = backend.Plain(rec.Pointers[c]); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	fields = append(fields, m.textFields(l.rec, rec)...)
	if l.canceled {
		fields = append(fields, report.Field{Column: m.Table.Canceled, Local: "cancelled"})
	}
	return fields, nil
}

// additional emits the rows that the run would remove: those that the remote
// does not list, and of a dry run, those that removal would take.
func (r *run) additional(ctx context.Context, found emit) error {
	find := r.unlisted
	if r.call.DryRun {
		find = func(ctx context.Context) ([]backend.ID, error) { return r.toRemove(ctx, nil) }
	}
	ids, err := find(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, batch) {
		err := r.m.load(ctx, r.m.DB, r.call.Scope, some, func(l loaded) error {
			if l.canceled {
				return nil // where it should be
			}
			row, err := r.m.row(l)
			if err != nil {
				return err
			}
			return found(report.Difference{Additional: &report.Additional{ID: l.id.String(), Row: row}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unlisted are the rows that the remote does not list, or says are gone.
func (r *run) unlisted(ctx context.Context) ([]backend.ID, error) {
	ids, _, err := r.m.absent(ctx, r.m.DB, r.call.Scope, Removal{}, r.tally.has)
	for id := range r.gone {
		if r.tally.has(idset.Key(id)) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// row is a row by its columns.
func (m *Model) row(l loaded) (report.Row, error) {
	row := report.Row{}
	for c, column := range m.Table.Columns {
		var v any
		if !l.nulls[c] {
			var err error
			if v, err = backend.Plain(l.rec.Pointers[c]); err != nil {
				return nil, err
			}
		}
		row[column.Name] = v
	}
	return row, nil
}
