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
	sql   *lockSQL
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
	var held int64
	err := backend.InTx(ctx, t.db, func(ctx context.Context, tx backend.Tx) (err error) {
		var got bool
		if err := driverTx(ctx, tx).QueryRow(ctx, t.sql.tryTx, name).Scan(&got); err != nil {
			return err
		}
		if !got {
			return store.ErrLocked
		}
		held, err = t.sql.token(ctx, driverTx(ctx, tx), name)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.names[name] = held
	return &lock{sql: t.sql, name: name, token: held, unlock: func(context.Context) error {
		t.forget(name, held)
		return nil
	}}, nil
}

// forget lets a name be locked again, if its lock has the token.
func (t *transactionLocks) forget(name string, token int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.names[name] == token {
		delete(t.names, name)
	}
}
