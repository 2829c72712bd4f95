package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// transactionLocks are the locks of a caller's transaction. Others are kept out
// until it ends.
type transactionLocks struct {
	db    *database
	mu    sync.Mutex
	names map[string]int64 // those not released, with their tokens
}

func (t *transactionLocks) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return sqlstore.Wait(ctx, name, wait, t.try)
}

func (t *transactionLocks) try(ctx context.Context, name string) (backend.Lock, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, mine := t.names[name]; mine {
		return nil, store.ErrLocked
	}
	tx, err := t.db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var got bool
	if err := driverTx(tx).QueryRow(ctx, "SELECT pg_try_advisory_xact_lock("+lockKey+")", name).Scan(&got); err != nil {
		return nil, err
	}
	if !got {
		return nil, store.ErrLocked
	}
	token, err := token(ctx, driverTx(tx), name)
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, err
	}
	t.names[name] = token
	return &lock{name: name, token: token, unlock: func(context.Context) error {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.names[name] == token {
			delete(t.names, name)
		}
		return nil
	}}, nil
}
