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

func destroys(d *synced.Synced[harness.Rental]) { d.Remove = synced.Destroy{} }

// A complete run asks for all windows since the initial time. What none lists is removed
// only once the remote does not find it.
func TestContract_C174_ACompleteRunAsksForWhatNoWindowLists(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{Initial: remotetest.Start.Add(13 * day)}, destroys)
		old := s.rentals(t, strategy.UpdatedSince{}, destroys)
		harness.Sync(t, old, synced.In(1))
		s.srv.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
		s.srv.Collection("rentals").Delete(1, 7) // of a time that the windows have, and of one that they have not
		s.srv.Collection("rentals").Update(8, remotetest.Record{"name": "eight"})
		s.asked(t)

		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 9, Removed: 2}, harness.CountsOf(result))
		require.Nil(t, result.Refused)
		require.Zero(t, result.StoredTime)
		require.Equal(t, "13-23", s.asked(t)[0])
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 10)

		s.srv.Collection("rentals").Delete(3)
		result = harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{Verify: synced.VerifyNever}})
		require.Zero(t, result.Removed)
		require.Equal(t, "the API lists what changed in windows of time, so that a record of another time is in none", result.Refused.Reason)
	})
}

// One window that may lack something leaves every row that is absent.
func TestContract_C174_EachWindowMustBeComplete(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{}, destroys)
		harness.Sync(t, rentals, synced.In(1))
		s.srv.Collection("rentals").Delete(1)
		s.srv.OnRequest(func(r remotetest.Request) {
			q := remotetest.Quirks{NoDeletedIDs: true}
			if from, _ := time.Parse(time.RFC3339, r.Query.Get("from")); from.After(remotetest.Start.Add(9*day)) && from.Before(remotetest.Start.Add(11*day)) {
				q.WrongTotal = 2
			}
			s.srv.SetQuirks(q)
		})
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Zero(t, result.Removed)
		require.Contains(t, result.Refused.Reason, "the remote said that it has")
		require.Contains(t, result.Refused.Reason, "changes from 2026-01-11")
	})
}

func TestContract_C174_ChecksAndDryRuns(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{}, destroys)
		dry := harness.Sync(t, rentals, synced.In(1), synced.Call{DryRun: true})
		require.Len(t, dry.Diff.Missing, 12)
		require.Empty(t, harness.Names(t, rentals, synced.In(1)))
		require.Empty(t, s.times(t))
		harness.Sync(t, rentals, synced.In(1))

		s.Execute(t, "UPDATE rentals SET name = 'x' WHERE synced_id = 5")
		s.Execute(t, "DELETE FROM rentals WHERE synced_id = 6")
		s.Execute(t, "INSERT INTO rentals (synced_id, account_id, name, notes, synced_data) VALUES (99, 1, 'y', '', '{}')")
		diff, err := rentals.Check(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Missing, 1)
		require.Len(t, diff.Changed, 1)
		require.Len(t, diff.Additional, 1)
		require.Equal(t, "the API lists what changed in windows of time, so that a record of another time is in none", diff.Doubt)

		s.srv.Advance(day)
		s.srv.Collection("rentals").Update(3, remotetest.Record{"name": "three"})
		dry = harness.Sync(t, rentals, synced.In(1), synced.Call{DryRun: true})
		require.Len(t, dry.Diff.Changed, 1)
		require.Empty(t, dry.Diff.Doubt)
	})
}

// A record that moves from one window to another while they are read is listed twice, and
// counted once.
func TestContract_C174_ARecordOfTwoWindows(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{}, destroys)
		n := 0
		s.srv.OnRequest(func(remotetest.Request) {
			if n++; n == 5 {
				s.srv.Collection("rentals").Update(1, remotetest.Record{"name": "one"})
			}
		})
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Equal(t, harness.Counts{Created: 12}, harness.CountsOf(result))
		harness.Sync(t, rentals, synced.In(1)) // it may have moved to a window that was asked for already
		require.Equal(t, "one", harness.Names(t, rentals, synced.In(1))[0])
	})
}
