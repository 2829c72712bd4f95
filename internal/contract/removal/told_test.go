package removal_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

const toldReason = "the remote says it deleted 30 of 40 rows, more than 50 %: if that is true, approve the removal or raise its Limit"

// many makes forty rentals, and syncs them once.
func many(t *testing.T, b *harness.Bundle, change func(*synced.Synced[harness.Rental])) *synced.Model[harness.Rental] {
	t.Helper()
	b.Server.Collection("rentals").Generate(40, func(i int, _ *rand.Rand) remotetest.Record {
		return remotetest.Record{"id": i + 1, "name": "one"}
	})
	d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
	d.Remove = synced.Destroy{}
	change(&d)
	rentals := harness.Model(t, b, d)
	harness.Sync(t, rentals, synced.In(1))
	b.Server.Advance(time.Hour)
	return rentals
}

func deleteMost(b *harness.Bundle, n int) {
	for id := 1; id <= n; id++ {
		b.Server.Collection("rentals").Delete(id)
	}
}

// A remote that says it deleted most of a scope may be one whose tool went wrong. Nothing
// goes unheard: the rows wait for a person, and the next run asks for the same span.
func TestContract_C435_MoreDeletionsAreToldThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"approved", "allowed", "by another Limit", "taken back"} {
		t.Run(how, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				rentals := many(t, b, func(*synced.Synced[harness.Rental]) {})
				deleteMost(b, 30)
				var plan string
				for range 2 {
					result := harness.Sync(t, rentals, synced.In(1))
					require.NotNil(t, result.Refused)
					require.Equal(t, synced.Refusal{Rows: 30, Of: 40, Reason: toldReason, Plan: result.Refused.Plan}, *result.Refused)
					require.Contains(t, result.NotStored, toldReason)
					require.Zero(t, result.Removed)
					plan = result.Refused.Plan
				}
				want := 10
				switch how {
				case "approved":
					result, err := rentals.ApproveRemoval(ctx, synced.In(1), plan)
					require.NoError(t, err)
					require.Equal(t, 30, result.Removed)
				case "allowed":
					require.Equal(t, 30, harness.Sync(t, rentals, synced.In(1), synced.Call{AllowRemoval: true}).Removed)
				case "by another Limit":
					require.Equal(t, 30, harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Limit: 0.8}}).Removed)
				case "taken back":
					for id := 1; id <= 30; id++ {
						b.Server.Collection("rentals").Put(remotetest.Record{"id": id, "name": "back"})
					}
					want = 40
				}
				b.Server.Advance(time.Hour)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Nil(t, result.Refused)
				require.Empty(t, result.NotStored)
				require.Len(t, harness.Names(t, rentals, synced.In(1)), want)
				waits, err := rentals.RefusedRemoval(ctx, synced.In(1))
				require.NoError(t, err)
				require.Nil(t, waits)
			})
		})
	}
}

// Twenty go in any case, and half of the scope. Ids without a row do not count.
func TestContract_C435_FewDeletionsAreBelieved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		rentals := many(t, b, func(*synced.Synced[harness.Rental]) {})
		deleteMost(b, 20)
		require.Equal(t, 20, harness.Sync(t, rentals, synced.In(1)).Removed)
		b.Server.Advance(time.Hour)
		for id := 21; id <= 40; id++ {
			b.Server.Collection("rentals").Delete(id)
		}
		result := harness.Sync(t, rentals, synced.In(1))
		require.Nil(t, result.Refused)
		require.Equal(t, 20, result.Removed)
		require.Empty(t, harness.Names(t, rentals, synced.In(1)))
	})
}

// So it is with tombstones, in a complete run, and where a diff is applied.
func TestContract_C435_Tombstones(t *testing.T) {
	for _, how := range []string{"run", "atomic", "apply"} {
		t.Run(how, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				rentals := many(t, b, func(d *synced.Synced[harness.Rental]) {
					d.Strategy = strategy.Full{}
					if how == "atomic" {
						d.Commit = synced.Atomic{}
					}
					d.Tombstone = func(o remote.Object) bool { _, deleted := o.Lookup("deleted_on"); return deleted }
				})
				for id := 1; id <= 30; id++ {
					b.Server.Collection("rentals").Update(id, remotetest.Record{"deleted_on": "2026-01-01"})
				}
				if how != "apply" {
					result := harness.Sync(t, rentals, synced.In(1))
					require.NotNil(t, result.Refused)
					require.Equal(t, toldReason, result.Refused.Reason)
					require.Len(t, harness.Names(t, rentals, synced.In(1)), 40)
					result = harness.Sync(t, rentals, synced.In(1), synced.Call{AllowRemoval: true})
					require.Equal(t, 30, result.Removed)
					return
				}
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				require.Len(t, diff.Additional, 30)
				result, err := rentals.Apply(ctx, synced.In(1), diff)
				require.NoError(t, err)
				require.Equal(t, &synced.Refusal{Rows: 30, Of: 40, Reason: toldReason}, result.Refused)
				result, err = rentals.Apply(ctx, synced.In(1), diff, synced.Call{AllowRemoval: true})
				require.NoError(t, err)
				require.Equal(t, 30, result.Removed)
			})
		})
	}
}
