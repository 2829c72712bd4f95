package engine

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
)

// writing writes the pages of a run, each or several in a transaction.
type writing struct{ *synchronization }

// page writes a page.
func (s writing) page(ctx context.Context, p *page.Page) error {
	p, err := s.parts(ctx, p)
	if err != nil || p == nil {
		return err
	}
	return s.part(ctx, p)
}

// parts writes all parts of a page but the last, which it returns.
func (s writing) parts(ctx context.Context, p *page.Page) (last *page.Page, err error) {
	if p == nil {
		return nil, nil
	}
	parts := (wholes{s.run}).parts(p)
	for _, part := range parts[:len(parts)-1] {
		if err := s.part(ctx, part); err != nil {
			return nil, err
		}
	}
	return parts[len(parts)-1], nil
}

// part writes a page or a part of one, with a checkpoint where one is due. One that
// has nothing new takes no transaction.
func (s writing) part(ctx context.Context, p *page.Page) error {
	if err := (wholes{s.run}).complete(ctx, p); err != nil {
		return s.fail(p.Number, err)
	}
	if s.idle(p) {
		s.feed.Foresee(p)
		s.writer.Counts.Add(s.listing.CountSame(p))
		s.recycle(p)
		return nil
	}
	if err := s.parents.fetch(ctx, p); err != nil {
		return s.fail(p.Number, err)
	}
	err := s.write(ctx, p.Number, s.work(p))
	if err == nil {
		s.recycle(p)
	}
	return s.fail(p.Number, err)
}

// idle reports whether a page has nothing new, nothing that others must know, and no
// checkpoint is due after it.
func (s writing) idle(p *page.Page) bool {
	return len(p.Records) == 0 && !s.due(p) && (len(p.Same) == 0 || s.writer.Beside.Alone())
}

// due reports whether a checkpoint is due after a page.
func (s writing) due(p *page.Page) bool { return !s.turn.reset && s.pass.due(p, s.listing) }

// work returns what a transaction does that writes pages, and notes the position after
// the last where that is due.
func (s writing) work(pages ...*page.Page) func(ctx context.Context, tx *commit.Tx) error {
	last := pages[len(pages)-1]
	due := s.due(last)
	return func(ctx context.Context, tx *commit.Tx) error {
		if due {
			if err := s.turn.look(ctx, tx, s.pass.scope); err != nil {
				return err
			}
		}
		if err := s.writer.Write(ctx, tx, pages...); err != nil {
			return err
		}
		for _, p := range pages {
			s.feed.Foresee(p)
		}
		if !due || s.turn.reset {
			return nil
		}
		return s.pass.note(ctx, tx, last.Position, s.run)
	}
}

// recycle gives the memory of a page back to the client that fetched it, once
// nothing of the page is needed: its rows are committed, and no function of the
// service's has seen an object or a row. Without it, a third of the time of a run that
// finds nothing new is spent on memory for pages.
func (s *synchronization) recycle(p *page.Page) {
	if p.From == nil || s.m.Plan.ShowsID() || s.listing.KeepsBytes() {
		return
	}
	kept := p.From.Mapped() && !s.forgets()
	if !s.m.Plain() { // what is written of it has objects of other models
		kept = p.From.Mapped() || len(p.Records) > 0 || showsNested(s.m)
	}
	if !kept {
		s.feed.Recycle(p.From)
	}
}

// showsNested reports whether a function of the service's may see the nested objects of a page
// that is not written.
func showsNested(m *model.Model) bool {
	return slices.ContainsFunc(m.Associations, func(a model.Association) bool {
		return a.Child.Plan.ShowsID() || a.Child.Plan.ShowsObjects() || showsNested(a.Child)
	})
}

// forgets reports whether nobody has seen a row, or an object, of a page that was mapped
// and written.
func (s *synchronization) forgets() bool {
	return s.m.OnChange == nil && !s.m.Plan.ShowsObjects() && !s.feed.Maker.Partial && !s.feed.Maker.Summaries
}
