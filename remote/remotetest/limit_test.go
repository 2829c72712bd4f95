package remotetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main", Limit: remotetest.Limit{Requests: 2, Window: 10 * time.Second}}, 1)
	srv.Account("other").Collection("rentals")
	for _, want := range []struct {
		status    int
		remaining string
		retry     string
	}{{200, "1", ""}, {200, "0", ""}, {429, "0", "8"}, {429, "0", "7"}} {
		r := get(t, srv, "main", "/rentals")
		require.Equal(t, want.status, r.status)
		require.Equal(t, "2", r.header.Get("X-RateLimit-Limit"))
		require.Equal(t, want.remaining, r.header.Get("X-RateLimit-Remaining"))
		require.Equal(t, "1767268810", r.header.Get("X-RateLimit-Reset"))
		require.Equal(t, want.retry, r.header.Get("Retry-After"))
	}
	require.Equal(t, 200, get(t, srv, "other", "/rentals").status, "accounts have a limit each")
	require.Equal(t, 401, get(t, srv, "unknown", "/rentals").status)

	require.NoError(t, srv.Clock().Sleep(t.Context(), 4*time.Second)) // 12:00:10
	require.Equal(t, 200, get(t, srv, "main", "/rentals").status)
}

func TestLimit_Headers(t *testing.T) {
	t.Parallel()
	limited := func(headers remotetest.LimitHeaders, retry remotetest.RetryAfter) reply {
		srv := setup(t, remotetest.Config{Limit: remotetest.Limit{Requests: 1, Headers: headers, RetryAfter: retry}}, 1)
		require.Equal(t, 200, get(t, srv, "", "/rentals").status)
		r := get(t, srv, "", "/rentals")
		require.Equal(t, 429, r.status)
		return r
	}
	r := limited(remotetest.XRateLimitDelta, remotetest.RetryDate)
	require.Equal(t, "59", r.header.Get("X-RateLimit-Reset"))
	require.Equal(t, "Thu, 01 Jan 2026 12:01:00 GMT", r.header.Get("Retry-After"))
	r = limited(remotetest.RateLimit, remotetest.NoRetryAfter)
	require.Equal(t, `"default";q=1;w=60`, r.header.Get("RateLimit-Policy"))
	require.Equal(t, `"default";r=0;t=59`, r.header.Get("RateLimit"))
	require.NotContains(t, r.header, "Retry-After")
	require.NotContains(t, r.header, "X-Ratelimit-Limit")
	r = limited(remotetest.NoLimitHeaders, remotetest.RetrySeconds)
	require.NotContains(t, r.header, "X-Ratelimit-Limit")
	require.Equal(t, "59", r.header.Get("Retry-After"))
}

func TestClock(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 0)
	clock := srv.Clock()
	require.Equal(t, remotetest.Start, clock.Now())
	require.NoError(t, clock.Sleep(t.Context(), time.Hour))
	require.NoError(t, clock.Sleep(t.Context(), -time.Hour))
	require.Equal(t, remotetest.Start.Add(time.Hour), srv.Now())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, clock.Sleep(ctx, time.Hour), context.Canceled)
	require.Equal(t, remotetest.Start.Add(time.Hour), clock.Now())
	require.Equal(t, []time.Duration{time.Hour, -time.Hour}, clock.Slept())
}
