package sqlite

import (
	"context"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// Lock takes a lock, which is a lease: a row that says until when, and that is
// renewed while the lock is held.
func (d *database) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return d.LockAnd(ctx, name, wait, func(context.Context, backend.Tx) error { return nil })
}

// LockAnd takes a lock, and does what comes first in the same transaction.
func (d *database) LockAnd(ctx context.Context, name string, wait time.Duration, first func(ctx context.Context, tx backend.Tx) error) (backend.Lock, error) {
	if err := d.alone.check(d.file); err != nil {
		return nil, opening(d.file, err)
	}
	return d.leases.LockAnd(ctx, name, wait, first)
}

func leases(d *database, ttl time.Duration) sqlstore.Leases {
	return sqlstore.Leases{DB: d, Now: d.dialect.Now(), TTL: ttl, Left: &sync.Map{},
		Holder: self(), Alive: alive, Held: sqlstore.Held}
}
