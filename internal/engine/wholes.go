package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/remote"
)

// wholes finds the whole of records, where the remote lists what changed and leaves out
// the rest.
type wholes struct{ *run }

// listed is a record that a page lists.
type listed struct {
	page int
	id   backend.ID
}

// asked is what came of asking for a record: an error or nil, and the fingerprint of its row.
type asked struct {
	err  error
	hash int64
}

// complete merges what a page lists over what the rows keep, as far as it can be known
// before the page's transaction, which does it again. It asks for records of which
// nothing is kept, and leaves out those whose rows are as the page says.
func (w wholes) complete(ctx context.Context, p *page.Page) error {
	switch {
	case len(p.Records) == 0:
		return nil
	case w.feed.Maker.Summaries:
		return w.expand(ctx, p)
	case !w.feed.Maker.Partial:
		return nil
	}
	part, err := w.part(ctx)
	if err != nil {
		return err
	}
	kept, err := rows.Objects(ctx, w.m.DB, w.m, w.call.Scope, p.IDs())
	if err != nil {
		return err
	}
	var records, ask []*page.Record
	for _, r := range p.Records {
		base, here := kept[r.ID]
		switch {
		case !r.Partial() || r.Named: // it was asked for
		case here && !slices.Contains(part, r.ID):
			if !r.Complete(base.Object, r.Sent(), base.Hash) && w.settled(r, base) && !slices.Contains(p.Relisted, r.ID) {
				p.Same = append(p.Same, r.Key())
				continue
			}
		case !r.Alone(r.Sent()) || here:
			ask = append(ask, r)
		}
		records = append(records, r)
	}
	p.Records = records
	return w.find(ctx, p, ask)
}

// named asks for the records that a page only names, and puts them on the page. One that
// does not come is unfit, as others that can't be mapped.
func (w wholes) named(ctx context.Context, p *page.Page) error {
	if len(p.Named) == 0 {
		return nil
	}
	asked := &page.Page{Number: p.Number}
	for _, id := range p.Named {
		asked.Records = append(asked.Records, w.feed.Maker.Named(id))
	}
	if err := w.find(ctx, asked, slices.Clone(asked.Records)); err != nil {
		return err
	}
	for _, r := range asked.Records {
		if !r.Partial() {
			w.listing.Add(p, r)
			continue
		}
		if w.listing.Has(r.Key()) {
			p.Relisted = append(p.Relisted, r.ID)
		}
		w.listing.Seen(r.Key())
		p.Records = append(p.Records, r)
	}
	return nil
}

// settled reports whether a row that keeps what a page says needs no other look: it was
// not edited, this mapping made it, and nothing beside it belongs to the record.
func (w wholes) settled(r *page.Record, base rows.Kept) bool {
	return w.kind != comparison && !w.call.Atomic && w.m.Plain() && !w.m.Quarantines() && base.Hash != nil && *base.Hash == r.Hash
}

// mostPart is how many records in quarantine of which not all is known a run asks for.
const mostPart = 100

// part lists records in quarantine of which not all is known.
func (w wholes) part(ctx context.Context) ([]backend.ID, error) {
	if !w.m.Quarantines() {
		return nil, nil
	}
	texts, err := ledger.PartIDs(ctx, w.m.DB, w.m.Scope(w.call.Scope), mostPart)
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	ids := make([]backend.ID, len(texts))
	for i, text := range texts {
		if ids[i], err = w.m.Table.ParseID(text); err != nil {
			return nil, fmt.Errorf("quarantine: record %s: %w", text, err)
		}
	}
	return ids, nil
}

// again asks for records in quarantine of which not all is known, and that no page
// listed: what was received of them is listed by no later run. It returns those that
// came, to be written with the run's last rows.
func (w wholes) again(ctx context.Context, p *page.Page) (*page.Page, error) {
	if !w.feed.Maker.Partial && !w.feed.Maker.Summaries && !w.listing.Said.Names || w.call.Given {
		return p, nil
	}
	part, err := w.part(ctx)
	if err != nil {
		return p, err
	}
	waiting := &page.Page{}
	for _, id := range part {
		if !w.listing.Has(idset.Key(id)) && !w.listing.IsGone(id) {
			waiting.Records = append(waiting.Records, w.feed.Maker.Named(id))
		}
	}
	if err := w.find(ctx, waiting, slices.Clone(waiting.Records)); err != nil {
		return p, err
	}
	for _, r := range waiting.Records {
		if r.Partial() {
			continue // it still waits
		}
		if p == nil {
			p = &page.Page{}
		}
		w.listing.Add(p, r)
	}
	return p, nil
}

