package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Lock takes a lock.
func (d *database) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	return d.locks.Lock(ctx, name, wait)
}

// LockAnd takes a lock, and begins what it is for. Its first transaction looks at the lock
// as each other one does.
func (d *database) LockAnd(ctx context.Context, name string, wait time.Duration, first func(ctx context.Context, tx backend.Tx) error) (backend.Lock, error) {
	taken, err := d.Lock(ctx, name, wait)
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		if !done {
			_ = taken.Release(ctx) // the error of first says more
		}
	}()
	err = backend.InTx(ctx, d, func(ctx context.Context, tx backend.Tx) error {
		if err := taken.Check(ctx, tx); err != nil {
			return err
		}
		return first(ctx, tx)
	})
	if done = err == nil; !done {
		return nil, err
	}
	return taken, nil
}

// locks is how a store locks.
type locks interface {
	Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error)
}

func locksOf(d *database, leased bool) locks {
	switch db := d.db.(type) {
	case pgx.Tx:
		return &transactionLocks{db: d, sql: &d.lockSQL, names: map[string]int64{}}
	case *pgx.Conn:
		return newSession(&d.lockSQL, func(context.Context) (lockConn, error) { return lockConn{Conn: db}, nil }, false)
	case interface{ Conn() *pgx.Conn }:
		return newSession(&d.lockSQL, func(context.Context) (lockConn, error) { return lockConn{Conn: db.Conn()}, nil }, false)
	case *handle:
		if leased {
			return &d.leases
		}
		return &pooled{session: newSession(&d.lockSQL, db.forLocks, true), leases: &d.leases}
	case pool:
		if leased {
			return &d.leases
		}
		return &pooled{session: newSession(&d.lockSQL, func(ctx context.Context) (lockConn, error) { return connect(ctx, db.Config()) }, true), leases: &d.leases}
	default:
		return &d.leases
	}
}

// pooled are the locks of a pool: of a session beside it, or leases where there is
// no session.
type pooled struct {
	session *session
	leases  *sqlstore.Leases
	leased  atomic.Bool
}

func (p *pooled) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	if !p.leased.Load() {
		lock, err := p.session.Lock(ctx, name, wait)
		switch {
		case errors.Is(err, errPooler):
			p.leased.Store(true)
		case !errors.Is(err, errOnly):
			return lock, err
		}
	}
	return p.leases.Lock(ctx, name, wait)
}

func leases(d *database, ttl time.Duration) sqlstore.Leases {
	host, _ := os.Hostname()
	return sqlstore.Leases{
		DB: d, Now: d.dialect.Now(), TTL: ttl, Left: &sync.Map{}, Holder: fmt.Sprintf("process %d of %s", os.Getpid(), host),
		Alive: func(string) (alive, known bool) { return false, false },
		Alone: func(ctx context.Context, tx backend.Tx, name string) (alone bool, err error) {
			err = driverTx(ctx, tx).QueryRow(ctx, d.lockSQL.alone, name).Scan(&alone)
			return alone, err
		},
		Held: d.lockSQL.held,
	}
}

// lock is a lock of a session or a transaction.
type lock struct {
	sql      *lockSQL
	name     string
	token    int64
	released atomic.Bool
	unlock   func(ctx context.Context) error // harmless twice
}

func (l *lock) Check(ctx context.Context, tx backend.Tx) error {
	if l.released.Load() {
		return fmt.Errorf("lock %s: %w", l.name, store.ErrLockLost)
	}
	return l.sql.held(ctx, tx, l.name, l.token)
}

// End leaves the lock to Release: it is the connection's.
func (l *lock) End(context.Context, backend.Tx) (func(), error) { return nil, nil }

func (l *lock) Release(ctx context.Context) error {
	l.released.Store(true)
	if err := l.unlock(ctx); err != nil {
		return fmt.Errorf("release lock %s: %w", l.name, err)
	}
	return nil
}
