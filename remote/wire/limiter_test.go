package wire_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestLimiter_PerSecond(t *testing.T) {
	t.Parallel()
	for burst, want := range map[int]time.Duration{0: 2 * time.Second, 1: 2 * time.Second, 3: time.Second, 5: 0} {
		clock := newClock()
		limiter := wire.NewLimiter(wire.LimiterConfig{PerSecond: 2, Burst: burst})
		for range 5 { // each a client of its own
			_, err := rentals(t, serve(t, wire.Config{Clock: clock, Limiter: limiter}, good))
			require.NoError(t, err)
		}
		require.InDelta(t, want, sum(clock.slept), float64(time.Microsecond))
	}
}

func TestLimiter_TooSlowForTheRequest(t *testing.T) {
	t.Parallel()
	clock := newClock()
	handler, n := script(good)
	client := serve(t, wire.Config{
		Clock: clock, Limiter: wire.NewLimiter(wire.LimiterConfig{PerSecond: 0.01}), Retry: wire.Retry{MaxTime: time.Minute},
	}, handler)
	_, err := rentals(t, client)
	require.NoError(t, err)
	answer, err := rentals(t, client)
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
	require.NotErrorIs(t, err, remote.ErrCircuitOpen)
	require.WithinDuration(t, remotetest.Start.Add(100*time.Second), wait.Until, time.Microsecond)
	require.ErrorContains(t, err, "/api/rentals: rate limited: come back after 2026-01-01T12:01:40Z (in 1m40s)")
	require.Zero(t, answer.Requests)
	require.Zero(t, answer.Bytes)
	require.EqualValues(t, 1, n.Load())
	require.Empty(t, clock.slept)
}

func TestWaitError_BudgetSpent(t *testing.T) {
	t.Parallel()
	clock := newClock()
	handler, n := script(with(429, "Retry-After", "840"), good)
	limiter := wire.NewLimiter(wire.LimiterConfig{})
	client := serve(t, wire.Config{Clock: clock, Limiter: limiter}, handler)
	until := remotetest.Start.Add(14 * time.Minute)

	_, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrLimited)
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
	var e *remote.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 14*time.Minute, e.RetryAfter)
	require.ErrorContains(t, err, ": come back after 2026-01-01T12:14:00Z (in 14m0s)")

	other := serve(t, wire.Config{Clock: clock, Limiter: limiter}, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	for _, c := range []*wire.Client{client, other} {
		_, err = rentals(t, c)
		var wait *remote.WaitError
		require.ErrorAs(t, err, &wait)
		require.Equal(t, until, wait.Until)
		require.NotErrorIs(t, err, remote.ErrLimited, "there was no answer")
	}
	require.EqualValues(t, 1, n.Load())
	require.Empty(t, clock.slept)

	clock.now = until
	_, err = rentals(t, client)
	require.NoError(t, err)
}

func TestWaitError_TheContextEndsBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	handler, n := script(with(503, "Retry-After", "7200"))
	client := serve(t, wire.Config{Retry: wire.Retry{MaxTime: 5 * time.Hour}}, handler)
	_, err := ask(ctx, client)
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.EqualValues(t, 1, n.Load())
}

func TestWaitError_IsBounded(t *testing.T) {
	t.Parallel()
	clock := newClock()
	_, err := rentals(t, serve(t, wire.Config{Clock: clock}, with(429, "Retry-After", "9223372036854775807")))
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, remotetest.Start.Add(24*time.Hour), wait.Until)
}

func TestWaitError_AfterTheLastRepetition(t *testing.T) {
	t.Parallel()
	clock := newClock()
	handler, n := script(with(429, "Retry-After", "5"))
	_, err := rentals(t, serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 2}}, handler))
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, remotetest.Start.Add(15*time.Second), wait.Until)
	require.EqualValues(t, 3, n.Load())
	require.Equal(t, 10*time.Second, sum(clock.slept))
}

// quotas is a remote with 10 requests a minute, that tells so in some way.
func quotas(clock *clock, tell func(h http.Header, left int, reset time.Time)) (http.HandlerFunc, *atomic.Int64, *atomic.Int64) {
	var window time.Time
	var used int
	asked, refused := new(atomic.Int64), new(atomic.Int64)
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked.Add(1)
		now := clock.Now()
		if !now.Before(window) {
			window, used = now.Truncate(time.Second).Add(time.Minute), 0
		}
		used++
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		tell(w.Header(), max(0, 10-used), window)
		if used > 10 {
			refused.Add(1)
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		good(w, r)
	}, asked, refused
}

