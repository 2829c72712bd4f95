package stress_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// Each run keeps its time, also where the remote's stands still; the newest counts.
func TestContract_C108_Times(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		for range 110 {
			harness.Sync(t, rentals, synced.In(1))
		}
		harness.Sync(t, rentals, synced.In(2))
		n, err := strconv.Atoi(b.Column(t, "SELECT count(*) FROM synced_times WHERE scope_id = '1'")[0])
		require.NoError(t, err)
		require.Equal(t, 100, n)
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT count(*) FROM synced_times WHERE scope_id = '2'"))
	})
}
