package schedule_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
)

// long declares rentals of some accounts, seven pages of each, whose passes note each page.
func long(t *testing.T, b *harness.Bundle, accounts ...int) synced.Synced[harness.Rental] {
	t.Helper()
	d := rentals(t, b, accounts...)
	for _, id := range accounts {
		for n := range 20 {
			b.Server.Account(tokenOf(id)).Collection("rentals").Put(map[string]any{"id": 1000 + n, "name": fmt.Sprint("no. ", n)})
		}
	}
	d.Commit = synced.PerPage{Checkpoint: time.Nanosecond}
	d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
		return rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(tokenOf(scope.Value())), HTTP: b.Server.Client(),
			Retry: wire.Retry{Max: -1}, Pagination: rest.LinkHeader{Stable: true}})
	}
	return d
}

func TestContract_C241_Slices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, long(t, b, 1, 2))
		o := options(t)
		o.Workers, o.Slice = 1, time.Nanosecond
		s := plan(t, b, o, schedule.Every(m, never, in(1, 2)))
		stop := run(t, s)
		await(t, func() bool {
			now := states(t, s, "rentals")
			return !now[int64(1)].Succeeded.IsZero() && !now[int64(2)].Succeeded.IsZero()
		})
		stop()
		for _, id := range []int{1, 2} {
			require.Len(t, harness.Names(t, m, synced.In(id)), 21)
			require.Equal(t, 7, requests(b, id), "no page was asked for twice")
		}
		// They took turns.
		turns := 0
		log := b.Server.Log()
		for i := range log[1:] {
			if log[i].Token != log[i+1].Token {
				turns++
			}
		}
		require.Greater(t, turns, 4)
		require.Zero(t, states(t, s, "rentals")[int64(1)].Failures)
		require.Empty(t, states(t, s, "rentals")[int64(1)].Error)
	})
}

// A long run of a high priority lets others have their turn, too.
func TestContract_C241_BelowItsPriority(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := long(t, b, 1)
		cabins := rentals(t, b)
		cabins.Table = "cabins"
		b.Server.Account(tokenOf(1)).Collection("cabins")
		first := schedule.Every(harness.Model(t, b, d), never, in(1))
		first.Priority = 1
		o := options(t)
		o.Workers, o.Slice = 1, time.Nanosecond
		s := plan(t, b, o, first, schedule.Every(harness.Model(t, b, cabins), never, in(1)))
		s.Tick(t.Context()) // both are due
		run(t, s)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		var order []string
		for _, r := range b.Server.Log() {
			order = append(order, r.Collection)
		}
		require.Equal(t, []string{"rentals", "cabins", "rentals", "rentals", "rentals", "rentals", "rentals", "rentals"}, order)
	})
}

// A complete pass in slices is one pass, whose removals come at its end.
func TestContract_C241_CompletePass(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := long(t, b, 1)
		d.Remove = synced.Destroy{}
		m := harness.Model(t, b, d)
		o := options(t)
		o.Slice = time.Nanosecond
		entry := schedule.Every(m, never, in(1))
		entry.Complete = never
		s := plan(t, b, o, entry)
		run(t, s)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		b.Execute(t, "UPDATE rentals SET synced_id = -synced_id WHERE synced_id = 1") // as if it had been deleted
		b.Server.ResetLog()
		b.Execute(t, "UPDATE synced_schedules SET complete_at = ?", time.Unix(0, 0))
		_, err := s.RunNow(t.Context(), "", synced.NoScope)
		require.NoError(t, err)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].NextComplete.After(time.Now()) })
		_, everything := sinces(b)
		require.GreaterOrEqual(t, everything, 7)
		require.Len(t, harness.Names(t, m, synced.In(1)), 21)
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM rentals WHERE synced_id < 0"))
	})
}

func TestContract_C238_EndsAtTheNextPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, long(t, b, 1))
		g := newGate(b)
		t.Cleanup(g.open)
		o := options(t)
		o.Slice = -1
		s := plan(t, b, o, schedule.Every(m, never, in(1)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		await(t, func() bool { return g.count() == 1 })
		cancel()
		g.open()
		require.NoError(t, <-done)
		require.NotEmpty(t, harness.Names(t, m, synced.In(1)))
		require.Less(t, requests(b, 1), 4)
		require.Zero(t, states(t, s, "rentals")[int64(1)].Succeeded)

		run(t, s)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		require.Len(t, harness.Names(t, m, synced.In(1)), 21)
		require.LessOrEqual(t, requests(b, 1), 8)
	})
}
