package engine

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/compare"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
)

// errStop ends a run or a reading whose reader left.
var errStop = errors.New("stop")

// Differences compares a scope with what the remote lists, and yields what it
// finds as it finds it.
func Differences(ctx context.Context, m *model.Model, call Call) iter.Seq2[report.Difference, error] {
	return func(yield func(report.Difference, error) bool) {
		r := newRun(m, call)
		err := r.decide(ctx)
		if err == nil {
			err = r.compare(ctx, finder{found: func(d report.Difference) error {
				if !yield(d, nil) {
					return errStop
				}
				return nil
			}})
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(report.Difference{}, r.fail(0, err))
		}
	}
}

// check compares the scope with what the remote lists, and writes nothing.
func (r *run) check(ctx context.Context) error {
	diff := &report.Diff{
		Model: r.m.Table.Name, Scope: r.m.ScopeName(r.call.Scope),
		Missing: []report.Missing{}, Additional: []report.Additional{}, Changed: []report.Changed{}, // lists in JSON
	}
	if err := r.compare(ctx, finder{found: diff.Add, relisted: diff.Forget}); err != nil {
		return err
	}
	diff.Compared = r.listing.Size()
	diff.Doubt = r.listing.Doubt()
	r.result.Diff = diff
	return nil
}

// finder receives what a comparison finds.
type finder struct {
	found func(report.Difference) error
	// relisted, where set, is told which records a page lists again.
	relisted func(ids map[string]bool)
}

// compare finds the differences of every page, and then the rows that a run would
// remove.
func (r *run) compare(ctx context.Context, f finder) error {
	r.feed.Maker.Eager.Store(true) // every record is mapped
	comparison := &compare.Comparison{Writer: r.writer, Q: r.m.DB}
	for got, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(got, err)
		}
		p, err := r.accept(got)
		if err == nil {
			f.forget(p)
			err = comparison.Page(ctx, p, f.found)
		}
		if err != nil {
			return r.fail(got.Number, err)
		}
	}
	return r.fail(0, r.additional(ctx, f))
}

// forget drops what was found of the records that a page lists again: the last one
// counts.
func (f finder) forget(p *page.Page) {
	if f.relisted == nil || len(p.Relisted) == 0 {
		return
	}
	ids := make(map[string]bool, len(p.Relisted))
	for _, id := range p.Relisted {
		ids[id.String()] = true
	}
	f.relisted(ids)
}

// additional finds the rows that the run would remove: those that the remote does
// not list, and of a dry run, those that removal would take.
func (r *run) additional(ctx context.Context, f finder) error {
	find := r.unlisted
	if r.call.DryRun {
		find = r.removable
	}
	ids, err := find(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, rows.Batch) {
		err := rows.Load(ctx, r.m.DB, r.m, r.call.Scope, some, func(s rows.Stored) error {
			if s.Canceled {
				return nil // where it should be
			}
			row, err := rows.ByColumn(r.m, s)
			if err != nil {
				return err
			}
			return f.found(report.Difference{Additional: &report.Additional{ID: s.ID.String(), Row: row}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removable returns the rows that a run would remove.
func (r *run) removable(ctx context.Context) ([]backend.ID, error) {
	found, err := r.search().Find(ctx, nil)
	r.learn(found)
	return found.Gone, err
}

// unlisted returns the rows that the remote does not list, or says are gone.
func (r *run) unlisted(ctx context.Context) ([]backend.ID, error) {
	ids, _, err := rows.Absent(ctx, r.m.DB, r.m, r.call.Scope, model.Removal{}, r.listing.Has)
	for _, id := range r.listing.AllGone() {
		if r.listing.Has(idset.Key(id)) {
			ids = append(ids, id)
		}
	}
	return ids, err
}
