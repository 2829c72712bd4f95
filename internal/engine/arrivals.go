package engine

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// arrivals are pages that have arrived together and are accepted. They are written in one
// transaction, as one set of rows; if that fails, page by page, so that each stands or fails
// as it would have alone. No page waits for another that has not arrived.
type arrivals struct {
	writing
	pages []*page.Page
}

// joins reports whether pages of the run may be written together: where nothing beside a row
// belongs to a record, nothing is asked for by itself, and no function of the service's is
// called, which would be called again where the transaction fails.
func (r *run) joins() bool {
	if !r.m.Plain() || r.feed.Maker.Partial || r.feed.Maker.Summaries || r.m.OnChange != nil {
		return false
	}
	for _, d := range r.m.Dependents() {
		if d.Child.OnChange != nil {
			return false
		}
	}
	return true
}

// admits reports whether a page that has come may be written with those in hand: it is not
// the last, asks for nothing, and lists no record that was listed before. So no record is
// twice among them.
func (a *arrivals) admits(got *page.Received, err error) bool {
	if len(a.pages) == 0 {
		return true
	}
	if err != nil || !got.More || len(got.ChangedIDs) > 0 {
		return false
	}
	return !slices.ContainsFunc(got.Records, func(r page.Record) bool { return r.Err != nil || a.listing.Has(r.Key()) })
}

// add takes in a page that was accepted.
func (a *arrivals) add(p *page.Page) {
	a.close()
	p.Listed = a.listing.Size()
	a.pages = append(a.pages, p)
}

// close takes note that a page was given to the listing that comes after the last of
// these: no run can resume between them, since what the listing knows is of both.
func (a *arrivals) close() {
	if n := len(a.pages); n > 0 {
		a.pages[n-1].Position = ""
	}
}

// commit writes the pages, and leaves none.
func (a *arrivals) commit(ctx context.Context) error {
	pages := a.pages
	a.pages = nil
	busy := slices.DeleteFunc(slices.Clone(pages), a.idle)
	if len(busy) < 2 {
		for _, p := range pages {
			if err := a.page(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
	return a.together(ctx, pages, busy)
}

// together writes pages of which some take a transaction. Observers are told of each page by
// itself, whether or not that was one transaction: what it cost, with the first.
func (a *arrivals) together(ctx context.Context, pages, busy []*page.Page) error {
	written := false
	for _, p := range pages {
		var err error
		switch {
		case p == busy[0]:
			err = tellWrite(ctx, p.Number, func(ctx context.Context) (report.Counts, error) {
				if err := a.transact(ctx, a.work(busy...)); err == nil {
					written = true
					return p.Counts, nil
				}
				return a.counted(ctx, a.work(p))
			})
		case written && slices.Contains(busy, p):
			err = tellWrite(ctx, p.Number, func(context.Context) (report.Counts, error) { return p.Counts, nil })
		default:
			if err := a.part(ctx, p); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return a.fail(p.Number, err)
		}
		a.recycle(p)
	}
	return nil
}
