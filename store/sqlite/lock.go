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
	if err := d.alone.check(d.file); err != nil {
		return nil, opening(d.file, err)
	}
	return d.leases.Lock(ctx, name, wait)
}

func leases(d *database, ttl time.Duration) sqlstore.Leases {
	return sqlstore.Leases{DB: d, Now: d.dialect.Now(), TTL: ttl, Left: &sync.Map{},
		Holder: self(), Alive: alive, Held: sqlstore.Held}
}
