package wire_test

import (
	"bytes"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestRetry_WaitsAsTold(t *testing.T) {
	t.Parallel()
	in90 := remotetest.Start.Add(90 * time.Second).Format(http.TimeFormat)
	for name, c := range map[string]struct {
		status int
		value  string
		want   time.Duration
	}{
		"429, seconds": {429, "7", 7 * time.Second},
		"503, seconds": {503, "11", 11 * time.Second},
		"429, a date":  {429, in90, 90 * time.Second},
		"503, a date":  {503, in90, 90 * time.Second},
		"403, seconds": {403, "7", 7 * time.Second}, // GitHub's way
		"404, seconds": {404, "7", 7 * time.Second},
		"202, seconds": {202, "5", 5 * time.Second},
		"a fraction":   {429, "2.0", 2 * time.Second},
		"milliseconds": {429, "0.25", 250 * time.Millisecond},
		"RFC 3339":     {429, remotetest.Start.Add(90 * time.Second).Format(time.RFC3339), 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			clock.now = clock.now.Add(time.Hour) // not the remote's
			handler, n := script(with(c.status, "Retry-After", c.value), good)
			answer, err := rentals(t, serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 1}}, handler))
			require.NoError(t, err)
			require.Equal(t, c.want, sum(clock.slept))
			require.EqualValues(t, 2, n.Load())
			require.Equal(t, 2, answer.Requests)
			require.EqualValues(t, 2*len(noRentals), answer.Bytes)
		})
	}
}

func TestRetry_ResetAfter(t *testing.T) {
	t.Parallel()
	clock := newClock()
	handler, n := script(with(429, "X-RateLimit-Reset-After", "1.5"), good)
	_, err := rentals(t, serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 1}}, handler))
	require.NoError(t, err)
	require.EqualValues(t, 2, n.Load())
	require.Equal(t, 1500*time.Millisecond, sum(clock.slept))

	handler, n = script(with(404, "X-RateLimit-Reset-After", "1.5")) // told on each answer
	_, err = rentals(t, serve(t, wire.Config{Retry: wire.Retry{Max: 1}}, handler))
	require.ErrorIs(t, err, remote.ErrNotFound)
	require.EqualValues(t, 1, n.Load())
}

// A 202 is no answer yet, however long it takes.
func TestRetry_NotYet(t *testing.T) {
	t.Parallel()
	handler, n := script(with(202))
	_, err := rentals(t, serve(t, wire.Config{Retry: wire.Retry{Max: 2}}, handler))
	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.ErrorContains(t, err, "202 Accepted")
	require.ErrorContains(t, err, "ask again later")
	require.EqualValues(t, 3, n.Load())
}

// A limit that does not say when to come back is met within MaxTime.
func TestRetry_LimitWithoutATime(t *testing.T) {
	t.Parallel()
	limit := with(429)
	handler, n := script(limit, limit, limit, limit, limit, limit, good)
	_, err := rentals(t, serve(t, wire.Config{Retry: wire.Retry{Max: 1, MaxTime: time.Hour}}, handler))
	require.NoError(t, err)
	require.EqualValues(t, 7, n.Load())

	handler, _ = script(limit)
	_, err = rentals(t, serve(t, wire.Config{Retry: wire.Retry{Max: 1, MaxTime: time.Minute}}, handler))
	require.ErrorIs(t, err, remote.ErrLimited)
	require.ErrorContains(t, err, "set a Limiter that makes fewer, or raise Retry.MaxTime")
}

func TestConfig_Limited(t *testing.T) {
	t.Parallel()
	told := func(_ int, _ http.Header, body []byte) bool { return bytes.Contains(body, []byte("slow down")) }
	for _, status := range []int{200, 400, 403} {
		handler, n := script(answer(status, jsonType, `{"error":"slow down"}`), good)
		_, err := rentals(t, serve(t, wire.Config{Limited: told, Retry: wire.Retry{Max: 1}}, handler))
		require.NoError(t, err)
		require.EqualValues(t, 2, n.Load())

		handler, _ = script(answer(status, jsonType, `{"error":"slow down"}`))
		_, err = rentals(t, serve(t, wire.Config{Limited: told}, handler))
		require.ErrorIs(t, err, remote.ErrLimited)
		require.NotErrorIs(t, err, remote.ErrUnauthorized)
	}
}

func TestClient_Secure(t *testing.T) {
	t.Parallel()
	client, err := wire.NewClient(wire.Config{BaseURL: "https://example.com/api", Hosts: []string{"https://b.example.com:8443"}})
	require.NoError(t, err)
	for from, want := range map[string]string{
		"http://example.com/api?page=2":    "https://example.com/api?page=2",
		"http://example.com:80/api":        "https://example.com/api",
		"http://b.example.com:8443/":       "https://b.example.com:8443/",
		"http://other.example.com/":        "http://other.example.com/",
		"http://example.com:8080/":         "http://example.com:8080/",
		"https://example.com/api?a=http:/": "https://example.com/api?a=http:/",
	} {
		u, err := url.Parse(from)
		require.NoError(t, err)
		require.Equal(t, want, client.Secure(u).String())
	}
}

