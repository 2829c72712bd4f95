package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Pauses between two tries for a lock, before jitter.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// Wait tries to take a lock until the error is no longer ErrLocked, wait has
// passed, or ctx ends.
func Wait(ctx context.Context, name string, wait time.Duration, try func(ctx context.Context, name string) (backend.Lock, error)) (backend.Lock, error) {
	end := time.Now().Add(wait)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		var lock backend.Lock
		err := ctx.Err()
		if err == nil {
			lock, err = try(ctx, name)
		}
		if err == nil {
			return lock, nil
		}
		left := time.Until(end)
		if !errors.Is(err, store.ErrLocked) || left <= 0 {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", name, ctx.Err())
		case <-time.After(min(left, pause/2+rand.N(pause))):
		}
	}
}

// Held returns ErrLockLost if the lock of a name has had another holder since the
// one with the token.
func Held(ctx context.Context, tx backend.Tx, name string, token int64) error {
	last := int64(-1)
	if _, err := store.One(ctx, tx, backend.Kept{SQL: "SELECT token FROM {synced_locks} WHERE name = ?", Args: []any{name}}, &last); err != nil {
		return fmt.Errorf("check lock %s: %w", name, err)
	}
	if last != token {
		return fmt.Errorf("lock %s: %w", name, store.ErrLockLost)
	}
	return nil
}
