package removal_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// hide makes the list shift while it is read, so that record 4 is on no page and
// the totals agree: record 1 goes, and record 9 comes to the end.
func hide(b *harness.Bundle) {
	b.Server.OnRequest(func(r remotetest.Request) {
		if r.Page == 2 {
			b.Server.OnRequest(nil)
			b.Server.Collection("rentals").Delete(1)
			b.Server.Collection("rentals").Put(remotetest.Record{"id": 9, "name": "nine"})
		}
	})
}

func TestContract_C62_ARecordThatShiftedOutOfSightIsNotRemoved(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four", "five", "six")
				d := harness.Rentals()
				d.Remove, d.Commit = synced.Destroy{}, commit
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				hide(b)
				b.Server.Collection("rentals").Update(4, remotetest.Record{"name": "FOUR"})
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 5}, harness.CountsOf(result), "four was asked for, and mended")
				require.Equal(t, []string{"one", "two", "three", "FOUR", "five", "six", "nine"}, harness.Names(t, rentals, synced.In(1)))
				require.Equal(t, harness.Counts{Unchanged: 6, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))), "one is gone for certain")
			})
		})
	}
}

func TestContract_C62_Verification(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "five", "six")
		d := harness.Rentals()
		d.Remove = synced.Destroy{Verify: synced.VerifyNever}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		hide(b)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Removed, "the list is believed, where that is declared")
		require.NotContains(t, harness.Names(t, rentals, synced.In(1)), "four")

		// What can't be told is not removed.
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Delete(5)
		b.Server.Fault(remotetest.Fault{Collection: "rentals/5", Status: 400})
		unclear := harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Verify: synced.VerifyAlways}})
		require.Contains(t, unclear.Refused.Reason, "1 of 1 absent record could not be asked for, the first: record 5: ")
		require.Contains(t, harness.Names(t, rentals, synced.In(1)), "five")
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Verify: synced.VerifyAlways}}).Removed)

		plain := remote.Func(b.API.Pages)
		_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: plain, Remove: synced.Destroy{Verify: synced.VerifyAlways}})
		require.NoError(t, err, "nothing is absent")
		b.Server.Collection("rentals").Delete(6)
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: plain, Remove: synced.Destroy{Verify: synced.VerifyAlways}})
		require.ErrorContains(t, err, "implement remote.Getter")
	})
}

func TestContract_C63_ARefusedRemovalIsApprovedOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(2))
		none, err := rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Nil(t, none)

		b.Server.Collection("rentals").Delete(1, 2, 3)
		result := harness.Sync(t, rentals, synced.In(1))
		require.NotNil(t, result.Refused)
		require.True(t, result.ListedNothing)
		refused, err := rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, *result.Refused, refused.Refusal)
		require.ElementsMatch(t, []string{"1", "2", "3"}, refused.IDs)

		_, err = rentals.ApproveRemoval(ctx, synced.In(2), refused.Plan)
		require.ErrorIs(t, err, synced.ErrUnknownPlan)
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), "another")
		require.ErrorIs(t, err, synced.ErrUnknownPlan)

		// A record that came back since is not among them.
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		kept := harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, 1, kept.Records)
		approved, err := rentals.ApproveRemoval(ctx, synced.In(1), refused.Plan)
		require.NoError(t, err)
		require.Equal(t, harness.Counts{Removed: 2}, harness.CountsOf(approved))
		require.Equal(t, []string{"two"}, harness.Names(t, rentals, synced.In(1)))
		require.Len(t, harness.Names(t, rentals, synced.In(2)), 3)
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), refused.Plan)
		require.ErrorIs(t, err, synced.ErrUnknownPlan, "once")
	})
}
