package synced_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

// A table of the service's own may have a column that the type has no field for,
// such as canceled_at: the model's Schema, run on it, gives it the trigger that
// fits, and may be run again.
func TestModel_Schema(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, "one", "two")
		d := fullRentals()
		d.Remove = synced.CancelOrDestroy
		require.NoError(t, d.CreateTable(ctx, b.db))
		execute(t, b, "ALTER TABLE rentals ADD COLUMN canceled_at timestamp")
		before, err := d.Schema(b.db)
		require.NoError(t, err)
		for range 2 {
			ddl := bind(t, b, d).Schema()
			require.NotEqual(t, before, ddl)
			require.Contains(t, ddl, `"canceled_at"`)
			execute(t, b, ddl)
		}
		rentals := bind(t, b, d)
		synchronize(t, rentals, synced.In(1))
		execute(t, b, "UPDATE rentals SET canceled_at = '2026-01-01 00:00:00' WHERE synced_id = 1")
		require.Equal(t, []string{"null"}, column(t, b, "SELECT synced_hash || '' FROM rentals WHERE synced_id = 1"), "the trigger watches it")
		require.Equal(t, counts{unchanged: 1, restored: 1}, countsOf(synchronize(t, rentals, synced.In(1))))
	})
}
