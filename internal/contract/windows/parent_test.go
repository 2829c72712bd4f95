package windows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

type shop struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type order struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	ShopID   int64  `db:"shop_id"`
	Name     string `json:"name" db:"name"`
}

// Each parent has windows of its own. One of which nothing is new is asked for with one
// request, and writes nothing.
func TestContract_C183_AListOfWindowsForEachParent(t *testing.T) {
	for name, newest := range map[string]bool{"forwards": false, "the newest first": true} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				began := time.Now().UTC().Truncate(time.Second).Add(-36 * day)
				s := spanned(t, b, 2, remotetest.Config{Clock: func() time.Time { return time.Now().Add(-36 * day) }})
				for i := range 3 {
					b.Server.Collection("shops").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)})
				}
				for i := range 12 {
					s.srv.Collection(fmt.Sprintf("shops/%d/orders", i%3+1)).Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)})
					s.srv.Advance(3 * day)
				}
				shops := harness.Model(t, b, synced.Synced[shop]{Table: "shops", Strategy: strategy.Full{}})
				api, err := rest.NewClient(s.config)
				require.NoError(t, err)
				orders := harness.Model(t, b, synced.Synced[order]{Table: "orders", Scope: "shop_id", API: api, Remove: synced.Destroy{},
					Strategy: strategy.UpdatedSince{Initial: began, NewestFirst: newest}, PerParent: synced.Each(shops, "shops/{synced_id}/orders")})
				harness.Sync(t, shops, synced.NoScope)

				s.srv.OnRequest(func(r remotetest.Request) {
					if r.Collection == "shops/2/orders" && r.Query.Get("from") > began.Add(9*day).Format(time.RFC3339) && r.Query.Get("from") < began.Add(25*day).Format(time.RFC3339) {
						s.srv.SetQuirks(remotetest.Quirks{WrongTotal: 5})
					} else {
						s.srv.SetQuirks(remotetest.Quirks{})
					}
				})
				result := harness.Sync(t, orders, synced.NoScope)
				require.Equal(t, 12, result.Created)
				require.Contains(t, result.NotStored, "changes from")
				s.srv.OnRequest(nil)
				s.srv.SetQuirks(remotetest.Quirks{})
				s.srv.ResetLog()
				result = harness.Sync(t, orders, synced.NoScope)
				require.Empty(t, result.NotStored)
				require.Positive(t, result.Unchanged, "what was not believed is asked for again")
				require.Greater(t, len(s.srv.Log()), 3)

				s.srv.ResetLog()
				written := b.Column(t, "SELECT CAST(number AS text) FROM synced_runs ORDER BY scope_type, scope_id")
				s.srv.Collection("shops/1/orders").Update(1, remotetest.Record{"name": "one"})
				result = harness.Sync(t, orders, synced.NoScope)
				require.Equal(t, 1, result.Updated)
				require.Len(t, s.srv.Log(), 3)
				after := b.Column(t, "SELECT CAST(number AS text) FROM synced_runs ORDER BY scope_type, scope_id")
				changed := 0
				for i := range written {
					if written[i] != after[i] {
						changed++
					}
				}
				require.Equal(t, 2, changed, "the run of all parents, and that of the first")

				filled := harness.Sync(t, orders, synced.NoScope, synced.Call{From: began.Add(5 * day), Until: began.Add(25 * day)})
				require.Equal(t, 3, filled.Parents.Asked)
				require.Equal(t, 7, filled.Unchanged)
			})
		})
	}
}

// A parent whose list is gone is known by a control, which is asked for a window as well.
func TestContract_C273_AListThatIsGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := spanned(t, b, 1, remotetest.Config{Clock: func() time.Time { return time.Now().Add(-36 * day) }})
		for i := range 3 {
			b.Server.Collection("shops").Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)})
			s.srv.Collection(fmt.Sprintf("shops/%d/orders", i+1)).Put(remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)})
		}
		began := time.Now().UTC().Truncate(time.Second).Add(-36 * day)
		s.srv.Advance(36 * day)
		shops := harness.Model(t, b, synced.Synced[shop]{Table: "shops", Strategy: strategy.Full{}})
		api, err := rest.NewClient(s.config)
		require.NoError(t, err)
		orders := harness.Model(t, b, synced.Synced[order]{Table: "orders", Scope: "shop_id", API: api, Remove: synced.Destroy{},
			Strategy: strategy.UpdatedSince{Initial: began}, PerParent: synced.Each(shops, "shops/{synced_id}/orders")})
		harness.Sync(t, shops, synced.NoScope)
		require.Equal(t, 3, harness.Sync(t, orders, synced.NoScope).Created)

		s.srv.Fault(remotetest.Fault{Collection: "shops/2/orders", Status: 404, Times: -1})
		result := harness.Sync(t, orders, synced.NoScope)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, 1, result.Parents.Gone)
	})
}
