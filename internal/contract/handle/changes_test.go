package handle_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

func TestContract_C153_AResultListsWhatChanged(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four")
		d := harness.Bookings()
		rentals := harness.Model(t, b, d)
		listed := func(call synced.Call) []string {
			t.Helper()
			result, err := rentals.Synchronize(ctx, synced.In(1), call)
			require.NoError(t, err)
			return rowsOf(result)
		}
		require.Empty(t, harness.Sync(t, rentals, synced.In(2)).Changes, "none unless the call asks for them")
		require.Equal(t, []string{"created bookings 1", "created bookings 2", "created bookings 3"}, listed(synced.Call{Changes: 3}))
		require.Empty(t, listed(synced.Call{Changes: 3}), "nothing changed")

		c := b.Server.Collection("rentals")
		c.Update(2, remotetest.Record{"name": "TWO"})
		c.Delete(3)
		require.Equal(t, []string{"updated bookings 2", "removed bookings 3"}, listed(synced.Call{Changes: 9, Commit: synced.Atomic{}}))
		c.Put(remotetest.Record{"id": 3, "name": "three"})
		result, err := rentals.SyncOne(ctx, synced.In(1), 3, synced.Call{Changes: 1})
		require.NoError(t, err)
		require.Equal(t, []string{"restored bookings 3"}, rowsOf(result))
		_, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{Changes: -1})
		require.EqualError(t, err, "synced: bookings (account_id 1): the call's Changes is -1: give 0 or more")

		// What was undone is not among them.
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Booking]) error {
			if changes[len(changes)-1].ID == "5" {
				return errors.New("no")
			}
			return nil
		}
		rentals = harness.Bind(t, b, d)
		c.Update(1, remotetest.Record{"name": "ONE"})
		c.Put(remotetest.Record{"id": 5, "name": "five"})
		result, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{Changes: 9})
		require.ErrorContains(t, err, "no")
		require.Equal(t, []string{"updated bookings 1"}, rowsOf(result), "the second page was undone")
	})
}

func rowsOf(r synced.Result) []string {
	list := []string{}
	for _, row := range r.Changes {
		list = append(list, fmt.Sprint(row.Kind, " ", row.Model, " ", row.ID))
	}
	return list
}

func TestContract_C153_NestedRowsAreListedToo(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := b.Server.Collection("houses")
		houses.Put(remotetest.Record{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(10, "kitchen", harness.BedOf(100, "king"))}})
		e := harness.NewEstate(t, b, synced.Destroy{})
		require.Equal(t, []string{"created houses 1", "created rooms 10", "created beds 100"}, rowsOf(harness.Sync(t, e.Houses, synced.In(7), synced.Call{Changes: 5})))
		houses.Delete(1)
		require.Equal(t, []string{"removed beds 100", "removed rooms 10", "removed houses 1"}, rowsOf(harness.Sync(t, e.Houses, synced.In(7), synced.Call{Changes: 5, AllowRemoval: true})))
	})
}
