package synced_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// hide makes the list shift while it is read, so that record 4 is on no page and
// the totals agree: record 1 goes, and record 9 comes to the end.
func hide(b *bundle) {
	b.srv.OnRequest(func(r remotetest.Request) {
		if r.Page == 2 {
			b.srv.OnRequest(nil)
			b.srv.Collection("rentals").Delete(1)
			b.srv.Collection("rentals").Put(remotetest.Record{"id": 9, "name": "nine"})
		}
	})
}

func TestContract_C62_ARecordThatShiftedOutOfSightIsNotRemoved(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				put(b, "one", "two", "three", "four", "five", "six")
				d := fullRentals()
				d.Remove, d.Commit = synced.Destroy, commit
				rentals := model(t, b, d)
				synchronize(t, rentals, synced.In(1))
				hide(b)
				b.srv.Collection("rentals").Update(4, remotetest.Record{"name": "FOUR"})
				result := synchronize(t, rentals, synced.In(1))
				require.Equal(t, counts{created: 1, updated: 1, unchanged: 5}, countsOf(result), "four was asked for, and mended")
				require.Equal(t, []string{"one", "two", "three", "FOUR", "five", "six", "nine"}, names(t, rentals, synced.In(1)))
				require.Equal(t, counts{unchanged: 6, removed: 1}, countsOf(synchronize(t, rentals, synced.In(1))), "one is gone for certain")
			})
		})
	}
}

func TestContract_C62_Verification(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four", "five", "six")
		d := fullRentals()
		d.Remove, d.Verify = synced.Destroy, synced.VerifyNever
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		hide(b)
		require.Equal(t, 1, synchronize(t, rentals, synced.In(1)).Removed, "the list is believed, where that is declared")
		require.NotContains(t, names(t, rentals, synced.In(1)), "four")

		// What can't be told is not removed.
		synchronize(t, rentals, synced.In(1))
		b.srv.Collection("rentals").Delete(5)
		b.srv.Fault(remotetest.Fault{Collection: "rentals/5", Status: 400})
		_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Verify: synced.VerifyAlways})
		require.ErrorContains(t, err, "record 5: verify that it is gone: ")
		require.Contains(t, names(t, rentals, synced.In(1)), "five")
		require.Equal(t, 1, synchronize(t, rentals, synced.In(1), synced.Call{Verify: synced.VerifyAlways}).Removed)

		plain := remote.Func(b.api.Pages)
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: plain, Verify: synced.VerifyAlways})
		require.NoError(t, err, "nothing is absent")
		b.srv.Collection("rentals").Delete(6)
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: plain, Verify: synced.VerifyAlways})
		require.ErrorContains(t, err, "implement remote.Getter")
	})
}

func TestContract_C63_ARefusedRemovalIsApprovedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, "one", "two", "three")
		d := fullRentals()
		d.Remove = synced.Destroy
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		synchronize(t, rentals, synced.In(2))
		none, err := rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Nil(t, none)

		b.srv.Collection("rentals").Delete(1, 2, 3)
		result := synchronize(t, rentals, synced.In(1))
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
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		kept := synchronize(t, rentals, synced.In(1), synced.Call{Remove: synced.Keep})
		require.Equal(t, 1, kept.Records)
		approved, err := rentals.ApproveRemoval(ctx, synced.In(1), refused.Plan)
		require.NoError(t, err)
		require.Equal(t, counts{removed: 2}, countsOf(approved))
		require.Equal(t, []string{"two"}, names(t, rentals, synced.In(1)))
		require.Len(t, names(t, rentals, synced.In(2)), 3)
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), refused.Plan)
		require.ErrorIs(t, err, synced.ErrUnknownPlan, "once")
	})
}
