package wire

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// still is a clock that does not move, and notes how long it was slept.
type still struct {
	now   time.Time
	slept []time.Duration
	err   error
}

func (s *still) Now() time.Time { return s.now }

func (s *still) Sleep(_ context.Context, d time.Duration) error {
	s.slept = append(s.slept, d)
	s.now = s.now.Add(d)
	return s.err
}

// has says whether it is somebody's turn.
func has(turn chan struct{}) bool {
	select {
	case <-turn:
		return true
	default:
		return false
	}
}

func TestLimiter_RunsTakeTurns(t *testing.T) {
	t.Parallel()
	clock := &still{now: time.Now()}
	l := NewLimiter(LimiterConfig{InFlight: 1})
	a, b, c := &Queue{}, &Queue{}, &Queue{}
	waiting := map[string]chan struct{}{}
	for _, w := range []struct {
		name string
		flow *Queue
	}{{"a1", a}, {"a2", a}, {"a3", a}, {"a4", a}, {"a5", a}, {"b1", b}, {"c1", c}, {"c2", c}} {
		turn, err := l.enqueue(w.flow, clock.now, time.Minute)
		require.NoError(t, err)
		waiting[w.name] = turn
	}
	var order []string
	for len(waiting) > 0 {
		n := len(waiting)
		for name, turn := range waiting {
			if !has(turn) {
				continue
			}
			order = append(order, name)
			delete(waiting, name)
			p, err := l.start(t.Context(), clock, &Queue{}, clock.now)
			require.NoError(t, err)
			for _, other := range waiting {
				require.False(t, has(other), "one at a time")
			}
			p.release()
			break
		}
		require.Len(t, waiting, n-1)
	}
	require.Equal(t, []string{"a1", "a2", "b1", "c1", "a3", "c2", "a4", "a5"}, order)
	require.Empty(t, l.queues)
}

func TestLimiter_ATurnGivenUpIsPassedOn(t *testing.T) {
	t.Parallel()
	clock := &still{now: time.Now()}
	l := NewLimiter(LimiterConfig{InFlight: 1})
	a, b := &Queue{}, &Queue{}
	var turns []chan struct{}
	for _, f := range []*Queue{a, a, b, b, a} {
		turn, err := l.enqueue(f, clock.now, time.Hour)
		require.NoError(t, err)
		turns = append(turns, turn)
	}
	require.True(t, has(turns[0]))
	l.leave(a, turns[1]) // was waiting
	l.leave(a, turns[0]) // had the turn
	require.False(t, has(turns[1]))
	require.True(t, has(turns[4]), "a is still first")

	l.pause(clock.now.Add(time.Minute))
	_, err := l.start(t.Context(), clock, &Queue{}, clock.now.Add(time.Second)) // too long for this one
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
	require.True(t, has(turns[2]))

	clock.err = errors.New("the caller is gone")
	_, err = l.start(t.Context(), clock, &Queue{}, clock.now.Add(time.Hour))
	require.ErrorIs(t, err, clock.err)
	require.True(t, has(turns[3]))
	clock.err = nil
	p, err := l.start(t.Context(), clock, &Queue{}, clock.now.Add(time.Hour))
	require.NoError(t, err)
	p.release()
	require.False(t, l.turn)
	require.Equal(t, 1, l.free)
	require.Zero(t, l.open)
}

func TestLimiter_TheQueueIsPartOfTheWait(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := NewLimiter(LimiterConfig{PerSecond: 1, InFlight: 1})
	a, b := &Queue{}, &Queue{}
	for range 5 {
		_, err := l.enqueue(a, now, 4500*time.Millisecond)
		require.NoError(t, err)
	}
	_, err := l.enqueue(a, now, 4500*time.Millisecond)
	require.ErrorIs(t, err, remote.ErrBudgetSpent, "five are before it")
	_, err = l.enqueue(b, now, 2500*time.Millisecond)
	require.NoError(t, err, "two are before it")
	_, err = l.enqueue(b, now, 2500*time.Millisecond)
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
}

func TestLimiter_OddConfigs(t *testing.T) {
	t.Parallel()
	for _, config := range []LimiterConfig{{PerSecond: -1, Burst: -1, InFlight: -1}, {PerSecond: 1e-300}, {PerSecond: 1e300}} {
		clock := &still{now: time.Now()}
		p, err := NewLimiter(config).acquire(t.Context(), clock, &Queue{}, time.Second)
		require.NoError(t, err)
		p.release()
	}
}

func TestTransport_KeepsConnections(t *testing.T) {
	t.Parallel()
	c, err := NewClient(Config{BaseURL: "https://example.com", Limiter: NewLimiter(LimiterConfig{InFlight: 50})})
	require.NoError(t, err)
	other, err := NewClient(Config{BaseURL: "https://example.com"})
	require.NoError(t, err)
	require.Same(t, transport(), c.http.Transport)
	require.Same(t, c.http.Transport, other.http.Transport)
	require.GreaterOrEqual(t, shared.MaxIdleConnsPerHost, 50)
	require.Equal(t, 50, c.config.Limiter.free)
	require.Equal(t, 4, other.config.Limiter.free)
}
