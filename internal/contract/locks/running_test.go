package locks_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// paused makes the first request wait, until the function that it returns is
// called, and tells when it has come.
func paused(t *testing.T, b *harness.Bundle) (came chan struct{}, goOn func()) {
	t.Helper()
	came, held := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	var release sync.Once
	b.Server.OnRequest(func(remotetest.Request) {
		if first.CompareAndSwap(false, true) {
			close(came)
			<-held
		}
	})
	goOn = func() { release.Do(func() { close(held) }) }
	t.Cleanup(goOn)
	return came, goOn
}

func TestContract_C70_OneRunOfAScopeAtATime(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		rentals := harness.Model(t, b, harness.Rentals())
		came, goOn := paused(t, b)
		done := make(chan error)
		go func() {
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			done <- err
		}()
		<-came

		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrRunning)
		require.ErrorContains(t, err, "synced: rentals (account_id 1): another run of this model and scope is under way")
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Wait: time.Millisecond})
		require.ErrorIs(t, err, synced.ErrRunning, "it waited long enough")
		f, err := rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, f.Unfinished)

		// Another scope, and what writes nothing, do not wait.
		require.Equal(t, 2, harness.Sync(t, rentals, synced.In(2)).Created)
		_, err = rentals.Check(context.Background(), synced.In(1))
		require.NoError(t, err)

		// One that waits has its turn.
		waited := make(chan error)
		go func() {
			_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Wait: harness.WaitLong})
			waited <- err
		}()
		goOn()
		require.NoError(t, <-done)
		require.NoError(t, <-waited)
		require.Equal(t, 2, harness.Sync(t, rentals, synced.In(1)).Unchanged, "the lock is free again")
	})
}

func TestContract_C70_AFailedRunFreesTheLock(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Rentals())
		b.Server.Fault(remotetest.Fault{Status: 404})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		harness.Sync(t, rentals, synced.In(1))

		ctx, cancel := context.WithCancel(context.Background())
		b.Server.OnRequest(func(remotetest.Request) { cancel() })
		_, err = rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, context.Canceled)
		b.Server.OnRequest(nil)
		harness.Sync(t, rentals, synced.In(1))
	})
}

func TestContract_C70_ARunThatLostItsLockWritesNothingMore(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, harness.Rentals())
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 {
				// As if the connection had died, and another run begun.
				b.Execute(t, "UPDATE synced_locks SET token = token + 1")
			}
		})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrLockLost)
		require.NotContains(t, harness.Names(t, rentals, synced.In(1)), "four")
	})
}

func TestFreshness(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one")
		d := harness.Rentals()
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		f, err := rentals.Freshness(ctx, synced.In(1))
		require.NoError(t, err)
		require.Zero(t, f)
		fresh, err := rentals.Fresh(ctx, synced.In(1), time.Hour)
		require.NoError(t, err)
		require.False(t, fresh, "never synced")

		before := time.Now().Add(-time.Millisecond)
		harness.Sync(t, rentals, synced.In(1))
		f, err = rentals.Freshness(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, f.LastSuccess.After(before))
		require.Equal(t, f.LastSuccess, f.LastAttempt)
		require.Equal(t, f.LastSuccess, f.LastComplete)
		require.False(t, f.Unfinished)

		b.Server.Fault(remotetest.Fault{Status: 404})
		_, err = rentals.Synchronize(ctx, synced.In(1))
		require.Error(t, err)
		failed, err := rentals.Freshness(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, f.LastSuccess, failed.LastSuccess)
		require.True(t, failed.LastAttempt.After(f.LastAttempt))
		require.Contains(t, failed.Error, "404")
		require.False(t, failed.Unfinished)

		harness.Sync(t, rentals, synced.In(1))
		last, err := rentals.Freshness(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, last.LastSuccess.After(failed.LastAttempt))
		require.Equal(t, f.LastComplete, last.LastComplete, "an incremental run is not complete")
		require.Empty(t, last.Error)
		fresh, err = rentals.Fresh(ctx, synced.In(1), time.Hour)
		require.NoError(t, err)
		require.True(t, fresh)
		fresh, err = rentals.Fresh(ctx, synced.In(1), 0)
		require.NoError(t, err)
		require.False(t, fresh)
	})
}
