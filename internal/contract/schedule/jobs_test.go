package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/schedule"
)

// keys are the scopes of what is due.
func keys(t *testing.T, s *schedule.Schedule, most int) (list []string) {
	t.Helper()
	due, err := s.Due(context.Background(), most)
	require.NoError(t, err)
	for _, d := range due {
		list = append(list, fmt.Sprint(d.Model, d.Scope))
	}
	return list
}

// The jobs of a queue are told what is due, and run it as the schedule itself does.
func TestContract_C246_Jobs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		low, high := &idle{}, &named{idle: &idle{}, name: "firsts"}
		shared := schedule.Every(low, never, in(1, 2, 3))
		shared.Credential = func(synced.Scope) string { return "one" }
		first := schedule.Every(high, never, in(4, 5))
		first.Priority = 7
		o := options(t)
		o.PerCredential = 2
		s := plan(t, b, o, shared, first)
		require.Empty(t, keys(t, s, 10), "nothing is known before the first Tick")
		s.Tick(ctx)
		list := keys(t, s, 10)
		require.Len(t, list, 4, "no more than two of a credential")
		require.ElementsMatch(t, []string{"firsts4", "firsts5"}, list[:2])
		require.Equal(t, list[:3], keys(t, s, 3))

		ran, err := s.RunDue(ctx, nil, high.Name(), "4", "99")
		require.NoError(t, err)
		require.Len(t, ran, 1)
		require.Equal(t, "4", ran[0].Scope)
		require.Greater(t, ran[0].Again, time.Duration(0))
		ran, err = s.RunDue(ctx, nil, high.Name(), "4")
		require.NoError(t, err)
		require.Empty(t, ran, "it is no longer due")
		require.NotContains(t, keys(t, s, 10), "firsts4")
		_, err = s.RunDue(ctx, nil, "nobodies", "1")
		require.ErrorContains(t, err, `has no model "nobodies"`)

		canceled, cancel := context.WithCancel(ctx)
		cancel()
		ran, err = s.RunDue(canceled, nil, high.Name(), "5")
		require.NoError(t, err)
		require.Empty(t, ran)

		for range 3 {
			for _, scope := range []string{"1", "2", "3"} {
				_, err = s.RunDue(ctx, nil, low.Name(), scope)
				require.NoError(t, err)
			}
		}
		require.Equal(t, int64(3), low.runs.Load())
		require.Equal(t, []string{"firsts5"}, keys(t, s, 10))
	})
}

// Many that are due before and can't run hide no other, however few are asked for, and each
// is told once.
func TestContract_C246_NobodyIsHidden(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		e := schedule.Every(&idle{}, never, many(40))
		e.Credential = func(s synced.Scope) string { return map[bool]string{true: "a", false: "b"}[s.Value().(int64) <= 30] }
		o := options(t)
		o.PerCredential = 3
		s := plan(t, b, o, e)
		s.Tick(context.Background())
		b.Execute(t, "UPDATE synced_schedules SET next_at = ?", time.Unix(2, 0))
		b.Execute(t, "UPDATE synced_schedules SET next_at = ? WHERE credential = 'a'", time.Unix(1, 0))
		require.Len(t, keys(t, s, 2), 2)
		list := keys(t, s, 5)
		require.Len(t, list, 5)
		require.Equal(t, list, keys(t, s, 100)[:5], "whatever the number")
		require.Len(t, keys(t, s, 100), 6)
		slices.Sort(list)
		require.Len(t, slices.Compact(list), 5)

		// What runs counts.
		b.Execute(t, "UPDATE synced_schedules SET claimed_by = 'somebody', next_at = ? WHERE scope_id IN ('1', '2', '3', '31', '32')", time.Now().Add(time.Hour))
		require.Len(t, keys(t, s, 100), 1)
	})
}

// Of jobs that run one scope, one does, whatever their number; a schedule may run beside.
func TestContract_C246_OneOfMany(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := &idle{during: func(synced.Scope) { time.Sleep(20 * time.Millisecond) }}
		s := plan(t, b, options(t), schedule.Every(m, never, in(1)))
		s.Tick(context.Background())
		var wg sync.WaitGroup
		var errs error
		var mu sync.Mutex
		for range 5 {
			wg.Go(func() {
				_, err := s.RunDue(context.Background(), nil, m.Name(), "1")
				mu.Lock()
				errs = errors.Join(errs, err)
				mu.Unlock()
			})
		}
		run(t, s)
		wg.Wait()
		require.NoError(t, errs)
		await(t, func() bool { return !states(t, s, m.Name())[int64(1)].Succeeded.IsZero() })
		require.Equal(t, int64(1), m.runs.Load())
	})
}

// named is an idle model of another name.
type named struct {
	*idle
	name string
}

func (n *named) Name() string { return n.name }
