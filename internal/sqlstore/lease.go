package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// patience limits each write of a lease that is held.
const patience = 15 * time.Second

// releasing limits the first try to release a lease. Its run waits for it.
const releasing = 2 * time.Second

// lease is one that was taken.
type lease struct {
	Leases
	name     string
	token    int64
	released atomic.Bool
	ended    atomic.Bool // by a transaction
	stop     context.CancelFunc
	// renewal is held by a renewal that is under way, and next is the next one, unless it is
	// over.
	renewal sync.Mutex
	next    *time.Timer
	over    bool
}

var _ backend.Lock = (*lease)(nil)

// take writes the row of the lease, unless another holds it.
func (l *lease) take(ctx context.Context, tx backend.Tx) error {
	if l.Alone != nil {
		if alone, err := l.Alone(ctx, tx, l.name); err != nil || !alone {
			return locked(err)
		}
	}
	if free, err := l.free(ctx, tx, l.name); err != nil || !free {
		return locked(err)
	}
	_, err := store.One(ctx, tx, backend.Kept{SQL: "INSERT INTO {synced_locks} (name, token, holder, expires, ttl) VALUES (?, 1, ?, " + l.Now + " + ?, ?)" +
		" ON CONFLICT (name) DO UPDATE SET token = {synced_locks}.token + 1, holder = excluded.holder, expires = excluded.expires, ttl = excluded.ttl RETURNING token",
		Args: []any{l.name, l.Holder, l.TTL.Milliseconds(), l.TTL.Milliseconds()}}, &l.token)
	return err
}

// keepUp renews the lease from time to time, until it is released or another has taken it
// over.
func (l *lease) keepUp(ctx context.Context) {
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.renewal.Lock()
	defer l.renewal.Unlock()
	l.next = time.AfterFunc(l.every(), func() { l.renew(ctx) })
}

// every is how much time is between two renewals.
func (l *lease) every() time.Duration { return max(l.TTL/3, time.Millisecond) }

func (l *lease) renew(ctx context.Context) {
	l.renewal.Lock()
	defer l.renewal.Unlock()
	if l.over {
		return
	}
	began := time.Now()
	// An error may pass, and until another takes the lease it is still ours.
	if n, err := l.update(ctx, l.renewed()); err == nil && n == 0 {
		return
	}
	l.next.Reset(max(0, l.every()-time.Since(began)))
}

// renewed and freed set when our lease ends. They change nothing if it is another's.
func (l *lease) renewed() store.SQL {
	return backend.Kept{SQL: "UPDATE {synced_locks} SET expires = " + l.Now + " + ? WHERE name = ? AND token = ?", Args: []any{l.TTL.Milliseconds(), l.name, l.token}}
}

func (l *lease) freed() backend.Kept {
	return backend.Kept{SQL: "UPDATE {synced_locks} SET expires = NULL WHERE name = ? AND token = ?", Args: []any{l.name, l.token}}
}

// update runs one of these, and returns how many rows it changed.
func (l *lease) update(ctx context.Context, statement store.SQL) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = backend.InTx(ctx, l.DB, func(ctx context.Context, tx backend.Tx) error {
		n, err = tx.Exec(ctx, statement)
		return err
	})
	return n, err
}

func (l *lease) Check(ctx context.Context, tx backend.Tx) error {
	if l.released.Load() {
		return fmt.Errorf("lock %s: %w", l.name, store.ErrLockLost)
	}
	return l.Held(ctx, tx, l.name, l.token)
}

func (l *lease) End(ctx context.Context, tx backend.Tx) (done func(), err error) {
	l.endRenewing() // else it would outlive the transaction
	freed := l.freed()
	freed.Later = "release lock " + l.name
	if _, err := tx.Exec(ctx, freed); err != nil {
		return nil, fmt.Errorf("release lock %s: %w", l.name, err)
	}
	return func() { l.released.Store(true); l.ended.Store(true) }, nil
}

func (l *lease) endRenewing() {
	l.stop()
	l.renewal.Lock()
	defer l.renewal.Unlock()
	l.over = true
	l.next.Stop()
}

func (l *lease) Release(ctx context.Context) error {
	l.released.Store(true)
	l.endRenewing()
	if l.ended.Load() {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	first, cancel := context.WithTimeout(ctx, releasing)
	defer cancel()
	if _, err := l.update(first, l.freed()); err != nil {
		l.Left.Store(l.name, l.token)
		go l.leave(ctx)
		return fmt.Errorf("release lock %s: %w", l.name, err)
	}
	return nil
}

// leave releases the lease as soon as it can be written, on a disk that was full or
// after another's long transaction, or leaves it to those who see that it has expired.
func (l *lease) leave(ctx context.Context) {
	defer l.Left.CompareAndDelete(l.name, l.token)
	ctx, cancel := context.WithTimeout(ctx, 5*l.TTL)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		_, err := l.update(ctx, l.freed())
		if err == nil || strings.Contains(err.Error(), "closed") /* as database/sql and pgx call a pool */ {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
