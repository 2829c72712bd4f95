package wire

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// ration is a budget that gives a request each step, and notes what was asked of it.
type ration struct {
	clock *still
	step  time.Duration
	next  time.Time
	held  time.Time
	asked []int
	told  []time.Duration
	err   error

	returned []int
}

func (r *ration) Lease(_ context.Context, n int, allowed time.Duration) (Portion, error) {
	r.asked = append(r.asked, n)
	now := r.clock.now
	for _, least := range []time.Time{now, r.held} {
		if r.next.Before(least) {
			r.next = least
		}
	}
	p := Portion{Wait: r.next.Sub(now), Step: r.step, Held: max(0, r.held.Sub(now))}
	if p.Wait <= allowed {
		p.N, r.next = n, r.next.Add(time.Duration(n)*r.step)
	}
	return p, r.err
}

func (r *ration) Return(_ context.Context, p Portion, n int) error {
	r.returned = append(r.returned, n)
	r.next = r.next.Add(-time.Duration(n) * r.step)
	return nil
}

func (r *ration) Hold(_ context.Context, wait time.Duration) error {
	r.told = append(r.told, wait)
	return errors.New("the database is away")
}

func rationed(step time.Duration) (*Limiter, *ration) {
	r := &ration{clock: &still{now: time.Now()}, step: step}
	return NewLimiter(LimiterConfig{Budget: r}), r
}

// ask starts a request of a run and ends it.
func ask(t *testing.T, l *Limiter, r *ration, allowed time.Duration) error {
	t.Helper()
	p, err := l.acquire(t.Context(), r.clock, &Queue{}, allowed)
	if err == nil {
		p.release()
	}
	return err
}

func TestBudget_Portions(t *testing.T) {
	t.Parallel()
	l, r := rationed(20 * time.Millisecond)
	start := r.clock.now
	for range 255 {
		require.NoError(t, ask(t, l, r, time.Hour))
	}
	require.Equal(t, 254*r.step, r.clock.now.Sub(start))
	leases := 0
	for _, n := range r.asked {
		if n > 0 {
			leases++
		}
	}
	require.Equal(t, []int{1, 2, 4, 8, 16, 32, 64}, r.asked[:7])
	require.Equal(t, 9, leases, "the portions grow up to 2 s")
	require.LessOrEqual(t, len(r.asked), 15, "and others' pauses are looked for once a second")
}

func TestBudget_ARequestForEachRunThatWaits(t *testing.T) {
	t.Parallel()
	l, r := rationed(time.Minute)
	queues := []*Queue{{}, {}, {}}
	var turns []chan struct{}
	for _, q := range append(queues, queues[0]) {
		turn, err := l.enqueue(q, r.clock.now, time.Hour)
		require.NoError(t, err)
		turns = append(turns, turn)
	}
	require.True(t, has(turns[0]))
	p, err := l.start(t.Context(), r.clock, queues[0], r.clock.now.Add(time.Hour))
	require.NoError(t, err)
	p.release()
	require.Equal(t, []int{3}, r.asked)
}

func TestBudget_WhatIsNotUsedIsLost(t *testing.T) {
	t.Parallel()
	l, r := rationed(100 * time.Millisecond)
	for range 4 {
		require.NoError(t, ask(t, l, r, time.Hour))
	}
	require.Equal(t, []int{1, 2, 4}, r.asked)
	r.clock.now = r.clock.now.Add(time.Minute)
	require.NoError(t, ask(t, l, r, time.Hour))
	require.Equal(t, []int{1, 2, 4, 2}, r.asked, "twice what was used of the last one")
}

func TestBudget_ThePauseOfOthers(t *testing.T) {
	t.Parallel()
	l, r := rationed(100 * time.Millisecond)
	for range 4 {
		require.NoError(t, ask(t, l, r, time.Hour))
	}
	r.held = r.clock.now.Add(time.Hour) // another process was told
	r.clock.now = r.clock.now.Add(time.Second)
	err := ask(t, l, r, time.Minute)
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, r.held, wait.Until)
	require.NoError(t, ask(t, l, r, 2*time.Hour))
	require.Equal(t, r.held, r.clock.now)
	require.Equal(t, []int{1, 2, 4, 0, 2, 0}, r.asked, "what was leased before is not used after the pause")
}

func TestBudget_OwnPause(t *testing.T) {
	t.Parallel()
	l, r := rationed(100 * time.Millisecond)
	for range 4 {
		require.NoError(t, ask(t, l, r, time.Hour))
	}
	until := r.clock.now.Add(time.Minute)
	l.limited(t.Context(), r.clock.now, time.Minute) // the budget can't be told
	require.Equal(t, []time.Duration{time.Minute}, r.told)
	r.held = until
	require.NoError(t, ask(t, l, r, time.Hour))
	require.Equal(t, until, r.clock.now)
}

func TestBudget_Refused(t *testing.T) {
	t.Parallel()
	l, r := rationed(time.Hour)
	require.NoError(t, ask(t, l, r, time.Minute))
	err := ask(t, l, r, time.Minute)
	require.ErrorIs(t, err, remote.ErrBudgetSpent)
	var wait *remote.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, time.Hour, wait.Wait)
	r.err = errors.New("the database is away")
	require.ErrorIs(t, ask(t, l, r, time.Minute), r.err)
	r.err = nil
	require.NoError(t, ask(t, l, r, 2*time.Hour), "the turn was given back")
}

func TestBudget_Close(t *testing.T) {
	t.Parallel()
	l, r := rationed(100 * time.Millisecond)
	for range 4 { // portions of 1, 2 and 4
		require.NoError(t, ask(t, l, r, time.Hour))
	}
	require.NoError(t, l.Close(t.Context()))
	require.Equal(t, []int{3}, r.returned)
	require.NoError(t, l.Close(t.Context()))
	require.Len(t, r.returned, 1, "once")
	require.NoError(t, ask(t, l, r, time.Hour))
	require.NoError(t, NewLimiter(LimiterConfig{}).Close(t.Context()))

	// It waits for its turn, and no longer than it may.
	l = NewLimiter(LimiterConfig{Budget: r, InFlight: 1})
	p, err := l.acquire(t.Context(), r.clock, &Queue{}, time.Hour)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, l.Close(ctx), context.Canceled)
	p.release()
	require.NoError(t, l.Close(t.Context()))
}
