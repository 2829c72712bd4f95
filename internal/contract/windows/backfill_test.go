package windows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A call for a span of time writes what changed in it, window by window. It stores no time,
// removes nothing, and is no success of the scope.
func TestContract_C180_ASpanIsAskedForOnceMore(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{Initial: remotetest.Start.Add(26 * day)}, destroys)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"10", "11", "12"}, harness.Names(t, rentals, synced.In(1)))
		before, fresh := s.times(t), success(t, rentals)
		s.srv.Collection("rentals").Delete(11)
		s.asked(t)

		result := harness.Sync(t, rentals, synced.In(1), synced.Call{From: remotetest.Start.Add(5 * day), Until: remotetest.Start.Add(40 * day)})
		require.Equal(t, harness.Counts{Created: 7, Unchanged: 2}, harness.CountsOf(result))
		require.Subset(t, s.asked(t), []string{"5-15", "15-25", "25-35", "35-40"})
		require.Equal(t, remotetest.Start.Add(5*day), result.Since)
		require.Zero(t, result.StoredTime)
		require.Empty(t, result.NotStored)
		require.Equal(t, before, s.times(t))
		require.Equal(t, fresh, success(t, rentals))
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 10)

		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, result.Removed, "the next run removes what was deleted")
	})
}

// success is when the last run began that ended well.
func success(t *testing.T, m *synced.Model[harness.Rental]) time.Time {
	t.Helper()
	fresh, err := m.Freshness(t.Context(), synced.In(1))
	require.NoError(t, err)
	return fresh.LastSuccess
}

// Of an API that takes no end, a call may ask for all since a time.
func TestContract_C180_SinceATime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		b.Server.Advance(time.Hour)
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "UPDATE rentals SET name = 'x'")
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Updated)
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{From: remotetest.Start})
		require.Equal(t, 2, result.Updated)
		require.Zero(t, result.StoredTime)
		dry := harness.Sync(t, rentals, synced.In(1), synced.Call{From: remotetest.Start, DryRun: true})
		require.Empty(t, dry.Diff.Changed)
	})
}

func TestContract_C180_Refused(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		from := remotetest.Start
		for want, call := range map[string]synced.Call{
			"the call has Until without From: give both":                                                                        {Until: from},
			"the call's Until, 2026-01-01T12:00:00Z, is not after From, 2026-01-01T12:00:00Z":                                   {From: from, Until: from},
			"the call has Records, and From, which asks for some: leave one out":                                                {From: from, Records: []remote.Object{}},
			"a call with From removes nothing: leave Remove out":                                                                {From: from, Remove: synced.Destroy{}},
			"the call has From, and strategy full asks from no time: use strategy.UpdatedSince":                                 {From: from, Strategy: strategy.Full{}},
			"the call has Until, and the API takes no end of the time that is asked for: set rest.Since.Until, or leave it out": {From: from, Until: from.Add(1)},
		} {
			_, err := rentals.Synchronize(context.Background(), synced.In(1), call)
			require.EqualError(t, err, "synced: rentals (account_id 1): "+want)
		}
		_, err := rentals.Check(context.Background(), synced.In(1), synced.Call{From: from})
		require.ErrorContains(t, err, "a check compares everything: for a span of time, Synchronize with DryRun and From")
		require.Zero(t, b.Server.Requests())
	})
}
