package removal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// A complete pass that may not have listed everything removes nothing and says
// why; the rest of the run stands, and the call can allow it.
func TestContract_C62_C63_RemovalsThatAreNotProven(t *testing.T) {
	cases := []struct {
		name    string
		rows    int
		arrange func(b *harness.Bundle)
		call    synced.Call
		refused synced.Refusal
	}{
		{"fewer than the total", 6, func(b *harness.Bundle) {
			b.Server.Collection("rentals").Delete(6)
			b.Server.Fault(remotetest.Fault{Times: -1, Header: http.Header{"X-Total-Count": {"6"}}})
		}, synced.Call{}, synced.Refusal{Rows: 1, Of: 6, Reason: "the remote says it has 6 records and listed 5"}},
		{"the list changed while it was read", 6, func(b *harness.Bundle) {
			b.Server.OnRequest(func(r remotetest.Request) {
				if r.Page == 2 && b.Server.Collection("rentals").Len() == 6 {
					b.Server.Collection("rentals").Delete(1) // four moves to the first page, unseen
				}
			})
		}, synced.Call{}, synced.Refusal{Rows: 1, Of: 6, Reason: "the remote's list changed while it was read: it had 6 records at first and 5 in the end"}},
		{"a query of the call's own", 6, func(b *harness.Bundle) { b.Server.Collection("rentals").Delete(6) },
			synced.Call{Ask: synced.Ask{Query: url.Values{"status": {"open"}}}}, synced.Refusal{Rows: 1, Of: 6, Reason: "the call's own query may leave out records that exist"}},
		{"nothing at all", 2, func(b *harness.Bundle) { b.Server.Collection("rentals").Delete(1, 2) },
			synced.Call{}, synced.Refusal{Rows: 2, Of: 2, Reason: "the remote listed nothing at all"}},
		{"more than half of few, and more than 20", 40, func(b *harness.Bundle) {
			for id := 1; id <= 21; id++ {
				b.Server.Collection("rentals").Delete(id)
			}
		}, synced.Call{}, synced.Refusal{Rows: 21, Of: 40, Reason: "more than 50 % of the scope: where their records are gone, approve the removal, or raise its Limit"}},
		{"more than half of many", 102, func(b *harness.Bundle) {
			for id := 1; id <= 52; id++ {
				b.Server.Collection("rentals").Delete(id)
			}
		}, synced.Call{}, synced.Refusal{Rows: 52, Of: 102, Reason: "more than 50 % of the scope: where their records are gone, approve the removal, or raise its Limit"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				b.Server.Collection("rentals").Generate(c.rows, func(i int, _ *rand.Rand) remotetest.Record {
					return remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)}
				})
				d := harness.Rentals()
				d.Remove = synced.Destroy{}
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				c.arrange(b)
				result, err := rentals.Synchronize(ctx, synced.In(1), c.call)
				require.NoError(t, err)
				require.NotNil(t, result.Refused)
				require.NotEmpty(t, result.Refused.Plan)
				refused := c.refused // the cases are shared by both stores
				refused.Plan = result.Refused.Plan
				require.Equal(t, &refused, result.Refused)
				require.Zero(t, result.Removed)
				require.Len(t, harness.Names(t, rentals, synced.In(1)), c.rows)

				allowed := c.call
				allowed.AllowRemoval = true
				result, err = rentals.Synchronize(ctx, synced.In(1), allowed)
				require.NoError(t, err)
				require.Nil(t, result.Refused)
				require.Equal(t, c.rows-b.Server.Collection("rentals").Len(), result.Removed)
			})
		})
	}
	t.Run("half of many, and 20 of few, go", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			for _, c := range []struct{ rows, keep int }{{102, 51}, {21, 1}} {
				b.Server.Collection("rentals").Generate(c.rows, func(i int, _ *rand.Rand) remotetest.Record {
					return remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)}
				})
				d := harness.Rentals()
				d.Remove = synced.Destroy{}
				rentals := harness.Model(t, b, d)
				scope := synced.In(c.rows)
				harness.Sync(t, rentals, scope)
				for id := c.keep + 1; id <= c.rows; id++ {
					b.Server.Collection("rentals").Delete(id)
				}
				result := harness.Sync(t, rentals, scope)
				require.Nil(t, result.Refused)
				require.Equal(t, c.rows-c.keep, result.Removed)
			}
		})
	})
}