// find asks for records by themselves. Why one did not come is noted, and costs that
// record alone. Those that are proven to be gone leave the page.
func (w wholes) find(ctx context.Context, p *page.Page, ask []*page.Record) error {
	if len(ask) == 0 || w.call.Given {
		return nil
	}
	getter, ok := w.m.Getter(w.call.API)
	if !ok {
		for _, r := range ask {
			r.Unasked(fmt.Errorf("a %T can't be asked for one record: give an API that is a remote.Getter, as rest.Client is", w.call.API))
		}
		return nil
	}
	var found, missed []*page.Record
	listed := w.askLists(ctx, getter, ask)
	ask = slices.DeleteFunc(ask, func(r *page.Record) bool {
		o, here := listed[r.ID]
		if here {
			w.came(p, r, o, nil)
			found = append(found, r)
		}
		return here
	})
	answers, err := w.askAll(ctx, getter, ask)
	if err != nil {
		return err
	}
	for i, r := range ask {
		o, err := answers[i].o, answers[i].err
		missing := errors.Is(err, remote.ErrNotFound)
		if err == nil {
			missing, err = w.misses(o, r.ID)
		}
		if err == nil && w.feed.Maker.Summaries && w.m.Plan.Older(o, r.Sent()) {
			err = errLags
		}
		if w.came(p, r, o, err); err == nil {
			found = append(found, r)
		} else if missing {
			missed = append(missed, r)
		}
	}
	return w.prove(ctx, getter, p, found, missed)
}

// errLags is an answer for one record that is older than what the list shows of it.
var errLags = errors.New("the answer is older than the list, by the attribute of Version: the remote's answers for one record come later than its lists; the next run asks again")

// costsOne reports whether an error of asking for one record says nothing of the others: a
// server that can't show it may show them.
func costsOne(err error) bool {
	answer, ok := errors.AsType[*remote.Error](err)
	return aboutOne(err) || errors.Is(err, remote.ErrNoAddress) || ok && answer.Status >= 500
}

// prove asks again for records that were not found, beside others: those of the page
// that were, or that have rows.
func (w wholes) prove(ctx context.Context, getter remote.Getter, p *page.Page, found, missed []*page.Record) error {
	if len(missed) == 0 || w.call.Filtered && w.call.From.IsZero() {
		return nil
	}
	ids := make([]backend.ID, len(missed))
	for i, r := range missed {
		ids[i] = r.ID
	}
	controls, err := rows.Others(ctx, w.m.DB, w.m, w.call.Scope, ids[0])
	if err != nil {
		return fmt.Errorf("find another record to ask for: %w", err)
	}
	for _, r := range found[:min(len(found), 1)] {
		controls = append([]backend.ID{r.ID}, controls...)
	}
	controls = slices.DeleteFunc(controls, func(id backend.ID) bool { return slices.Contains(ids, id) })
	inquiry := &absent.Asking{Getter: getter, Request: w.call.Request, Model: w.m}
	fates, why, err := inquiry.Each(ctx, controls, ids)
	w.pay(inquiry.Cost)
	if err != nil {
		return err
	}
	for i, r := range missed {
		switch {
		case fates[i].Exists:
			w.came(p, r, fates[i].Object, nil)
		case fates[i].Gone:
			w.gone(p, r)
		case why != "":
			w.came(p, r, remote.Object{}, fmt.Errorf("%w: %s", remote.ErrNotFound, why))
		}
	}
	return nil
}

// came takes in what came of asking for a record.
func (w wholes) came(p *page.Page, r *page.Record, o remote.Object, err error) {
	if err == nil && w.listing.Deletes(o) {
		w.listing.Tombstones++
		w.gone(p, r)
		return
	}
	if recall(r, o, err); err != nil {
		write.Unasked(w.writer, r.ID, err)
	}
	w.remember(p, r, err)
}

// remember notes what came of asking for a record whose page is read again.
func (w wholes) remember(p *page.Page, r *page.Record, err error) {
	if !w.call.Atomic {
		return
	}
	if w.asked == nil {
		w.run.asked = map[listed]asked{}
	}
	w.asked[listed{p.Number, r.ID}] = asked{err, r.Hash}
}

// gone takes a record off a page that the remote does not have.
func (w wholes) gone(p *page.Page, r *page.Record) {
	w.listing.Gone(r.ID)
	p.Records = slices.DeleteFunc(p.Records, func(other *page.Record) bool { return other == r })
}

// recall tells a record what came of asking for it.
func recall(r *page.Record, o remote.Object, err error) {
	if err == nil {
		r.Whole(o)
	} else {
		r.Unasked(err)
	}
}

// recall tells the records of a page that was read again what came of asking for them.
func (w wholes) recall(p *page.Page) {
	for _, r := range p.Records {
		if a, asked := w.asked[listed{p.Number, r.ID}]; asked {
			recall(r, r.Object, a.err)
			r.Hash = a.hash
		}
	}
}
