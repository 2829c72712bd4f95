package sqlite

import (
	"context"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// Option is a setting of [Open].
type Option func(*Store)

// LeaseTTL is how long a lock of a process outlives it where it can't be seen
// that the process has ended: on Linux, only when it ran in another container.
// Defaults to 15 seconds.
func LeaseTTL(ttl time.Duration) Option {
	return func(s *Store) { s.leases.TTL = ttl }
}

// Lock takes a lock, which is a lease: a row that says until when, and that is
// renewed while the lock is held.
func (s *Store) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return s.leases.Lock(ctx, name, wait)
}

func leases(s *Store) sqlstore.Leases {
	return sqlstore.Leases{DB: s, Now: "CAST(unixepoch('subsec') * 1000 AS integer)", Holder: self(), Alive: alive, Held: sqlstore.Held}
}
