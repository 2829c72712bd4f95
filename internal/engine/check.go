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
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/report"
)

// errStop ends a run or a reading whose reader left.
var errStop = errors.New("stop")

// Differences compares a scope with what the remote lists, and yields what it
// finds as it finds it.
func Differences(ctx context.Context, m *model.Model, call Call) iter.Seq2[report.Difference, error] {
	return func(yield func(report.Difference, error) bool) {
		r := newRun(m, call)
		c := comparing{run: r, found: func(d report.Difference) error {
			if !yield(d, nil) {
				return errStop
			}
			return nil
		}}
		_, err := told{run: r, call: "Differences"}.of(ctx, func(ctx context.Context) error {
			if err := c.compare(ctx); !errors.Is(err, errStop) {
				return err
			}
			return nil
		})
		if err != nil {
			yield(report.Difference{}, err)
		}
	}
}

// check compares the scope with what the remote lists, and writes nothing.
func check(ctx context.Context, r *run) error {
	d := newDiff(r.m.Table.Name, r.m.ScopeName(r.call.Scope))
	c := comparing{run: r, found: d.add, relisted: d.forget}
	if err := c.compare(ctx); err != nil {
		return err
	}
	d.Compared = r.listing.Size()
	d.Doubt = c.doubt(c.absent)
	r.result.Diff = d.Diff
	return nil
}

// comparing compares a scope with what the remote lists.
type comparing struct {
	*run
	found func(report.Difference) error
	// relisted, where set, is told which records a page lists again.
	relisted func(ids map[string]bool)
	// asked reports whether the remote was asked for absent records.
	asked bool
	// absent is how many rows were found additional that the remote does not call
	// deleted.
	absent int
}

// compare finds the differences of every page, and then the rows that a run would
// remove.
func (c *comparing) compare(ctx context.Context) error {
	if err := alive(ctx); err != nil {
		return err
	}
	if err := c.decide(ctx); err != nil {
		return err
	}
	defer windows{c.run}.end()
	c.feed.Maker.Eager.Store(true) // every record is mapped
	comparison := &compare.Comparison{Writer: c.writer, Q: c.m.DB}
	for got, err := range (reader{c.run}).pages(ctx) {
		if err != nil {
			return c.notReceived(got, err)
		}
		differs := false
		found := func(d report.Difference) error {
			differs = true
			return c.found(d)
		}
		p, err := c.acceptPage(ctx, got)
		if err == nil {
			err = wholes{c.run}.named(ctx, p)
		}
		if err == nil {
			c.forget(p)
			for _, part := range (wholes{c.run}).parts(p) {
				if err = (wholes{c.run}).complete(ctx, part); err == nil {
					err = comparison.Page(ctx, part, found)
				}
				if err != nil {
					break
				}
			}
		}
		if err != nil {
			return c.fail(got.Number, err)
		}
		if !differs {
			c.reuse(got)
		}
	}
	return c.additional(ctx)
}

// reuse gives the memory of a page in which nothing differs, and of its rows, to those that
// come, where nothing of the service's has seen them. A check takes 0.9 of the processor time.
func (c *comparing) reuse(p *page.Received) {
	if c.m.Plain() && c.m.Plan.Closed() && !c.listing.KeepsBytes() {
		c.feed.Maker.Reuse(p)
		c.feed.Recycle(p)
	}
}

// forget drops what was found of the records that a page lists again: the last one
// counts.
func (c *comparing) forget(p *page.Page) {
	if c.relisted == nil || len(p.Relisted) == 0 {
		return
	}
	ids := make(map[string]bool, len(p.Relisted))
	for _, id := range p.Relisted {
		ids[id.String()] = true
	}
	c.relisted(ids)
}

// additional finds the rows that the run would remove: those that the remote does
// not list, and of a dry run, those that removal would take.
func (c *comparing) additional(ctx context.Context) error {
	find := c.unlisted
	if c.call.DryRun {
		find = c.removable
	}
	ids, err := find(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, 100) { // they are held, whole objects and all
		var list []rows.Stored // who is told of them may need the connection
		err := rows.Load(ctx, c.m.DB, c.m, c.call.Scope, some, func(s rows.Stored) error {
			list = append(list, s)
			return nil
		})
		for i := 0; err == nil && i < len(list); i++ {
			err = c.foundAdditional(ctx, list[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// foundAdditional tells of a row that the run would remove, unless it is canceled, as
// it should be.
func (c *comparing) foundAdditional(ctx context.Context, s rows.Stored) error {
	if s.Canceled {
		return nil
	}
	row, err := rows.ByColumn(c.m, s)
	if err != nil {
		return err
	}
	found := report.Difference{Additional: &report.Additional{ID: s.ID.String(), Row: row, Deleted: c.listing.IsGone(s.ID)}}
	if !found.Additional.Deleted {
		c.absent++
		found.Additional.Verified, found.Doubt = c.asked, secret.Of(ctx).Within(c.doubt(1))
	}
	return c.found(found)
}

// removable returns the rows that a run would remove.
func (c *comparing) removable(ctx context.Context) ([]backend.ID, error) {
	found, err := c.search().Find(ctx, nil)
	c.learn(ctx, found)
	c.asked = found.Asked
	return found.Gone, err
}

// doubt returns why additional rows may exist, as many as are given, that the remote
// does not call deleted; "" when nothing speaks for it.
func (c *comparing) doubt(additional int) string {
	if doubt := c.listing.Doubt(); doubt != "" {
		return doubt
	}
	// A run that removes would have asked for them first, and Apply may be told to remove
	// although removal is off here.
	always := c.call.Removal.Verify == model.VerifyAlways
	if _, can := c.m.Getter(c.call.API); !can && !always || c.call.DryRun || c.call.Removal.Verify == model.VerifyNever {
		return ""
	}
	absence := proof.Absence{List: &c.listing.Evidence, Listed: c.listing.Size(), Given: c.call.Given, Rows: additional, Always: always}
	return absence.Unasked()
}

// unlisted returns the rows that the remote does not list, or says are gone.
func (c *comparing) unlisted(ctx context.Context) ([]backend.ID, error) {
	ids, _, err := rows.Absent(ctx, c.m.DB, c.m, c.call.Scope, model.Removal{}, c.listing.Has)
	for _, id := range c.listing.AllGone() {
		if c.listing.Has(idset.Key(id)) {
			ids = append(ids, id)
		}
	}
	return ids, err
}
