package exports_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

type shop struct {
	ID       int64 `db:"id"`
	SyncedID int64 `json:"id" db:"synced_id"`
}

type order struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	ShopID   int64  `db:"shop_id"`
	Name     string `json:"name" db:"name"`
}

// The orders of each shop are an export. One whose job or file is lost costs that shop's
// run alone, and none of its rows; one that can't be started is a list that is gone.
func TestContract_C206_C207_AnExportForEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		api := lines(t, b).API
		shops := harness.Model(t, b, synced.Synced[shop]{Table: "shops", API: api, Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		orders := harness.Model(t, b, synced.Synced[order]{
			Table: "orders", Scope: "shop_id", API: api, Remove: synced.Destroy{Limit: 1}, Strategy: since,
			Tombstone: func(remote.Object) bool { return false },
			PerParent: synced.Each(shops, "shops/{synced_id}/orders", synced.EachOptions{InFlight: 1}),
		})
		list := func(id int) *remotetest.Collection { return b.Server.Collection(fmt.Sprintf("shops/%d/orders", id)) }
		for id := 1; id <= 3; id++ {
			b.Server.Collection("shops").Put(remotetest.Record{"id": id})
			list(id).Put(remotetest.Record{"id": 10 * id, "name": "a"}, remotetest.Record{"id": 10*id + 1, "name": "b"})
		}
		b.Server.Advance(time.Minute)
		harness.Sync(t, shops, synced.NoScope)
		require.Equal(t, 6, harness.Sync(t, orders, synced.NoScope).Created)
		require.Zero(t, b.Server.Exports())

		b.Server.Advance(time.Hour)
		list(1).Update(10, remotetest.Record{"name": "c"})
		list(3).Delete(31)
		full := synced.Call{Strategy: strategy.Full{}}
		// The jobs are 5, 6 and 7.
		b.Server.Fault(remotetest.Fault{Collection: "exports/5", Status: http.StatusNotFound})
		b.Server.Fault(remotetest.Fault{Collection: "files/6/1", Status: http.StatusNotFound})
		result, err := orders.Synchronize(t.Context(), synced.NoScope, full)
		require.ErrorContains(t, err, "2 of 3")
		require.Equal(t, synced.Parents{Asked: 3, Failed: 2}, result.Parents)
		require.Equal(t, harness.Counts{Removed: 1, Unchanged: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"10 a", "11 b", "20 a", "21 b", "30 a"}, b.Column(t, "SELECT synced_id || ' ' || name FROM orders ORDER BY synced_id"))

		b.Server.ClearFaults()
		b.Server.Fault(remotetest.Fault{Collection: "shops/2/orders", Status: http.StatusNotFound})
		result = harness.Sync(t, orders, synced.NoScope, full)
		require.Equal(t, synced.Parents{Asked: 3, Gone: 1}, result.Parents)
		require.Equal(t, []string{"10 c", "11 b", "30 a"}, b.Column(t, "SELECT synced_id || ' ' || name FROM orders ORDER BY synced_id"))
	})
}
