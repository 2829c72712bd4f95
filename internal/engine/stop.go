package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
)

// errNoStop is a call with a Stop that nobody could resume.
var errNoStop = errors.New("no later call could resume this one: leave Stop out of its Call")

// resetMeanwhile is how the next run goes on where the scope was reset during this one.
const resetMeanwhile = "the next run begins again, because the scope was reset"

// halt is that a run ends before its list does, because its caller wants so.
type halt struct {
	wish <-chan struct{} // closed once the caller wants so; nil where it never does
	// may reports whether the run may end early: whatever it leaves, the next one comes
	// further.
	may bool
	// early reports whether the pages ended early.
	early bool
}

// wished reports whether the caller wants the run to end.
func (h *halt) wished() bool {
	select {
	case <-h.wish:
		return true
	default:
		return false
	}
}

// after returns what the feed asks after each page: whether it is to be the last. In a list
// that can be resumed, that is one after which it can. Others begin again, once.
func (h *halt) after(resumable bool) func(*remote.Page) bool {
	if h.wish == nil || !h.may {
		return nil
	}
	first, resumes := true, false
	return func(p *remote.Page) bool {
		if first {
			first, resumes = false, resumable && p.Cursor != ""
		}
		h.early = p.More && (p.Cursor != "" || !resumes) && h.wished()
		return h.early
	}
}

// stopping ends a run early.
type stopping struct{ *synchronization }

// at ends a run after the page that it wrote last; nil is that it wrote none. What it knows
// of the pass, it leaves to the next run.
func (s stopping) at(ctx context.Context, last *page.Page) error {
	position, how := "", "begins again, and goes to its end"
	if last != nil && s.resumable() && s.listing.Keeps() {
		position, how = last.Position, fmt.Sprintf("resumes after page %d of this one", last.Number)
	}
	err := s.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if err := s.turn.look(ctx, tx, s.pass.scope); err != nil {
			return err
		}
		if !s.turn.reset {
			if err := s.leave(ctx, tx, position); err != nil {
				return err
			}
		}
		if err := ledger.RunSucceeded(ctx, tx, s.pass.scope, time.Time{}, time.Time{}); err != nil {
			return err
		}
		tx.After(func() {
			if s.result.Stopped = "the next run " + how; s.turn.reset {
				s.result.Stopped = resetMeanwhile
			}
		})
		return nil
	})
	if err != nil {
		return s.fail(0, fmt.Errorf("note where the run was stopped: %w", err))
	}
	return nil
}

// between reports whether the run ends between the window in hand and one before it. The
// time that it stored is how far it came, or how far back after an old window. Where it
// stored none, it goes on, and to an old window if there is one: each run may have a new
// window to begin with.
func (s stopping) between(old bool) bool {
	came := old && windows{s.run}.hasTime() || !s.feed.Windows.At.Old && s.result.StoredTime.After(s.stored.At)
	return came && s.pass.halt.wished() && s.result.NotStored == ""
}

// afterWindow ends a run between two windows.
func (s stopping) afterWindow(ctx context.Context) error {
	err := s.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		if err := s.turn.look(ctx, tx, s.pass.scope); err != nil {
			return err
		}
		if err := ledger.RunSucceeded(ctx, tx, s.pass.scope, time.Time{}, time.Time{}); err != nil {
			return err
		}
		tx.After(func() { s.result.Stopped = "the next run asks for the windows of time that are left" })
		return s.unmark(ctx, tx)
	})
	if err != nil {
		return s.fail(0, fmt.Errorf("note where the run was stopped: %w", err))
	}
	return nil
}

// leave leaves the pass to the next run: its position, or that there was one.
func (s stopping) leave(ctx context.Context, tx *commit.Tx, position string) error {
	if err := s.pass.note(ctx, tx, position, s.run); err != nil {
		return err
	}
	if err := s.unmark(ctx, tx); err != nil {
		return err
	}
	return s.timeRows(ctx, tx, s.stored.At)
}

// unmark has the list of a parent asked for again, whatever made it due.
func (s stopping) unmark(ctx context.Context, tx *commit.Tx) error {
	if s.mark == nil {
		return nil
	}
	mark := *s.mark
	mark.Due = ""
	return ledger.MarkParents(ctx, tx, s.pass.scope, map[string]ledger.Parent{s.pass.scope.ID: mark})
}
