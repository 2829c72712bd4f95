package engine

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// atomic receives every page before it writes the first, and writes them, the
// removals and the time in one transaction.
func (s *synchronization) atomic(ctx context.Context) error {
	var kept spool.Spool
	defer kept.Close()
	var same report.Counts
	for got, err := range s.pages(ctx) {
		if err != nil {
			return s.notReceived(got, err)
		}
		p, err := s.received(ctx, got)
		if err != nil {
			return s.fail(got.Number, err)
		}
		for _, part := range (wholes{s.run}).parts(p) {
			if err := s.keep(ctx, &kept, part); err != nil {
				return s.fail(got.Number, err)
			}
		}
		same.Add(s.listing.CountSame(p))
		s.recycle(p)
	}
	if s.pass.halt.early {
		return stopping{s}.at(ctx, nil)
	}
	return s.fail(0, s.finish(ctx, nil, func(ctx context.Context, tx *commit.Tx) error {
		tx.After(func() { s.writer.Counts.Add(same) })
		if err := s.unspool(ctx, tx, &kept); err != nil || len(s.unfit) == 0 {
			return err
		}
		return s.writer.Write(ctx, tx, &page.Page{Records: slices.Collect(maps.Values(s.unfit))})
	}))
}

// keep puts a page or a part of one into the spool, with what else is needed to write it.
func (s *synchronization) keep(ctx context.Context, kept *spool.Spool, p *page.Page) error {
	if err := (wholes{s.run}).complete(ctx, p); err != nil {
		return err
	}
	s.spare(p)
	if err := s.parents.fetch(ctx, p); err != nil || len(p.Records) == 0 {
		return err
	}
	s.keepTwins(p)
	s.spooled++
	return kept.Add(p.Number, objects(p))
}

// spare takes records off a page of which only the id is known: they have no object for the
// spool. One that has come since is no longer among them.
func (s *synchronization) spare(p *page.Page) {
	p.Records = slices.DeleteFunc(p.Records, func(r *page.Record) bool {
		if !r.Named {
			delete(s.unfit, r.ID)
			return false
		}
		if s.unfit == nil {
			s.unfit = map[backend.ID]*page.Record{}
		}
		s.unfit[r.ID] = r
		return true
	})
}

// keepTwins notes the ids that equal records on a page were given: the spool keeps objects.
func (s *synchronization) keepTwins(p *page.Page) {
	if !s.m.Plan.ByContent() {
		return
	}
	for i, r := range p.Records {
		if id, err := s.m.Plan.ID(r.Object); err == nil && id != r.ID {
			if s.twins == nil {
				s.twins = map[placed]backend.ID{}
			}
			s.twins[placed{s.spooled, i}] = r.ID
		}
	}
}

// objects are those of a page's records.
func objects(p *page.Page) []remote.Object {
	list := make([]remote.Object, len(p.Records))
	for i, r := range p.Records {
		list[i] = r.Sent()
	}
	return list
}

// unspool writes the pages that were accepted before.
func (s *synchronization) unspool(ctx context.Context, tx *commit.Tx, kept *spool.Spool) error {
	pages := func(context.Context) iter.Seq2[*page.Received, error] {
		return feed.Received(s.feed.Maker, kept.Pages())
	}
	number := -1
	for got, err := range feed.Ahead(ctx, pages) {
		if err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		number++
		p := &page.Page{Number: got.Number}
		for i := range got.Records {
			if err := got.Records[i].Err; err != nil {
				return s.fail(p.Number, err)
			}
			if id, twin := s.twins[placed{number, i}]; twin {
				got.Records[i].Rename(id)
			}
			p.Records = append(p.Records, &got.Records[i])
		}
		wholes{s.run}.recall(p)
		if err := s.writer.Complete(ctx, tx, p); err != nil {
			return s.fail(p.Number, err)
		}
		if err := s.parents.refuse(p); err != nil {
			return s.fail(p.Number, err)
		}
		if err := s.writer.Write(ctx, tx, p); err != nil {
			return s.fail(p.Number, err)
		}
		s.feed.Foresee(p)
	}
	return nil
}
