package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// atomic receives every page before it writes the first, and writes them, the
// removals and the time in one transaction.
func (r *run) atomic(ctx context.Context) error {
	var s spool.Spool
	defer s.Close()
	var same report.Counts
	for got, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(got, err)
		}
		p, err := r.accept(got)
		if err == nil {
			err = r.parents.fetch(ctx, p)
		}
		if err == nil && len(p.Records) > 0 {
			err = s.Add(p.Number, objects(p))
		}
		if err != nil {
			return r.fail(got.Number, err)
		}
		same.Add(r.listing.CountSame(p))
		r.recycle(p)
	}
	return r.fail(0, r.finish(ctx, nil, func(ctx context.Context, tx *commit.Tx) error {
		tx.After(func() { r.writer.Counts.Add(same) })
		return r.unspool(ctx, tx, &s)
	}))
}

// objects are those of a page's records.
func objects(p *page.Page) []remote.Object {
	list := make([]remote.Object, len(p.Records))
	for i, r := range p.Records {
		list[i] = r.Object
	}
	return list
}

// unspool writes the pages that were accepted before.
func (r *run) unspool(ctx context.Context, tx *commit.Tx, s *spool.Spool) error {
	pages := func(context.Context) iter.Seq2[*page.Received, error] { return feed.Received(r.feed.Maker, s.Pages()) }
	for got, err := range feed.Ahead(ctx, pages) {
		if err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		p := &page.Page{Number: got.Number}
		for i := range got.Records {
			if err := got.Records[i].Err; err != nil {
				return r.fail(p.Number, err)
			}
			p.Records = append(p.Records, &got.Records[i])
		}
		if err := r.writer.Write(ctx, tx, p); err != nil {
			return r.fail(p.Number, err)
		}
		r.feed.Foresee(p)
	}
	return nil
}
