package told_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C141_WhatIsStale(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one")
		rentals := harness.Model(t, b, harness.Rentals())
		whole := harness.Model(t, b, synced.Synced[harness.Unscoped]{Table: "villas", Endpoint: "rentals", Strategy: strategy.Full{}})
		stale := func(maxAge time.Duration) []string {
			t.Helper()
			list := []string{}
			for f, err := range synced.Stale(ctx, b.DB, maxAge) {
				require.NoError(t, err)
				require.Equal(t, f.LastSuccess.IsZero(), f.Error != "", f.Scope)
				list = append(list, f.Model+" "+f.Scope)
			}
			return list
		}
		require.Empty(t, stale(0))
		f, err := rentals.Freshness(ctx, synced.NoScope)
		require.NoError(t, err)
		require.Zero(t, f)

		broken := synced.Call{API: brokenBy(errors.New("broken"))}
		for _, scope := range []int{1, 2} {
			harness.Sync(t, rentals, synced.In(scope))
		}
		harness.Sync(t, whole, synced.NoScope)
		fresh, err := rentals.Fresh(ctx, synced.NoScope, time.Hour)
		require.NoError(t, err)
		require.True(t, fresh)
		_, err = rentals.Synchronize(ctx, synced.In(3), broken)
		require.Error(t, err)
		b.Execute(t, "UPDATE synced_runs SET succeeded_at = ?, completed_at = ? WHERE scope_id = '2'", time.Now().UTC().Add(-time.Hour), time.Now().UTC().Add(-time.Hour))

		require.Equal(t, []string{"rentals 3", "rentals 2"}, stale(10*time.Minute), "never, then the oldest")
		require.Equal(t, []string{"rentals 3"}, stale(2*time.Hour))
		require.Equal(t, []string{"rentals 3", "rentals 2", "rentals 1", "villas "}, stale(0), "all")
		for range synced.Stale(ctx, b.DB, 0) {
			break
		}

		// Of all scopes, the least fresh counts.
		f, err = rentals.Freshness(ctx, synced.NoScope)
		require.NoError(t, err)
		require.True(t, f.LastSuccess.IsZero())
		require.Equal(t, "account_id 3: synced: rentals (account_id 3): page 1: broken", f.Error)
		require.WithinDuration(t, time.Now(), f.LastAttempt, time.Minute)
		fresh, err = rentals.Fresh(ctx, synced.NoScope, 2*time.Hour)
		require.NoError(t, err)
		require.False(t, fresh)
		harness.Sync(t, rentals, synced.In(3))
		f, err = rentals.Freshness(ctx, synced.NoScope)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now().Add(-time.Hour), f.LastSuccess, time.Minute)
		require.Equal(t, "", f.Error)
		f, err = whole.Freshness(ctx, synced.NoScope)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), f.LastComplete, time.Minute)

		// What can't be read is told.
		b.Execute(t, "DROP TABLE synced_runs")
		n := 0
		for _, err := range synced.Stale(ctx, b.DB, 0) {
			require.EqualError(t, err, "synced: read how fresh the rows are: the database has no table synced_runs: call Migrate on the store first")
			n++
		}
		require.Equal(t, 1, n)
	})
}
