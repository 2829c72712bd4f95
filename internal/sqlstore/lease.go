package sqlstore

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// patience limits each write of a lease that is held.
const patience = 15 * time.Second

// LeaseTTL is how long a lease lasts that is not renewed, by default.
const LeaseTTL = 15 * time.Second

// Leases are locks that are rows of synced_locks, renewed every third of their
// time to live.
type Leases struct {
	// DB is read from and written to, in short transactions.
	DB interface {
		backend.Querier
		Begin(ctx context.Context) (backend.Tx, error)
	}
	// Now is the database's clock, in milliseconds since 1970.
	Now string
	// TTL defaults to LeaseTTL.
	TTL time.Duration
	// Holder names this process, and Alive knows of another holder's name whether
	// that process lives.
	Holder string
	Alive  func(holder string) (alive, known bool)
	// Alone, where set, is false while another may take or use the lock. It lasts
	// until the transaction ends.
	Alone func(ctx context.Context, tx backend.Tx, name string) (bool, error)
	// Held is the Check of a lock.
	Held func(ctx context.Context, tx backend.Tx, name string, token int64) error
}

// Lock takes a lock.
func (l Leases) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return Wait(ctx, name, wait, l.try)
}

func (l Leases) try(ctx context.Context, name string) (backend.Lock, error) {
	if l.TTL <= 0 {
		l.TTL = LeaseTTL
	}
	// Waiting must not keep other writers waiting, so it only reads.
	if free, err := l.free(ctx, l.DB, name); err != nil || !free {
		return nil, locked(err)
	}
	taken := &lease{Leases: l, name: name, done: make(chan struct{})}
	if err := l.transact(ctx, func(tx backend.Tx) error { return taken.take(ctx, tx) }); err != nil {
		return nil, err
	}
	ctx, taken.stop = context.WithCancel(context.WithoutCancel(ctx))
	go taken.renew(ctx)
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
func (l Leases) free(ctx context.Context, q backend.Querier, name string) (free bool, err error) {
	free = true
	err = store.Each(ctx, q, squirrel.Select("holder", "coalesce(expires, 0)", "coalesce(ttl, 0)", l.Now).From("synced_locks").Where(squirrel.Eq{"name": name}),
		func(rows store.Rows) error {
			var holder string
			var expires, ttl, now int64
			if err := rows.Scan(&holder, &expires, &ttl, &now); err != nil {
				return err
			}
			alive, known := l.Alive(holder)
			switch {
			case expires == 0, known && !alive:
			case known:
				// It may only be waiting for another writer, to renew.
				free = now >= expires+3*ttl
			default:
				free = now >= expires || expires > now+2*ttl
			}
			return nil
		})
	return free, err
}

func (l Leases) transact(ctx context.Context, do func(backend.Tx) error) error {
	tx, err := l.DB.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// expires is when a lease of now ends.
func (l Leases) expires() squirrel.Sqlizer {
	return squirrel.Expr(fmt.Sprintf("%s + %d", l.Now, l.TTL.Milliseconds()))
}

// lease is one that was taken.
type lease struct {
	Leases
	name     string
	token    int64
	released atomic.Bool
	stop     context.CancelFunc
	done     chan struct{} // closed when it is no longer renewed
}

func (l *lease) take(ctx context.Context, tx backend.Tx) error {
	if l.Alone != nil {
		if alone, err := l.Alone(ctx, tx, l.name); err != nil || !alone {
			return locked(err)
		}
	}
	if free, err := l.free(ctx, tx, l.name); err != nil || !free {
		return locked(err)
	}
	return store.Each(ctx, tx, squirrel.Insert("synced_locks").Columns("name", "token", "holder", "expires", "ttl").
		Values(l.name, 1, l.Holder, l.expires(), l.TTL.Milliseconds()).
		Suffix("ON CONFLICT (name) DO UPDATE SET token = synced_locks.token + 1, holder = excluded.holder, expires = excluded.expires, ttl = excluded.ttl RETURNING token"),
		func(rows store.Rows) error { return rows.Scan(&l.token) })
}

// renew runs until the lease is released, or another has taken it over.
func (l *lease) renew(ctx context.Context) {
	defer close(l.done)
	ticker := time.NewTicker(max(l.TTL/3, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// An error may pass, and until another takes the lease it is still ours.
		if n, err := l.update(ctx, l.expires()); err == nil && n == 0 {
			return
		}
	}
}

// update sets when our lease ends, and returns 0 where it is another's.
func (l *lease) update(ctx context.Context, expires any) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = l.transact(ctx, func(tx backend.Tx) error {
		n, err = tx.Exec(ctx, squirrel.Update("synced_locks").Set("expires", expires).Where(squirrel.Eq{"name": l.name, "token": l.token}))
		return err
	})
	return n, err
}

func (l *lease) Token() int64 { return l.token }

func (l *lease) Check(ctx context.Context, tx backend.Tx) error {
	if l.released.Load() {
		return fmt.Errorf("lock %s: %w", l.name, store.ErrLockLost)
	}
	return l.Held(ctx, tx, l.name, l.token)
}

func (l *lease) Release(ctx context.Context) error {
	l.released.Store(true)
	l.stop()
	<-l.done
	if _, err := l.update(context.WithoutCancel(ctx), nil); err != nil {
		return fmt.Errorf("release lock %s: %w", l.name, err)
	}
	return nil
}
