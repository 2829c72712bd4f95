package attack_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A full run resumes a pass that an incremental run began, and stores no time.
func TestAttack_AFullRunResumesAnIncrementalPass(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2), harness.Records(3)}, Fails: map[int]error{1: errors.New("died")}}
		d := harness.Stripped(s)
		d.Strategy, d.Commit = strategy.UpdatedSince{}, synced.PerPage{Checkpoint: time.Nanosecond}
		rentals := harness.Model(t, b, d)
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "died")
		s.Fails = nil
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.True(t, result.Resumed)
		require.Zero(t, result.StoredTime)
		require.Equal(t, []string{"1", "2", "3"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// A check does not ask for absent records, so that its diff removes none where a run
// would have asked because that is declared.
func TestAttack_ACheckThatDoesNotAskAsDeclared(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 4), harness.Records(3)}}
		d := harness.Stripped(s)
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = harness.Records(1, 2) // 4 is hidden
		s.Single = map[string]remotetest.Record{"4": harness.Records(4)[0]}
		diff, err := rentals.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Contains(t, diff.Doubt, "make the diff by a dry run, which asks for each")
		result, err := rentals.Apply(context.Background(), synced.In(1), diff)
		require.NoError(t, err)
		require.Zero(t, result.Removed)
		require.Equal(t, 1, result.Refused.Rows)
		require.Equal(t, []string{"1", "2", "3", "4"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// Credentials that die between two pages may make the next one empty: what it lacks is
// asked for, also in a list that stays put.
func TestAttack_AnEmptyLastPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3), harness.Records(4, 5)}}
		rentals := harness.Model(t, b, harness.Stripped(s))
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[1] = nil
		for _, commit := range []synced.Commit{synced.Atomic{}, synced.PerPage{}} {
			s.Hidden = true
			result := harness.Sync(t, rentals, synced.In(1), synced.Call{Commit: commit})
			require.Zero(t, result.Removed)
			require.Equal(t, 2, result.Refused.Rows)
			require.Equal(t, 5, result.Refused.Of)
			diff, err := rentals.Check(context.Background(), synced.In(1))
			require.NoError(t, err)
			require.NotEmpty(t, diff.Doubt)
		}
		s.Hidden = false
		require.Equal(t, 2, harness.Sync(t, rentals, synced.In(1)).Removed, "they are gone")
	})
}

// Where each list of ids is answered with one record, records are asked for one by one.
func TestAttack_ListsOfOneRecord(t *testing.T) {
	rentals, l := hiding(t, 6, func(id int) bool { return id == 1 })
	l.answer = func(ids []string) ([]string, error) { return ids[len(ids)-1:], nil }
	l.Single = map[string]remotetest.Record{"2": l.exist["2"], "3": l.exist["3"]}
	result := harness.Sync(t, rentals, synced.In(1))
	require.Nil(t, result.Refused)
	require.Equal(t, 1, result.Removed)
	require.Equal(t, []string{"2", "3", "4", "5", "6"}, harness.Names(t, rentals, synced.In(1)))
}
