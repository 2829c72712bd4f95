package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Forget forgets all that synced's own tables have of a scope.
func Forget(ctx context.Context, m *model.Model, scope any) error {
	return m.Fail(scope, alone(ctx, m, scope, func(ctx context.Context, tx *commit.Tx) error {
		return ledger.Forget(ctx, tx, m.Scope(scope))
	}))
}

// ForgetEach forgets all that synced's own tables have of a root, and of each parent in it.
func ForgetEach(ctx context.Context, m *model.Model, root any) error {
	whole := m.Whole()
	return whole.Fail(root, alone(ctx, whole, root, func(ctx context.Context, tx *commit.Tx) error {
		of := whole.Scope(root)
		err := ledger.ForgetParents(ctx, tx, ledger.Scope{Model: m.Table.Name, Type: m.Table.Scope}, of.ID)
		if err == nil {
			err = ledger.Forget(ctx, tx, of)
		}
		return err
	}))
}

// alone works in a transaction while no run of the scope is under way.
func alone(ctx context.Context, m *model.Model, scope any, work func(context.Context, *commit.Tx) error) error {
	lock, err := m.DB.Lock(ctx, m.Scope(scope).Lock(), 0)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: forget the scope when that has ended, and none begins again", report.ErrRunning)
	}
	if err != nil {
		return fmt.Errorf("take the lock of the scope: %w", err)
	}
	defer func() {
		clean, cancel := commit.Cleanup(ctx)
		defer cancel()
		_ = lock.Release(clean) // it ends with its connection, or runs out
	}()
	w := commit.Work{DB: m.DB, Lock: lock}
	return w.Do(ctx, work)
}
