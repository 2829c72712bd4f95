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

func TestContract_C280_RemovalByCompletePasses(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		d.Strategy, d.Remove = strategy.UpdatedSince{}, nil
		b.Server.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
		list := b.Server.Account(tokenOf(1)).Collection("rentals")
		for id := 2; id <= 30; id++ {
			list.Put(remotetest.Record{"id": id, "name": "villa"})
		}
		m := harness.Model(t, b, d)
		entry := schedule.Every(m, 10*time.Millisecond, in(1))
		entry.Complete, entry.Remove = never, synced.Destroy{}
		s := plan(t, b, options(t), entry)
		run(t, s)
		goOn := func() {
			t.Helper()
			changes, _ := sinces(b)
			await(t, func() bool { now, _ := sinces(b); return now > changes+2 })
		}
		complete := func(done func(schedule.State) bool) {
			t.Helper()
			b.Execute(t, "UPDATE synced_schedules SET complete_at = ?", time.Unix(0, 0))
			await(t, func() bool {
				now := states(t, s, "rentals")[int64(1)]
				return now.NextComplete.After(time.Now()) && done(now) // how it ended is written
			})
		}
		goOn()

		// What incremental runs can't know, the next complete pass finds.
		list.Delete(30)
		goOn()
		require.Len(t, all(t, m), 30)
		complete(func(schedule.State) bool { return len(all(t, m)) == 29 })

		// What it refuses to remove waits for a person, and incremental runs go on.
		for id := 2; id <= 29; id++ {
			list.Delete(id)
		}
		complete(func(now schedule.State) bool { return now.Refused != "" })
		goOn()
		require.NotEmpty(t, states(t, s, "rentals")[int64(1)].Refused)
		require.Len(t, all(t, m), 29)
		require.Zero(t, states(t, s, "rentals")[int64(1)].Failures)
		refused, err := m.RefusedRemoval(t.Context(), synced.In(1))
		require.NoError(t, err)
		_, err = m.ApproveRemoval(t.Context(), synced.In(1), refused.Plan, synced.Call{Remove: synced.Destroy{}, Wait: time.Minute})
		require.NoError(t, err)
		require.Len(t, all(t, m), 1)
		await(t, func() bool { return states(t, s, "rentals")[int64(1)].Refused == "" })
	})
}

// all are the rows of account 1.
func all(t *testing.T, m *synced.Model[harness.Rental]) (rows []harness.Rental) {
	t.Helper()
	for row, err := range m.All(t.Context(), synced.In(1)) {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	return rows
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
