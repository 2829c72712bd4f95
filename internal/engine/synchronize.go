package engine

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/report"
)

// synchronization brings a scope in step: page by page or all pages at once, and then
// what is left to do at the end.
type synchronization struct {
	*run
	waiting waiting
	// first is the only page of a run that was asked for what changed before it began; or
	// nil.
	first *page.Received
	// spooled is how many pages are in the spool, and twins are the ids of their records whose
	// content an earlier one has.
	spooled int
	twins   map[placed]backend.ID
	// unfit are the records of pages in the spool that could not be asked for.
	unfit map[backend.ID]*page.Record
	// mark is what is kept of the parent whose list the run asks for, once it ended well;
	// or nil.
	mark *ledger.Parent
}

// placed is where a record is in the spool: on which page, and which of its records it is.
type placed struct{ page, record int }

// pages yields what the run reads.
func (s *synchronization) pages(ctx context.Context) iter.Seq2[*page.Received, error] {
	if s.first != nil {
		return func(yield func(*page.Received, error) bool) { yield(s.first, nil) }
	}
	return reader{s.run}.pages(ctx)
}

// received accepts a page, and takes what it lists out of a removal that waits.
func (s *synchronization) received(ctx context.Context, got *page.Received) (*page.Page, error) {
	p, err := s.acceptPage(ctx, got)
	if err == nil {
		write.Accept(s.writer, p)
		err = wholes{s.run}.named(ctx, p)
	}
	if err == nil {
		err = s.waiting.listed(ctx, p)
	}
	return p, err
}

// do brings the scope in step, and notes how it went.
func (s *synchronization) do(ctx context.Context) error {
	if err := s.noteBeginning(ctx); err != nil {
		return err
	}
	return s.noted(ctx)
}

// noted brings the scope in step in a run that is noted, and notes how it went.
func (s *synchronization) noted(ctx context.Context) error {
	err := s.stages(ctx)
	if err != nil {
		s.noteFailure(ctx, err)
	}
	return err
}

// stages reads what earlier runs left, and brings the scope in step.
func (s *synchronization) stages(ctx context.Context) error {
	if s.first == nil {
		if err := s.pass.look(ctx, s.run); err != nil {
			return err
		}
		if err := s.decide(ctx); err != nil {
			return err
		}
		if err := s.pass.resume(ctx, s.run); err != nil {
			return err
		}
	}
	defer windows{s.run}.end()
	s.waiting = waiting{run: s.run, any: s.turn.left.Refused}
	if err := s.forgetOlder(ctx); err != nil {
		return err
	}
	list := s.pageByPage
	if s.call.Atomic {
		list = s.atomic
	}
	var refused *report.Refusal // of the first window that has one
	for more := true; more; {
		old := windows{s.run}.apart() && s.feed.Windows.At.Old
		err := list(ctx)
		refused = cmp.Or(refused, s.result.Refused)
		s.result.Refused = refused
		if err == nil {
			more, err = windows{s.run}.next()
			s.first = nil
		}
		if err != nil {
			return err
		}
		if stops := (stopping{s}); more && stops.between(old) {
			return stops.afterWindow(ctx)
		}
	}
	return nil
}

// pageByPage commits each page on its own, or with others that have arrived. The last one
// is committed together with the removals and the time: a page is held until it is known
// whether another follows.
func (s *synchronization) pageByPage(ctx context.Context) error {
	var held, last *page.Page
	some := arrivals{writing: writing{s}}
	for got, err := range s.pages(ctx) {
		// The pages before this one are whole and stand, whatever this one is.
		flushed := some.page(ctx, held)
		if held = nil; flushed == nil && !some.admits(got, err) {
			flushed = some.commit(ctx)
		}
		if flushed != nil && err == nil {
			return flushed
		}
		if err != nil {
			return s.notReceived(got, err)
		}
		p, err := s.received(ctx, got)
		if err != nil {
			some.close()
			if flushed := some.commit(ctx); flushed != nil {
				return flushed
			}
			return s.fail(got.Number, err)
		}
		if !got.More {
			held = p
			continue
		}
		some.add(p)
		if last = p; got.Followed {
			continue
		}
		if err := some.commit(ctx); err != nil {
			return err
		}
	}
	if s.pass.halt.early {
		return stopping{s}.at(ctx, last)
	}
	held, err := some.parts(ctx, held)
	if err != nil {
		return err
	}
	if held == nil {
		return s.fail(0, s.finish(ctx, nil, func(context.Context, *commit.Tx) error { return nil }))
	}
	err = (wholes{s.run}).complete(ctx, held)
	if err == nil {
		err = s.parents.fetch(ctx, held)
	}
	if err != nil {
		return s.fail(held.Number, err)
	}
	return s.fail(held.Number, s.finish(ctx, held, func(ctx context.Context, tx *commit.Tx) error { return s.writer.Write(ctx, tx, held) }))
}

