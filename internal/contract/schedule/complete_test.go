package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

// sinces counts the requests that asked for what changed, and for everything.
func sinces(b *harness.Bundle) (changes, everything int) {
	for _, r := range b.Server.Log() {
		if r.Query.Has("updated_since") {
			changes++
		} else {
			everything++
		}
	}
	return changes, everything
}

func TestContract_C237_CompletePasses(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		entry := schedule.Every(m, 10*time.Millisecond, in(1))
		entry.Complete = never
		s := plan(t, b, options(t), entry)
		run(t, s)
		await(t, func() bool { changes, _ := sinces(b); return changes > 3 })
		_, everything := sinces(b)
		require.Equal(t, 1, everything, "the first run")
		next := states(t, s, "rentals")[int64(1)].NextComplete
		require.WithinRange(t, next, time.Now(), time.Now().Add(never))

		// It is due: one pass, and then not for long.
		b.Execute(t, "UPDATE synced_schedules SET complete_at = ?", time.Unix(0, 0))
		await(t, func() bool { _, everything := sinces(b); return everything == 2 })
		changes, _ := sinces(b)
		await(t, func() bool { now, _ := sinces(b); return now > changes+3 })
		_, everything = sinces(b)
		require.Equal(t, 2, everything)
		require.Equal(t, next, states(t, s, "rentals")[int64(1)].NextComplete, "the grid stays where it is")
	})
}

func TestContract_C237_IncrementalRunsGoOn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		d.Strategy = strategy.UpdatedSince{}
		m := harness.Model(t, b, d)
		entry := schedule.Every(m, 10*time.Millisecond, in(1))
		entry.Complete = never
		s := plan(t, b, options(t), entry)
		run(t, s)
		await(t, func() bool { changes, _ := sinces(b); return changes > 1 })

		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		b.Execute(t, "UPDATE synced_schedules SET complete_at = ?", time.Unix(0, 0))
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].NextComplete.After(time.Now()) })
		require.WithinRange(t, states(t, s, "rentals")[int64(1)].NextComplete, time.Now().Add(30*time.Minute), time.Now().Add(90*time.Minute))
		b.Server.ClearFaults()
		changes, everything := sinces(b)
		await(t, func() bool { now, _ := sinces(b); return now > changes+1 })
		_, now := sinces(b)
		require.Equal(t, everything, now)
	})
}

// An interval that changes with a deployment counts at once.
func TestChangedEntry(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1, 2))
		entry := schedule.Every(m, never, in(1, 2))
		entry.Complete = never
		s := plan(t, b, options(t), entry)
		stop := run(t, s)
		await(t, func() bool { return b.Server.Requests() == 2 })
		stop()
		require.False(t, states(t, s, "rentals")[int64(1)].NextComplete.IsZero())

		entry.Every, entry.Complete, entry.Priority = 20*time.Millisecond, 0, 3
		entry.Credential = func(synced.Scope) string { return "all" }
		s = plan(t, b, options(t), entry)
		run(t, s)
		await(t, func() bool { return requests(b, 1) > 3 && requests(b, 2) > 3 })
		now := states(t, s, "rentals")[int64(2)]
		require.Equal(t, 3, now.Priority)
		require.Equal(t, "all", now.Credential)
		require.Equal(t, 20*time.Millisecond, now.Every)
		require.Zero(t, now.Complete)
		require.Zero(t, now.NextComplete)
	})
}
