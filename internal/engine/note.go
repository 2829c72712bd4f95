package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
)

// noteBeginning notes that the run is under way, before it reads what earlier ones left.
func (s *synchronization) noteBeginning(ctx context.Context) error {
	b := beginning{s.run}
	err := s.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return b.note(ctx, tx) })
	if err == nil {
		b.settle()
	}
	return err
}

// beginning notes that a run is under way.
type beginning struct{ *run }

// locked is that of the run. The run is noted in the transaction that takes the lock, and its
// last transaction releases it.
func (b beginning) locked(ctx context.Context, work func(context.Context) error) error {
	b.turn.ends = true
	return b.under(ctx, func(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
		return b.m.DB.LockAnd(ctx, name, wait, b.note)
	}, func(ctx context.Context) error {
		b.settle()
		return work(ctx)
	})
}

func (b beginning) note(ctx context.Context, tx backend.Tx) error {
	b.turn.began = time.Now()
	if err := introduce(ctx, tx, b.m, b.call); err != nil {
		return err
	}
	return b.turn.begin(ctx, tx, b.m.Scope(b.call.Scope))
}

// settle takes over what was found when that was noted.
func (b beginning) settle() {
	if !b.turn.left.Validator {
		write.NoValidator(b.writer)
	}
}

// endLock has a run's last transaction release its lock, if it is the run's own.
func endLock(ctx context.Context, r *run, tx *commit.Tx) error {
	if !r.turn.ends {
		return nil
	}
	done, err := r.work.Lock.End(ctx, tx.Tx)
	if done != nil {
		tx.After(done)
	}
	return err
}

// introduce marks a parent that is run by itself, where no run of all has done so: what
// waits for people there counts for the scope of the topmost parent.
func introduce(ctx context.Context, tx backend.Tx, m *model.Model, call Call) error {
	if call.Parent == nil {
		return nil
	}
	root := m.Whole().Scope(call.Root).ID
	return ledger.IntroduceParent(ctx, tx, m.Scope(call.Scope), ledger.Parent{Root: root, Record: call.Parent.Record})
}

// forgetOlder forgets the unfinished pass of another run: a pass that begins at the
// beginning has no use for it.
func (s *synchronization) forgetOlder(ctx context.Context) error {
	if s.pass.position != "" || !s.pass.obsolete(s.kind) {
		return nil
	}
	if err := s.transact(ctx, s.pass.forget); err != nil {
		return fmt.Errorf("forget an unfinished pass: %w", err)
	}
	return nil
}

// noteSuccess notes that the run ended well, in its last transaction. The rows are
// as fresh as its beginning, if it has asked for all of them.
func (s *synchronization) noteSuccess(ctx context.Context, tx *commit.Tx, proven bool) error {
	if _, more := (windows{s.run}).following(); more {
		return nil
	}
	var succeeded, completed time.Time
	if !s.call.Given && !s.call.Filtered {
		succeeded = s.pass.began
	}
	if s.kind == complete && (s.listing.NotModified() || proven) {
		completed = s.pass.began
	}
	err := ledger.RunSucceeded(ctx, tx, s.pass.scope, succeeded, completed)
	if err == nil && s.pass.obsolete(s.kind) {
		err = s.pass.forget(ctx, tx)
	}
	if err == nil && s.mark != nil {
		err = s.markParent(ctx, tx)
	}
	if err == nil {
		err = endLock(ctx, s.run, tx)
	}
	if err != nil {
		return fmt.Errorf("note that the run ended: %w", err)
	}
	return nil
}

// markParent keeps what made the parent due whose list was asked for. Where the time or the
// position is not stored, it is asked for again.
func (s *synchronization) markParent(ctx context.Context, tx *commit.Tx) error {
	mark := *s.mark
	_, _, refused := s.listing.Time()
	if s.ask.KeepsPosition {
		_, refused = s.listing.Position()
	}
	if refused != "" || s.turn.reset || s.listing.Evidence.Withheld != "" {
		mark.Due = ""
	}
	return ledger.MarkParents(ctx, tx, s.pass.scope, map[string]ledger.Parent{s.pass.scope.ID: mark})
}

// noteFailure notes why the run ended, and when to come back where the remote has
// told.
func (s *synchronization) noteFailure(ctx context.Context, why error) {
	var notBefore time.Time
	if wait, ok := errors.AsType[*remote.WaitError](why); ok {
		notBefore = wait.Until
	}
	clean, cancel := commit.Cleanup(ctx)
	defer cancel()
	err := s.transact(clean, func(clean context.Context, tx *commit.Tx) error {
		return ledger.RunFailed(clean, tx, s.m.Scope(s.call.Scope), model.Shown(ctx, why), notBefore)
	})
	if err != nil && ctx.Err() == nil {
		observe.Tell(ctx, observe.Trouble{Err: model.Hide(ctx, fmt.Errorf("note how a run went: %w", err))})
	}
}
