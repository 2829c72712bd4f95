package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
)

// mostExpanded is how many records of a page are asked for by themselves before they are
// written: they are held, whole objects and all.
const mostExpanded = 500

// parts cuts a page where its records are asked for by themselves: each part is written once
// its records are here. The last one has the position after the page.
func (w wholes) parts(p *page.Page) []*page.Page {
	if !w.feed.Maker.Summaries || len(p.Records) <= mostExpanded {
		return []*page.Page{p}
	}
	var parts []*page.Page
	for some := range slices.Chunk(p.Records, mostExpanded) {
		parts = append(parts, &page.Page{Number: p.Number, Records: some, Relisted: p.Relisted})
	}
	last := parts[len(parts)-1]
	last.Position, last.From, last.Same = p.Position, p.From, p.Same
	return parts
}

// expand asks for the records of a page of which it has summaries, but for those whose rows
// were made of the same summaries.
func (w wholes) expand(ctx context.Context, p *page.Page) error {
	rest, err := w.changed(ctx, p)
	if err != nil || len(rest) == 0 {
		return err
	}
	kept, err := rows.Objects(ctx, w.m.DB, w.m, w.call.Scope, idsOf(rest))
	if err != nil {
		return err
	}
	var ask []*page.Record
	for _, r := range rest {
		if !r.Partial() || r.Named {
			continue // it was asked for
		}
		base, here := kept[r.ID]
		if here && base.Hash != nil && w.m.Plan.Refingerprint(*base.Hash) == r.Hash && !slices.Contains(p.Relisted, r.ID) && (*base.Hash == r.Hash || !w.m.Redactor.Hashes()) {
			r.Whole(base.Object)
			w.remember(p, r, nil)
			continue
		}
		ask = append(ask, r)
	}
	return w.find(ctx, p, ask)
}

// changed leaves out the records whose rows are of their summaries, as far as nothing else
// than the row is looked at.
func (w wholes) changed(ctx context.Context, p *page.Page) ([]*page.Record, error) {
	if w.kind == comparison || !w.m.Plain() {
		return p.Records, nil
	}
	list := make([]backend.Record, len(p.Records))
	for i, r := range p.Records {
		list[i] = r.Record
	}
	looks, err := w.m.DB.Look(ctx, w.m.Table, w.call.Scope, list)
	if err != nil {
		return nil, fmt.Errorf("look for what differs: %w", err)
	}
	var rest, records []*page.Record
	for i, r := range p.Records {
		same := looks[i] == backend.Same && !slices.Contains(p.Relisted, r.ID)
		switch {
		case same && !w.m.Quarantines() && !w.call.Atomic:
			p.Same = append(p.Same, r.Key())
			continue
		case !same:
			rest = append(rest, r)
		}
		records = append(records, r)
	}
	p.Records = records
	return rest, nil
}

func idsOf(records []*page.Record) []backend.ID {
	return (&page.Page{Records: records}).IDs()
}

// answer is what a remote answered that was asked for one record.
type answer struct {
	o    remote.Object
	err  error
	cost cost.Cost
}

// namedAtOnce is how many records that the remote only names are asked for at once.
const namedAtOnce = 4

// askAll asks for records, several at once. Its error is one that says something of the
// others as well, or that no quarantine takes: the rest is not asked for then.
func (w wholes) askAll(ctx context.Context, getter remote.Getter, ask []*page.Record) ([]answer, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]answer, len(ask))
	var ended atomic.Pointer[error]
	most := max(1, w.m.Expand)
	if w.m.Expand == 0 && w.listing.Said.Names {
		most = namedAtOnce
	}
	atOnce(most, len(ask), func(i int) bool {
		a := &answers[i]
		a.o, a.err = a.cost.Get(inner, getter, w.call.Request, ask[i].ID.String())
		err := w.ends(ask[i], a.err)
		if err != nil && ended.CompareAndSwap(nil, &err) {
			cancel()
		}
		return err == nil
	})
	for i := range answers {
		w.pay(answers[i].cost)
	}
	switch err := ended.Load(); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, *err
	}
	return answers, nil
}

// ends returns the error that ends the run where a record could not be asked for; nil where
// that costs the record alone.
func (w wholes) ends(r *page.Record, err error) error {
	switch {
	case err == nil, errors.Is(err, remote.ErrNotFound):
		return nil
	case w.feed.Maker.Summaries && errors.Is(err, remote.ErrNoAddress), !costsOne(err):
		return fmt.Errorf("ask for record %s, which changed: %w", r.ID, err)
	case w.feed.Maker.Summaries && !w.m.Quarantine.On:
		r.Unasked(err)
		_, err := r.Map()
		return err
	default:
		return nil
	}
}
