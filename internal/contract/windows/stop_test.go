package windows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// stopped is a call that is told to stop from the beginning.
func stopped() synced.Call {
	stop := make(chan struct{})
	close(stop)
	return synced.Call{Stop: stop}
}

// A run that is told to stop ends after a window whose time it stored.
func TestContract_C225_ARunIsStoppedBetweenWindows(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) { inWindows(t, s, strategy.UpdatedSince{}) })
}

func TestContract_C225_ARunIsStoppedOnItsWayBack(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) { inWindows(t, s, strategy.UpdatedSince{NewestFirst: true}) })
}

func inWindows(t *testing.T, s *span, u strategy.UpdatedSince) {
	t.Helper()
	s.live(12, 3*day) // until day 36
	rentals := s.rentals(t, u)
	created, runs, attempted := 0, 0, time.Time{}
	for stop := true; stop; runs++ {
		result := harness.Sync(t, rentals, synced.In(1), stopped())
		require.Less(t, runs, 100, "they end")
		s.srv.Advance(time.Minute) // each run has a new window to begin with
		created += result.Created
		if stop = result.Stopped != ""; stop {
			require.Equal(t, "the next run asks for the windows of time that are left", result.Stopped)
		}
		fresh, err := rentals.Freshness(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.True(t, fresh.LastAttempt.After(attempted))
		require.False(t, fresh.Unfinished)
		require.Equal(t, stop, fresh.LastSuccess.IsZero())
		attempted = fresh.LastAttempt
	}
	require.Equal(t, 12, created, "none is listed twice")
	require.GreaterOrEqual(t, runs, 3)

	s.srv.Advance(4 * day)
	s.srv.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
	require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
}

// Where a window's time is not stored, the run goes on: the next one would ask for the same.
func TestContract_C225_AWindowThatIsNotCompleteStopsNoRun(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		s.srv.SetQuirks(remotetest.Quirks{WrongTotal: 2})
		rentals := s.rentals(t, strategy.UpdatedSince{})
		result := harness.Sync(t, rentals, synced.In(1), stopped())
		require.NotEmpty(t, result.NotStored)
		require.Equal(t, []any{"", 12}, []any{result.Stopped, result.Created})
	})
}

// A span that the call gives has no place where the next run could go on.
func TestContract_C224_ASpanOfACallIsNotStopped(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(2, day)
		call := stopped()
		call.From = remotetest.Start
		_, err := s.rentals(t, strategy.UpdatedSince{}).Synchronize(t.Context(), synced.In(1), call)
		require.ErrorContains(t, err, "no later call could resume this one: leave Stop out of its Call")
	})
}
