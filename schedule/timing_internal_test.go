package schedule

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	quarters := make([]int, 4)
	for i := range 1000 {
		key := fmt.Sprint(i)
		next := spread(at, time.Hour, key)
		require.True(t, next.After(at) && !next.After(at.Add(time.Hour)), next)
		require.Equal(t, next.Add(time.Hour), spread(next, time.Hour, key), "a point is not after itself")
		require.Equal(t, next, spread(next.Add(-1), time.Hour, key))
		quarters[next.Sub(at)*4/(time.Hour+1)]++

		// What runs twice as often has each point of what runs less often.
		require.Equal(t, spread(at, time.Hour, key), spread(spread(at, time.Hour, key).Add(-1), 30*time.Minute, key))
	}
	for _, n := range quarters {
		require.InDelta(t, 250, n, 60)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures int
		interval time.Duration
		random   float64
		want     time.Duration
	}{
		{1, 5 * time.Minute, 0.5, time.Minute},
		{2, 5 * time.Minute, 0.5, 2 * time.Minute},
		{5, 5 * time.Minute, 0.5, 16 * time.Minute},
		{7, 5 * time.Minute, 0.5, time.Hour},
		{1_000_000_000, 5 * time.Minute, 0.5, time.Hour},
		{1, 10 * time.Second, 0.5, 10 * time.Second},
		{3, 10 * time.Second, 0.5, 40 * time.Second},
		{1, 24 * time.Hour, 0.5, time.Minute},
		{1, 5 * time.Minute, 0, 45 * time.Second},
		{1, 5 * time.Minute, 1, 75 * time.Second},
	} {
		require.Equal(t, c.want, backoff(c.failures, c.interval, time.Hour, c.random), "%+v", c)
	}
	require.Equal(t, 10*time.Second, backoff(4, time.Minute, 10*time.Second, 0.5))
}
