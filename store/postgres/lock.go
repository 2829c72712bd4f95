package postgres

import (
	"cmp"
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

// locks is how a store locks.
type locks interface {
	Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error)
}

func locksOf(d *database, leased bool) locks {
	switch db := d.db.(type) {
	case pgx.Tx:
		return &transactionLocks{db: d, names: map[string]int64{}}
	case *pgx.Conn:
		return newSession(func(context.Context) (*pgx.Conn, error) { return db, nil }, false)
	case interface{ Conn() *pgx.Conn }:
		return newSession(func(context.Context) (*pgx.Conn, error) { return db.Conn(), nil }, false)
	case pool:
		if leased {
			return &d.leases
		}
		return &pooled{session: newSession(func(ctx context.Context) (*pgx.Conn, error) { return connect(ctx, db.Config()) }, true), leases: &d.leases}
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
		if !errors.Is(err, errPooler) {
			return lock, err
		}
		p.leased.Store(true)
	}
	return p.leases.Lock(ctx, name, wait)
}

func leases(d *database, ttl time.Duration) sqlstore.Leases {
	host, _ := os.Hostname()
	return sqlstore.Leases{
		DB: d, Now: now, TTL: ttl, Left: &sync.Map{}, Holder: fmt.Sprintf("process %d of %s", os.Getpid(), host),
		Alive: func(string) (alive, known bool) { return false, false },
		Alone: func(ctx context.Context, tx backend.Tx, name string) (alone bool, err error) {
			err = driverTx(tx).QueryRow(ctx, "SELECT pg_try_advisory_xact_lock("+lockKey+") AND pg_try_advisory_xact_lock("+fenceKey+")", name).Scan(&alone)
			return alone, err
		},
		Held: held,
	}
}

// A lock's two keys: the one that its holder has, and the one that transactions
// which rely on it share, so that a new holder waits for them. Schemas have their
// own, by the table's oid.
const (
	lockKey  = "hashtextextended($1::text, 'synced_locks'::regclass::oid::bigint)"
	fenceKey = "hashtextextended($1::text, -'synced_locks'::regclass::oid::bigint)"
)

const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// take notes a new holder, who has the lock, once no transaction relies on an old
// one that lost it; no row is returned before, or while there is a lease.
const take = `INSERT INTO synced_locks AS l (name, token, holder)
SELECT $1::text, 1, 'session ' || pg_backend_pid() WHERE pg_try_advisory_xact_lock(` + fenceKey + `)
ON CONFLICT (name) DO UPDATE SET token = l.token + 1, holder = excluded.holder, expires = NULL, ttl = NULL
	WHERE l.expires IS NULL OR l.expires <= ` + now + ` OR l.expires > ` + now + ` + 2 * l.ttl
RETURNING token`

// token notes a new holder and returns its token, or ErrLocked.
func token(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, name string) (token int64, err error) {
	err = q.QueryRow(ctx, take, name).Scan(&token)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, store.ErrLocked
	}
	return token, err
}

// held returns ErrLockLost if a lock has a new holder, and keeps others from taking
// it until the transaction ends. It is two statements in one exchange: the second
// sees what was committed while the first one waited.
func held(ctx context.Context, tx backend.Tx, name string, token int64) error {
	var b pgx.Batch
	b.Queue("SELECT pg_advisory_xact_lock_shared("+fenceKey+")", name)
	b.Queue("SELECT token FROM synced_locks WHERE name = $1", name)
	answers := driverTx(tx).SendBatch(ctx, &b)
	_, err := answers.Exec()
	last := int64(-1)
	if err == nil {
		err = answers.QueryRow().Scan(&last)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err = cmp.Or(err, answers.Close()); err != nil { // which says the same once more
		return fmt.Errorf("check lock %s: %w", name, err)
	}
	if last != token {
		return fmt.Errorf("lock %s: %w", name, store.ErrLockLost)
	}
	return nil
}

// lock is a lock of a session or a transaction.
type lock struct {
	name     string
	token    int64
	released atomic.Bool
	unlock   func(ctx context.Context) error // harmless twice
}

func (l *lock) Check(ctx context.Context, tx backend.Tx) error {
	if l.released.Load() {
		return fmt.Errorf("lock %s: %w", l.name, store.ErrLockLost)
	}
	return held(ctx, tx, l.name, l.token)
}

func (l *lock) Release(ctx context.Context) error {
	l.released.Store(true)
	if err := l.unlock(ctx); err != nil {
		return fmt.Errorf("release lock %s: %w", l.name, err)
	}
	return nil
}
