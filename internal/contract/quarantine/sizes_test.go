package quarantine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// The quarantine is counted by model, over all scopes, and shrinks with it.
func TestContract_C250_QuarantineSizes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		sizes := func() map[string]int {
			t.Helper()
			got, err := synced.QuarantineSizes(ctx, b.DB)
			require.NoError(t, err)
			return got
		}
		b.Put(numbered(3, 1, 2)...)
		d := strict(strategy.Full{})
		d.Invalid = synced.Quarantine{Limit: 1}
		rentals := harness.Model(t, b, d)
		require.Empty(t, sizes())
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(2))
		d.Table, d.Endpoint = "others", "rentals"
		harness.Sync(t, harness.Model(t, b, d), synced.In(1))
		require.Equal(t, map[string]int{"rentals": 4, "others": 2}, sizes())

		b.Put(numbered(3, 2)...)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, map[string]int{"rentals": 3, "others": 2}, sizes())

		b.Execute(t, "DROP TABLE synced_quarantine")
		_, err := synced.QuarantineSizes(ctx, b.DB)
		require.ErrorContains(t, err, "synced: count the records in quarantine: ")
	})
}
