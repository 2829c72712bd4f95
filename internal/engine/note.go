package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// locked does some work while it holds the lock of the model and scope. The lock
// is held over the network, and no transaction is.
func (r *run) locked(ctx context.Context, work func(context.Context) error) error {
	lock, err := r.m.DB.Lock(ctx, r.m.Scope(r.call.Scope).Lock(), r.call.Wait)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: wait for it, or give the call a Wait", report.ErrRunning)
	}
	if err != nil {
		return fmt.Errorf("take the lock of the run: %w", err)
	}
	r.work.Lock = lock
	defer func() {
		clean, cancel := commit.Cleanup(ctx)
		defer cancel()
		_ = lock.Release(clean) // it ends with its connection, or runs out
	}()
	return work(ctx)
}

// noteBeginning notes that the run is under way. A pass that begins at the beginning
// has no use for what an older one has left.
func (r *run) noteBeginning(ctx context.Context) error {
	scope := r.m.Scope(r.call.Scope)
	err := r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		err := ledger.RunBegan(ctx, tx, scope, r.pass.last)
		if err == nil && r.kind == complete && r.pass.position == "" {
			_, err = ledger.DropPass(ctx, tx, scope)
		}
		if err != nil {
			return fmt.Errorf("note that the run begins: %w", err)
		}
		return nil
	})
	return err
}

// noteSuccess notes that the run ended well, in its last transaction. The rows are
// as fresh as its beginning, if it has asked for all of them.
func (r *run) noteSuccess(ctx context.Context, tx *commit.Tx, proven bool) error {
	scope := r.m.Scope(r.call.Scope)
	var succeeded, completed time.Time
	if !r.call.Given && !r.call.Filtered {
		succeeded = r.pass.began
	}
	if r.kind == complete && (r.listing.NotModified() || proven) {
		completed = r.pass.began
	}
	err := ledger.RunSucceeded(ctx, tx, scope, succeeded, completed)
	if err == nil && r.kind == complete {
		_, err = ledger.DropPass(ctx, tx, scope)
	}
	if err != nil {
		return fmt.Errorf("note that the run ended: %w", err)
	}
	return nil
}

// noteFailure notes why the run ended, and when to come back where the remote has
// told.
func (r *run) noteFailure(ctx context.Context, why error) {
	var notBefore time.Time
	if wait, ok := errors.AsType[*remote.WaitError](why); ok {
		notBefore = wait.Until
	}
	clean, cancel := commit.Cleanup(ctx)
	defer cancel()
	err := r.transact(clean, func(clean context.Context, tx *commit.Tx) error {
		return ledger.RunFailed(clean, tx, r.m.Scope(r.call.Scope), model.Shown(why), notBefore)
	})
	if err != nil && ctx.Err() == nil {
		r.m.Log.WarnContext(ctx, "synced: note how a run went", "model", r.m.Table.Name, "error", err)
	}
}
