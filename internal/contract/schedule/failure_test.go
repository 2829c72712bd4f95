package schedule_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store"
)

func TestContract_C234_Backoff(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		b.Server.Fault(remotetest.Fault{Token: tokenOf(1), Status: 404, Times: -1})
		o := options(t)
		o.MaxBackoff = time.Minute
		s := plan(t, b, o, schedule.Every(m, 10*time.Millisecond, in(1, 2)))
		run(t, s)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Failures >= 4 })
		require.Regexp(t, `^synced: rentals \(account_id 1\): page 1: .*: 404 Not Found`, states(t, s, "rentals")[int64(1)].Error)
		require.Zero(t, states(t, s, "rentals")[int64(1)].Succeeded)
		await(t, func() bool { return requests(b, 2) > 4 }) // others run meanwhile

		// The first success ends it.
		b.Server.ClearFaults()
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		require.Zero(t, states(t, s, "rentals")[int64(1)].Failures)
		require.Empty(t, states(t, s, "rentals")[int64(1)].Error)
	})
}

func TestContract_C234_WaitsAsTold(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		b.Server.Fault(remotetest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Times: -1})
		s := plan(t, b, options(t), schedule.Every(m, 10*time.Millisecond, in(1)))
		run(t, s)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Error != "" })
		now := states(t, s, "rentals")[int64(1)]
		require.WithinRange(t, now.Next, time.Now().Add(50*time.Minute), time.Now().Add(70*time.Minute))
		require.Contains(t, now.Error, "come back after")
		require.Zero(t, now.Failures, "nothing is wrong but the time")

		n, err := s.RunNow(t.Context(), "rentals", synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		await(t, func() bool { return b.Server.Requests() == 2 })
	})
}

func TestContract_C234_RunningElsewhere(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		g := newGate(b)
		t.Cleanup(g.open)
		done := make(chan error, 1)
		go func() {
			_, err := m.Synchronize(context.Background(), synced.In(1))
			done <- err
		}()
		await(t, func() bool { return g.count() == 1 })
		s := plan(t, b, options(t), schedule.Every(m, 20*time.Millisecond, in(1)))
		run(t, s)
		began := time.Time{}
		for range 3 { // it is tried again and again
			await(t, func() bool { return states(t, s, "rentals")[int64(1)].Began.After(began) })
			began = states(t, s, "rentals")[int64(1)].Began
		}
		require.Equal(t, 1, g.count())
		require.Zero(t, states(t, s, "rentals")[int64(1)].Failures)
		g.open()
		require.NoError(t, <-done)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
	})
}

func TestContract_C235_Consent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1, 2)
		api := d.APIFor
		var refused atomic.Bool
		refused.Store(true)
		d.APIFor = func(ctx context.Context, scope synced.Scope) (remote.API, error) {
			if refused.Load() && scope == synced.In(1) {
				return nil, remote.ErrConsentNeeded
			}
			return api(ctx, scope)
		}
		m := harness.Model(t, b, d)
		s := plan(t, b, options(t), schedule.Every(m, 10*time.Millisecond, in(1, 2)))
		stop := run(t, s)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Paused != "" })
		now := states(t, s, "rentals")[int64(1)]
		require.Contains(t, now.Paused, "the account's owner must consent again")
		require.True(t, now.ConsentNeeded)
		require.Zero(t, now.Failures)

		// It stays so, also after a restart, and the others go on.
		stop()
		run(t, s)
		asked := requests(b, 2)
		await(t, func() bool { return requests(b, 2) > asked+3 })
		require.Equal(t, now.Began, states(t, s, "rentals")[int64(1)].Began)
		_, err := s.RunNow(t.Context(), "rentals", synced.In(1))
		require.NoError(t, err)

		refused.Store(false)
		n, err := s.Resume(t.Context(), "rentals", synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		require.False(t, states(t, s, "rentals")[int64(1)].ConsentNeeded)
	})
}

func TestContract_C240_Panics(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1, 2)
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
			if changes[0].New.AccountID == 1 {
				panic("our mistake")
			}
			return nil
		}
		m := harness.Model(t, b, d)
		o := options(t)
		var told atomic.Int64
		o.Failing, o.MaxBackoff = 1, 10*time.Millisecond
		o.Alert = func(context.Context, schedule.Alert) error {
			told.Add(1)
			panic("another mistake")
		}
		s := plan(t, b, o, schedule.Every(m, 10*time.Millisecond, in(1, 2)))
		run(t, s)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Failures > 2 && told.Load() > 1 })
		require.Regexp(t, `^rentals: panic in .*C240.* \(line \d+\): our mistake$`, states(t, s, "rentals")[int64(1)].Error)
		asked := requests(b, 2)
		await(t, func() bool { return requests(b, 2) > asked+3 })
		require.Empty(t, states(t, s, "rentals")[int64(2)].Error)
	})
}