func TestLimiter_LearnsFromHeaders(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(h http.Header, clock *clock, left int, reset time.Time){
		"unix seconds": func(h http.Header, _ *clock, left int, reset time.Time) {
			h.Set("X-RateLimit-Limit", "10")
			h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
			h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		},
		"delta": func(h http.Header, clock *clock, left int, reset time.Time) {
			h.Set("RateLimit-Remaining", strconv.Itoa(left))
			h.Set("RateLimit-Reset", strconv.Itoa(int(reset.Sub(clock.Now()).Seconds()+1)))
		},
		"structured": func(h http.Header, clock *clock, left int, reset time.Time) {
			h.Set("RateLimit-Policy", `"burst";q=100;w=60, "default";q=10;w=60`)
			h.Set("RateLimit", fmt.Sprintf(`"burst";r=95;t=60, "default";r=%d;t=%d`, left, int(reset.Sub(clock.Now()).Seconds()+1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			handler, asked, refused := quotas(clock, func(h http.Header, left int, reset time.Time) { tell(h, clock, left, reset) })
			client := serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 3}}, handler)
			for range 35 {
				_, err := rentals(t, client)
				require.NoError(t, err)
			}
			require.EqualValues(t, 35, asked.Load())
			require.Zero(t, refused.Load(), "it slows down before it is refused")
			require.GreaterOrEqual(t, sum(clock.slept), 3*time.Minute-5*time.Second)
			require.LessOrEqual(t, sum(clock.slept), 4*time.Minute)
		})
	}
}

func TestLimiter_SpreadsWhatIsLeft(t *testing.T) {
	t.Parallel()
	clock := newClock()
	left := 5
	client := serve(t, wire.Config{Clock: clock}, func(w http.ResponseWriter, r *http.Request) {
		left--
		w.Header().Set("Date", clock.Now().Format(http.TimeFormat))
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(remotetest.Start.Add(50*time.Second).Unix(), 10))
		good(w, r)
	})
	for range 6 {
		_, err := rentals(t, client)
		require.NoError(t, err)
	}
	require.Equal(t, []time.Duration{10e9, 10e9, 10e9, 10e9, 10e9}, clock.slept)
}

func TestLimiter_SpreadingIsNoReasonToFail(t *testing.T) {
	t.Parallel()
	clock := newClock()
	left := 2
	client := serve(t, wire.Config{Clock: clock, Retry: wire.Retry{MaxTime: time.Minute}}, func(w http.ResponseWriter, r *http.Request) {
		left--
		w.Header().Set("Date", clock.Now().Format(http.TimeFormat))
		w.Header().Set("RateLimit-Remaining", strconv.Itoa(left))
		w.Header().Set("RateLimit-Reset", "3600")
		good(w, r)
	})
	for range 2 {
		_, err := rentals(t, client)
		require.NoError(t, err)
	}
	_, err := rentals(t, client)
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, remotetest.Start.Add(time.Hour), wait.Until)
	require.Zero(t, left)
	require.Empty(t, clock.slept)
}

func TestLimiter_ConcurrentUse(t *testing.T) {
	t.Parallel()
	clock := newClock()
	limiter := wire.NewLimiter(wire.LimiterConfig{PerSecond: 1000, InFlight: 3})
	var under, most, n atomic.Int64
	client := serve(t, wire.Config{Clock: clock, Limiter: limiter}, func(w http.ResponseWriter, r *http.Request) {
		now := under.Add(1)
		defer under.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		n.Add(1)
		w.Header().Set("X-RateLimit-Remaining", "1000")
		w.Header().Set("X-RateLimit-Reset", "10")
		good(w, r)
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for j := range 5 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%7 == 0 {
					go cancel() // somewhere in the middle
				}
				if _, err := ask(ctx, client); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, most.Load(), int64(3))
	require.GreaterOrEqual(t, n.Load(), int64(200))
	_, err := rentals(t, client) // all places are free again
	require.NoError(t, err)
}
