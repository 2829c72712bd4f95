package removal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// To bring a row back removes nothing, so it does not take a removal.
func TestContract_C61_ACanceledRowComesBackInARunThatKeepsRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		bookings := harness.Model(t, b, harness.Bookings())
		harness.Sync(t, bookings, synced.In(1))
		b.Server.Collection("rentals").Delete(2)
		harness.Sync(t, bookings, synced.In(1))
		canceled := func() []string {
			return b.Column(t, "SELECT synced_id FROM bookings WHERE canceled_at IS NOT NULL")
		}
		require.Equal(t, []string{"2"}, canceled())
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		require.Equal(t, 1, harness.Sync(t, bookings, synced.In(1), synced.Call{Remove: synced.KeepRows{}}).Restored)
		require.Empty(t, canceled())
	})
}
