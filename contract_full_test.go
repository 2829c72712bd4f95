package synced_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C11_CreatesUpdatesLeavesAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		b.srv.Collection("rentals").Put(
			remotetest.Record{"id": 1, "name": "one", "surface": 10},
			remotetest.Record{"id": 2, "name": "two", "surface": nil},
			remotetest.Record{"id": 3, "name": "three"},
			remotetest.Record{"id": 4, "name": "four", "bedrooms_count": 7},
		)
		rentals := model(t, b, synced.Synced[Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}})
		t.Log(rentals.Schema())
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 4, result.Created, result.String())
		result, err = rentals.Synchronize(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 4, result.Unchanged, result.String())
		b.srv.Collection("rentals").Update(2, remotetest.Record{"name": "TWO"})
		result, err = rentals.Synchronize(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, result.Updated, result.String())
		row, err := rentals.Find(ctx, synced.In(1), 4)
		require.NoError(t, err)
		require.Equal(t, 7, row.Bedrooms)
		for r, err := range rentals.All(ctx, synced.In(1)) {
			require.NoError(t, err)
			t.Logf("%+v %s", r, r.SyncedData)
		}
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff.String())
	})
}
