package upkeep_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// A table that is partitioned by its scope is one as any other.
func TestContract_C270_PartitionedByScope(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	d := harness.Incremental(strategy.UpdatedSince{})
	d.Remove, d.Outbox, d.API = synced.Destroy{}, true, b.API
	made, err := d.Schema(b.DB, synced.SchemaTable)
	require.NoError(t, err)
	made = strings.TrimSpace(made)
	t.Log(made)
	made = strings.TrimSuffix(strings.Replace(made, " PRIMARY KEY", "", 1), ";") + " PARTITION BY HASH (account_id)"
	b.Execute(t, made)
	for i := range 4 {
		b.Execute(t, fmt.Sprintf("CREATE TABLE rentals_%d PARTITION OF rentals FOR VALUES WITH (MODULUS 4, REMAINDER %d)", i, i))
	}
	require.NoError(t, d.CreateTable(t.Context(), b.DB)) // its indexes and its trigger
	rentals := harness.Bind(t, b, d)
	b.Put("one", "two", "three")
	for account := range 8 {
		require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(account))))
	}
	require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(3), synced.Call{Strategy: strategy.Full{}})))
	b.Server.Advance(time.Minute)
	b.Server.Collection("rentals").Update(2, map[string]any{"name": "two and a half"})
	b.Server.Collection("rentals").Delete(1)
	b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE account_id = 3 AND synced_id = 3")
	result := harness.Sync(t, rentals, synced.In(3), synced.Call{Strategy: strategy.Full{}})
	require.Equal(t, harness.Counts{Updated: 2, Removed: 1}, harness.CountsOf(result))
	require.Equal(t, []string{"two and a half", "three"}, harness.Names(t, rentals, synced.In(3)))
	diff, err := rentals.Check(t.Context(), synced.In(3))
	require.NoError(t, err)
	require.True(t, diff.Passed(), diff)
}