func TestRetry_Statuses(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{
		408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true, 520: true, 599: true,
		304: false, 400: false, 401: false, 403: false, 404: false, 409: false, 410: false, 418: false, 422: false, 451: false,
	} {
		clock := newClock()
		handler, n := script(with(status), good)
		_, err := rentals(t, serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 1}}, handler))
		require.Equal(t, again, err == nil, "%d: %v", status, err)
		require.Equal(t, again, n.Load() == 2, status)
		require.LessOrEqual(t, sum(clock.slept), 500*time.Millisecond)
	}
}

func TestRetry_GivesUp(t *testing.T) {
	t.Parallel()
	for retries, want := range map[int]int64{-1: 1, 1: 2, 0: 5} {
		handler, n := script(with(503))
		client := serve(t, wire.Config{Retry: wire.Retry{Max: retries, MaxTime: time.Hour}}, handler)
		answer, err := rentals(t, client)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.NotErrorIs(t, err, remote.ErrBudgetSpent)
		require.EqualValues(t, want, answer.Requests)
		require.Equal(t, want*int64(len(noRentals)), answer.Bytes)
		require.Equal(t, want, n.Load())
	}

	clock := newClock()
	handler, n := script(with(500))
	client := serve(t, wire.Config{Clock: clock, Breaker: wire.Breaker{Failures: -1}, Retry: wire.Retry{
		Max: 1000, MaxTime: 10 * time.Second, First: 4 * time.Second, Longest: 4 * time.Second,
	}}, handler)
	_, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.LessOrEqual(t, sum(clock.slept), 10*time.Second)
	require.Less(t, n.Load(), int64(1000))
	require.Greater(t, n.Load(), int64(2))
}

func TestRetry_Jitter(t *testing.T) {
	t.Parallel()
	bounds := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second}
	draws := make([][]time.Duration, len(bounds))
	for range 200 {
		clock := newClock()
		client, err := wire.NewClient(wire.Config{
			BaseURL: "http://jitter.example", Clock: clock, Breaker: wire.Breaker{Failures: -1},
			HTTP:  &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) { return status(r, 500), nil })},
			Retry: wire.Retry{Max: len(bounds), First: time.Second, Longest: 5 * time.Second},
		})
		require.NoError(t, err)
		_, err = rentals(t, client)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Len(t, clock.slept, len(bounds))
		for i, d := range clock.slept {
			draws[i] = append(draws[i], d)
		}
	}
	for i, bound := range bounds {
		tenths := map[int]int{}
		for _, d := range draws[i] {
			require.GreaterOrEqual(t, d, time.Duration(0))
			require.LessOrEqual(t, d, bound)
			tenths[min(9, int(10*d/bound))]++
		}
		require.Len(t, tenths, 10, "spread over all of it")
	}
}

func TestRetry_RequestID(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var ids []string
	note := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			ids = append(ids, r.Header.Get("X-Request-Id"))
			mu.Unlock()
			h(w, r)
		}
	}
	handler, _ := script(note(with(503)), note(with(503)), note(with(200)), note(with(404)))
	client := serve(t, wire.Config{Retry: wire.Retry{Max: 2}}, handler)
	_, err := rentals(t, client)
	require.NoError(t, err)
	_, err = rentals(t, client)
	require.Len(t, ids, 4)
	require.Len(t, ids[0], 36)
	require.Equal(t, ids[0], ids[1])
	require.Equal(t, ids[0], ids[2])
	require.NotEqual(t, ids[0], ids[3], "another request")
	var e *remote.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, ids[3], e.RequestID)

	_, err = rentals(t, serve(t, wire.Config{Header: http.Header{"X-Request-Id": {"mine"}}}, note(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})))
	require.ErrorContains(t, err, " (request mine)")
	mu.Lock()
	require.Equal(t, "mine", ids[4])
	mu.Unlock()

	_, err = rentals(t, serve(t, wire.Config{}, with(404, "X-Request-Id", "theirs")))
	require.ErrorAs(t, err, &e)
	require.Equal(t, "theirs", e.RequestID)
}

func TestRetry_Config(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]wire.Config{
		"retry: max time -1s: want":    {Retry: wire.Retry{MaxTime: -time.Second}},
		"retry: first -1s, longest 0s": {Retry: wire.Retry{First: -time.Second}},
		"breaker: wait -1s: want more": {Breaker: wire.Breaker{Wait: -time.Second}},
		"retry: first 0s, longest -1s": {Retry: wire.Retry{Longest: -time.Second}},
	} {
		config.BaseURL = "https://example.com"
		_, err := wire.NewClient(config)
		require.ErrorContains(t, err, want)
	}
}
