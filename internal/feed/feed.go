// Package feed brings the pages of an API to a run: fetched ahead, prepared on all
// cores, and looked at in the database, each while the page before is dealt with.
package feed

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/internal/look"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/redact"
	"github.com/syncedgo/synced/remote"
)

// Feed is what one run reads from an API.
type Feed struct {
	API   remote.API
	Maker *page.Maker
	// Windows asks the API for one window of time after the other; nil where it lists all
	// at once.
	Windows *Windows
	// Ends, where set, reports whether a page that was yielded is the last, though another
	// follows. It is given what follows the page, by the goroutine that fetches.
	Ends func(*remote.Page) bool
	// Look compares pages with the database before they are accepted; nil where nothing does.
	// A page that has nothing new then needs no transaction, and one exchange with the
	// database for each table instead of five.
	Look *look.Look
	// Joins reports whether small pages that have arrived may be dealt with together.
	Joins bool
	// Unread is what pages cost that were fetched ahead, and that the run did not come to.
	Unread cost.Cost
}

// Pages yields what the API lists: fetched and prepared while the page before it is
// looked at, which is while the one before that is written.
func (f *Feed) Pages(ctx context.Context, request remote.Request) iter.Seq2[*page.Received, error] {
	memory := newRoom()
	pages := func(ctx context.Context) iter.Seq2[*page.Received, error] {
		if f.Windows != nil {
			return memory.fetched(ctx, f.received(f.Windows.list(ctx, request)))
		}
		return memory.fetched(ctx, f.received(f.API.Pages(ctx, request)))
	}
	return memory.dealtWith(f.staged(ctx, pages))
}

// staged fetches pages ahead, and looks at them.
func (f *Feed) staged(ctx context.Context, pages func(context.Context) iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	if f.Look == nil {
		return ahead(ctx, pages, f.Joins, &f.Unread)
	}
	looked := func(ctx context.Context) iter.Seq2[*page.Received, error] {
		return f.looked(ctx, ahead(ctx, pages, f.Joins, &f.Unread))
	}
	if !f.Maker.Model.DB.Parallel() {
		return looked(ctx)
	}
	return ahead(ctx, looked, f.Joins, &f.Unread)
}

// First returns the first page alone; nil where there is none.
func (f *Feed) First(ctx context.Context, request remote.Request) (*page.Received, error) {
	for p, err := range f.received(f.API.Pages(ctx, request)) {
		return p, err
	}
	return nil, nil
}

// mostRecords is how many records an API may yield as one page: each takes some hundred
// bytes beside its own.
const mostRecords = 1_000_000

// received prepares each page when it has come.
func (f *Feed) received(pages iter.Seq2[*remote.Page, error]) iter.Seq2[*page.Received, error] {
	var asked, came time.Time
	prepared := Received(f.Maker, func(yield func(*remote.Page, error) bool) {
		asked = time.Now()
		for p, err := range pages {
			came = time.Now()
			if p != nil && len(p.Objects) > mostRecords {
				yield(nil, fmt.Errorf("%w: the API yielded a page of %d records, and one may have %d: yield them as several pages", remote.ErrTooLarge, len(p.Objects), mostRecords))
				return
			}
			var follows remote.Page // the caller owns p
			if p != nil {
				follows.More, follows.Cursor = p.More, p.Cursor
			}
			if !yield(p, err) || err == nil && f.Ends != nil && f.Ends(&follows) {
				return
			}
			asked = time.Now()
		}
	})
	return func(yield func(*page.Received, error) bool) {
		for p, err := range prepared {
			if p != nil {
				p.Asked, p.Came = asked, came
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// Received prepares each of some pages when it has come.
func Received(maker *page.Maker, pages iter.Seq2[*remote.Page, error]) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		for p, err := range pages {
			if !yield(maker.Receive(p), err) {
				return
			}
		}
	}
}

// looked looks at each page when it has come, and at once at those that came together. What
// it finds may be outdated when the page is written: by another writer's row, which the
// writing meets, or by a page of this run that lists the record too, which the listing minds.
func (f *Feed) looked(ctx context.Context, pages iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		var some []*page.Received
		for p, err := range pages {
			if some = append(some, p); err == nil && p.Followed {
				continue
			}
			if err == nil {
				if err = f.look(ctx, some); err != nil {
					p = costOf(some)
				}
			}
			if err != nil {
				yield(p, err)
				return
			}
			for i, p := range some {
				if !yield(p, nil) {
					if rest := costOf(some[i+1:]); rest != nil {
						f.Unread.Add(cost.Cost{Requests: rest.Requests, Bytes: rest.Bytes})
					}
					return
				}
			}
			some = some[:0]
		}
	}
}

func (f *Feed) look(ctx context.Context, pages []*page.Received) error {
	n := 0
	for _, p := range pages {
		n += len(p.Records)
	}
	records := make([]*page.Record, 0, n)
	var ids idindex.Index
	for _, p := range pages {
		for i := range p.Records {
			r := &p.Records[i]
			if r.Err != nil {
				continue
			}
			if len(pages) > 1 {
				if _, twice := ids.Add(r.ID, len(records)); twice {
					continue // it stays unseen
				}
			}
			records = append(records, r)
		}
	}
	if len(records) == 0 {
		return nil
	}
	return f.Look.At(ctx, records)
}

// Foresee notes whether the next pages are worth mapping before it is asked what
// differs: not where most records of this one were unchanged.
func (f *Feed) Foresee(p *page.Page) {
	unchanged := len(p.Same)
	for _, r := range p.Records {
		if r.Outcome.Change == backend.Unchanged && r.Outcome.Err == nil {
			unchanged++
		}
	}
	f.Maker.Eager.Store(2*unchanged < len(p.Same)+len(p.Records))
}

// Recycle gives the memory of a page back to the client that fetched it, unless
// another wraps that client: it may keep pages.
func (f *Feed) Recycle(p *page.Received) { redact.Recycle(f.API, p.Page) }