// finish ends a run: its last rows, the removals and the time, in one transaction.
// It finds what to remove before that transaction begins. If that fails, the last rows
// stand all the same.
func (s *synchronization) finish(ctx context.Context, held *page.Page, last func(context.Context, *commit.Tx) error) error {
	search := s.search()
	found, err := search.Find(ctx, held)
	s.learn(ctx, found)
	if err == nil {
		found.Alive, err = (wholes{s.run}).again(ctx, found.Alive)
	}
	if err == nil && s.listing.Since { // some that waited may be gone
		gone := s.listing.AllGone()
		if s.listing.Old {
			gone = append(gone, found.Gone...) // which were asked for, and taken off the list
		}
		found.Gone = gone
	}
	if err == nil {
		err = search.Guard(ctx, found)
	}
	if err == nil && found.Alive != nil {
		if err = s.waiting.listed(ctx, found.Alive); err == nil {
			err = s.parents.fetch(ctx, found.Alive)
		}
	}
	if err != nil {
		if s.call.Atomic {
			return err
		}
		failed := s.write(ctx, numberOf(held), func(ctx context.Context, tx *commit.Tx) error {
			if err := last(ctx, tx); err != nil {
				return err
			}
			return s.writer.RemoveDropped(ctx, tx)
		})
		if failed != nil {
			return failed
		}
		return err
	}
	return s.write(ctx, numberOf(held), func(ctx context.Context, tx *commit.Tx) error {
		if err := s.turn.look(ctx, tx, s.pass.scope); err != nil {
			return err
		}
		s.listing.Evidence.Reset = s.turn.reset
		if s.listing.NotModified() {
			return s.unmodified(ctx, tx)
		}
		return s.end(ctx, tx, search, found, last)
	})
}

// numberOf returns the number of a page, 0 where there is none.
func numberOf(p *page.Page) int {
	if p == nil {
		return 0
	}
	return p.Number
}

// unmodified ends a run whose remote list is as it was.
func (s *synchronization) unmodified(ctx context.Context, tx *commit.Tx) error {
	if err := s.writer.MendOwn(ctx, tx); err != nil {
		return err
	}
	if err := s.noteSuccess(ctx, tx, false); err != nil {
		return err
	}
	return s.saveTime(ctx, tx)
}

// end does what is left of a run, in its last transaction.
func (s *synchronization) end(ctx context.Context, tx *commit.Tx, search *absent.Search, found *absent.Found, last func(context.Context, *commit.Tx) error) error {
	if err := s.writer.Enter(ctx, tx); err != nil { // also where nothing changed: it may be another list
		return err
	}
	if err := last(ctx, tx); err != nil {
		return err
	}
	if found.Alive != nil {
		if err := s.writer.Write(ctx, tx, found.Alive); err != nil {
			return err
		}
	}
	proven := s.proven(found.Refused != nil)
	gone, err := s.writer.Retry(ctx, tx, proven)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if err := s.writer.MendOwn(ctx, tx); err != nil {
		return err
	}
	if err := s.writer.RemoveDropped(ctx, tx); err != nil {
		return err
	}
	remove, err := search.Settle(ctx, tx, found) // finding them took its time
	if err != nil {
		return err
	}
	s.result.Refused, s.listing.Evidence.Withheld = found.Refused, found.Withholds()
	if s.call.Removal.On() {
		if err := s.writer.Remove(ctx, tx, append(remove, gone...)); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		if err := s.waiting.removed(ctx, tx, remove); err != nil {
			return err
		}
	}
	if err := s.writer.RemoveOrphans(ctx, tx, proven && !s.result.Resumed); err != nil { // a resumed run has not seen all lists
		return fmt.Errorf("remove: %w", err)
	}
	if err := keepValidator(ctx, tx, s.run, found.Refused != nil); err != nil {
		return err
	}
	if err := keepRefusal(ctx, tx, s.run, found.Refused, found.Withheld); err != nil {
		return err
	}
	if err := s.noteSuccess(ctx, tx, proven); err != nil {
		return err
	}
	if err := s.saveTime(ctx, tx); err != nil {
		return err
	}
	return positions{s.run}.save(ctx, tx)
}

// proven reports whether a record that the run did not list does not exist
// remotely, as far as removals go by it.
func (s *synchronization) proven(refused bool) bool {
	switch {
	case !s.ask.Everything(), refused:
		return false
	case s.call.Given, s.call.AllowRemoval:
		return s.call.Removal.On()
	default:
		return s.listing.Evidence.Complete(s.listing.Size())
	}
}

// saveTime stores the time of the run, where it has one. Where times are kept in the
// rows, those that it created get the scope's otherwise.
func (s *synchronization) saveTime(ctx context.Context, tx *commit.Tx) error {
	if s.feed.Windows != nil && s.feed.Windows.At.Old {
		return windows{s.run}.saveCovered(ctx, tx)
	}
	at, source, refused := s.listing.Time()
	if at.IsZero() || refused != "" {
		windows{s.run}.notStored(refused)
		if s.turn.reset {
			return nil
		}
		return s.timeRows(ctx, tx, s.stored.At)
	}
	return windows{s.run}.save(ctx, tx, windows{s.run}.saved(at), source)
}
