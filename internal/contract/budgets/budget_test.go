package budgets_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/budget"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/postgres"
)

func budgetOf(t *testing.T, b *harness.Bundle, c budget.Config) *budget.Budget {
	t.Helper()
	made, err := budget.New(b.DB, c)
	require.NoError(t, err)
	return made
}

// Times are far apart, so that a slow machine changes nothing.
func TestContract_C264_Turns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := budget.Config{Credential: "account 1", PerSecond: 0.001}
		one, other := budgetOf(t, b, c), budgetOf(t, b.Other(t), c)
		lease := func(of *budget.Budget, n int, waits float64) {
			t.Helper()
			p, err := of.Lease(t.Context(), n, 24*time.Hour)
			require.NoError(t, err)
			require.Equal(t, n, p.N)
			require.InDelta(t, waits, p.Wait.Seconds()/1000, 0.4)
			require.InDelta(t, 1, p.Step.Seconds()/1000, 0.001)
		}
		lease(one, 5, 0)
		lease(other, 1, 5)
		lease(one, 5, 6)
		p, err := other.Lease(t.Context(), 1, time.Minute)
		require.NoError(t, err)
		require.Zero(t, p.N, "too long for this one, so it takes nothing")
		lease(other, 1, 11)
		lease(budgetOf(t, b, budget.Config{Credential: "account 2", PerSecond: 0.001}), 1, 0)
		burst := budget.Config{Credential: "account 3", PerSecond: 0.001, Burst: 3}
		lease(budgetOf(t, b, burst), 2, -2)
		lease(budgetOf(t, b, burst), 2, 0)
		lease(budgetOf(t, b, burst), 1, 2)
	})
}

func TestContract_C265_OneWasTold(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var asked atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		t.Cleanup(srv.Close)
		for _, bundle := range []*harness.Bundle{b, b.Other(t), b.Other(t)} { // each a process, as after a restart
			c, err := client(bundle.DB, srv.URL, 100)
			require.NoError(t, err)
			before := time.Now()
			_, err = c.Do(t.Context(), &wire.Request{URL: c.URL("rentals")})
			var wait *remote.WaitError
			require.ErrorAs(t, err, &wait)
			require.WithinDuration(t, before.Add(2*time.Hour), wait.Until, 10*time.Minute)
		}
		require.EqualValues(t, 1, asked.Load())
	})
}

func TestContract_C266_NoCredentialIsKept(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := budget.Config{Credential: "s3cret", PerSecond: 5}
		_, err := budgetOf(t, b, c).Lease(t.Context(), 1, time.Hour)
		require.NoError(t, err)
		kept := b.Column(t, "SELECT credential FROM synced_budgets")
		require.Len(t, kept, 1)
		require.Regexp(t, "^[0-9a-f]{64}$", kept[0])
		require.Equal(t, "budget.Config{PerSecond: 5, Burst: 0} budget.Config{PerSecond: 5, Burst: 0}", fmt.Sprintf("%+v %#v", c, c))
	})
}

func TestContract_C266_TheDatabaseIsAway(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, n := counting(t)
		other := b.Other(t)
		if b.Pool != nil {
			own, err := pgxpool.NewWithConfig(t.Context(), b.Pool.Config())
			require.NoError(t, err)
			other.DB = postgres.New(own, postgres.Options{}).Backend()
			c, err := client(other.DB, srv.URL, 100)
			require.NoError(t, err)
			own.Close()
			refused(t, c, n)
			return
		}
		c, err := client(other.DB, srv.URL, 100)
		require.NoError(t, err)
		require.NoError(t, other.File.Close())
		refused(t, c, n)
	})
}

func refused(t *testing.T, c *wire.Client, n *atomic.Int64) {
	t.Helper()
	_, err := c.Do(t.Context(), &wire.Request{URL: c.URL("rentals")})
	require.ErrorContains(t, err, "/rentals: budget: look what is left: ")
	require.NotContains(t, err.Error(), harness.Token)
	require.Zero(t, n.Load())
}

func TestContract_C266_New(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for want, c := range map[string]budget.Config{
			"the credential is missing: name the account, or give what is sent":            {PerSecond: 1},
			"PerSecond is 0: give a positive number, such as 100. / 60 for 100 a minute":   {Credential: "a"},
			"PerSecond is NaN: give a positive number, such as 100. / 60 for 100 a minute": {Credential: "a", PerSecond: math.NaN()},
			"PerSecond is 20000: give at least one a day, and at most 10000":               {Credential: "a", PerSecond: 20000},
			"burst is -1: give a positive number, or 0 for the default":                    {Credential: "a", PerSecond: 1, Burst: -1},
		} {
			_, err := budget.New(b.DB, c)
			require.EqualError(t, err, "synced: budget: "+want)
		}
	})
}

// What was leased and not used goes back, unless others have leased since.
func TestContract_C283_GivenBack(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		c := budget.Config{Credential: "account 1", PerSecond: 0.001}
		one, other := budgetOf(t, b, c), budgetOf(t, b.Other(t), c)
		waits := func(steps float64) {
			t.Helper()
			p, err := other.Lease(t.Context(), 0, 24*time.Hour)
			require.NoError(t, err)
			require.InDelta(t, steps, p.Wait.Seconds()/1000, 0.4)
		}
		p, err := one.Lease(t.Context(), 5, 24*time.Hour)
		require.NoError(t, err)
		require.NoError(t, one.Return(t.Context(), p, 3))
		waits(2)
		require.NoError(t, one.Return(t.Context(), p, 3), "a second time, it has no effect")
		waits(2)
		p, err = one.Lease(t.Context(), 5, 3500*time.Second)
		require.NoError(t, err)
		require.Equal(t, 2, p.N, "the others would wait too long")
		_, err = other.Lease(t.Context(), 1, 24*time.Hour)
		require.NoError(t, err)
		require.NoError(t, one.Return(t.Context(), p, 1))
		waits(5)
	})
}

// A process that ends has others wait only for what it has used.
func TestContract_C283_Close(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, n := counting(t)
		shared := budgetOf(t, b, budget.Config{Credential: "account 1", PerSecond: 0.001})
		limiter := wire.NewLimiter(wire.LimiterConfig{Budget: shared})
		c, err := wire.NewClient(wire.Config{BaseURL: srv.URL, Retry: wire.Retry{Max: -1, MaxTime: 20 * time.Hour}, Limiter: limiter})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _, _ = c.Do(ctx, &wire.Request{URL: c.URL("rentals")}) })
		}
		leased := func() bool {
			p, err := shared.Lease(t.Context(), 0, 24*time.Hour)
			return err == nil && p.Wait > 1500*time.Second
		}
		require.Eventually(t, func() bool { return n.Load() == 1 && leased() }, 3*harness.WaitLong, harness.WaitTick)
		cancel()
		wg.Wait()
		require.EqualValues(t, 1, n.Load())
		require.NoError(t, limiter.Close(t.Context()))
		require.False(t, leased())
	})
}
