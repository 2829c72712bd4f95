package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// locked does some work while it holds the lock of the model and scope. The lock
// is held over the network, and no transaction is.
func (r *run) locked(ctx context.Context, work func(context.Context) error) error {
	lock, err := r.m.DB.Lock(ctx, r.m.scope(r.call.Scope).Lock(), r.call.Wait)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: wait for it, or give the call a Wait", report.ErrRunning)
	}
	if err != nil {
		return fmt.Errorf("take the lock of the run: %w", err)
	}
	r.lock = lock
	defer func() {
		clean, cancel := cleanup(ctx)
		defer cancel()
		_ = lock.Release(clean) // it ends with its connection, or runs out
	}()
	return work(ctx)
}

// noted does the work of a run that holds its lock, and notes how it went.
func (r *run) noted(ctx context.Context, work func(context.Context) error) error {
	if err := r.decide(ctx); err != nil {
		return err
	}
	if err := r.resume(ctx); err != nil {
		return fmt.Errorf("look for an unfinished pass: %w", err)
	}
	if err := r.transact(ctx, func(tx backend.Tx) error { return r.begin(ctx, tx) }); err != nil {
		return err
	}
	err := work(ctx)
	if err != nil {
		clean, cancel := cleanup(ctx)
		defer cancel()
		if noted := r.transact(clean, func(tx backend.Tx) error { return r.noteFailure(clean, tx, err) }); noted != nil && ctx.Err() == nil {
			r.m.Log.WarnContext(ctx, "synced: note how a run went", "model", r.m.Table.Name, "error", noted)
		}
	}
	return err
}

// pass says that the run lists everything itself, so that what it does not list
// may be removed.
func (r *run) pass() bool { return r.lock != nil && !r.call.Given && r.plan.Since.IsZero() }

// cleanup is a context for what is to be done also when the run's has ended.
func cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

// begin notes that the run is under way. A pass that begins at the beginning has
// no use for what an older one has left.
func (r *run) begin(ctx context.Context, tx backend.Tx) error {
	err := ledger.RunBegan(ctx, tx, r.m.scope(r.call.Scope), r.progress.last)
	if err == nil && r.pass() && r.progress.position == "" {
		err = r.dropProgress(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("note that the run begins: %w", err)
	}
	return nil
}

// noteSuccess notes that the run ended well, in its last transaction. The rows are
// as fresh as its beginning, if it has asked for all of them.
func (r *run) noteSuccess(ctx context.Context, tx backend.Tx) error {
	var succeeded, completed time.Time
	if !r.call.Given && !r.call.Filtered {
		succeeded = r.progress.began
	}
	if r.pass() && (r.result.NotModified || r.complete()) {
		completed = r.progress.began
	}
	if err := ledger.RunSucceeded(ctx, tx, r.m.scope(r.call.Scope), succeeded, completed); err != nil {
		return err
	}
	if !r.pass() {
		return nil
	}
	return r.dropProgress(ctx, tx)
}

// noteFailure notes why the run ended, and when to come back where the remote
// has told.
func (r *run) noteFailure(ctx context.Context, tx backend.Tx, why error) error {
	var notBefore time.Time
	if wait, ok := errors.AsType[*remote.WaitError](why); ok {
		notBefore = wait.Until
	}
	return ledger.RunFailed(ctx, tx, r.m.scope(r.call.Scope), shown(why), notBefore)
}
