package sqlstore

import (
	"context"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// LeaseTTL is how long a lease that is not renewed lasts by default.
const LeaseTTL = 15 * time.Second

// Leases are locks that are rows of synced_locks, renewed every third of their
// time to live.
type Leases struct {
	// DB is read from and written to, in short transactions.
	DB interface {
		store.Querier
		backend.Beginner
	}
	// Now is the database's clock, in milliseconds since 1970.
	Now string
	// TTL defaults to LeaseTTL.
	TTL time.Duration
	// Holder names this process. Alive reports whether the process of another
	// holder's name lives, if that is known.
	Holder string
	Alive  func(holder string) (alive, known bool)
	// Alone, if set, reports whether no other process may take or use the lock. That lasts
	// until the transaction ends.
	Alone func(ctx context.Context, tx backend.Tx, name string) (bool, error)
	// Left are the tokens of the leases that were released and could not be written, by
	// their names. Whoever has them may take those leases at once.
	Left *sync.Map
	// Held is the Check of a lock.
	Held func(ctx context.Context, tx backend.Tx, name string, token int64) error
}

// Lock takes a lock.
func (l Leases) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return l.LockAnd(ctx, name, wait, func(context.Context, backend.Tx) error { return nil })
}

// LockAnd takes a lock, and does what comes first in the same transaction.
func (l Leases) LockAnd(ctx context.Context, name string, wait time.Duration, first func(ctx context.Context, tx backend.Tx) error) (backend.Lock, error) {
	return Wait(ctx, name, wait, func(ctx context.Context, name string) (backend.Lock, error) { return l.try(ctx, name, first) })
}

func (l Leases) try(ctx context.Context, name string, first func(ctx context.Context, tx backend.Tx) error) (backend.Lock, error) {
	if l.TTL <= 0 {
		l.TTL = LeaseTTL
	}
	// Waiting must not keep other writers waiting, so it only reads.
	if free, err := l.free(ctx, l.DB, name); err != nil || !free {
		return nil, locked(err)
	}
	taken := &lease{Leases: l, name: name}
	err := backend.InTx(ctx, l.DB, func(ctx context.Context, tx backend.Tx) error {
		if err := taken.take(ctx, tx); err != nil {
			return err
		}
		return first(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	taken.keepUp(ctx)
	return taken, nil
}

func locked(err error) error {
	if err == nil {
		return store.ErrLocked
	}
	return err
}

// free reports whether the lease may be taken. One that expires later than it
// can have been renewed for is of a clock that was wrong.
func (l Leases) free(ctx context.Context, q store.Querier, name string) (bool, error) {
	var holder string
	var token, expires, ttl, now int64
	held, err := store.One(ctx, q, backend.Kept{SQL: "SELECT token, holder, coalesce(expires, 0), coalesce(ttl, 0), " + l.Now +
		" FROM {synced_locks} WHERE name = ?", Args: []any{name}}, &token, &holder, &expires, &ttl, &now)
	if err != nil || !held || expires == 0 {
		return err == nil, err
	}
	if left, ok := l.Left.Load(name); ok && left == token {
		return true, nil
	}
	switch alive, known := l.Alive(holder); {
	case known && !alive:
		return true, nil
	case known:
		// It may only be waiting for another writer, to renew.
		return now >= expires+3*ttl, nil
	default:
		return now >= expires || expires > now+2*ttl, nil
	}
}
