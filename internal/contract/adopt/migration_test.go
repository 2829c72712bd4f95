// Package adopt_test tests tables that a service has already: its migrations, its own
// columns and keys, and tables that the Ruby gem made.
package adopt_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// C145: the guard of the fingerprints is in no migration's way, and the next Schema
// replaces it.
func TestContract_C145_Migrations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		older := harness.Model(t, b, harness.Rentals())
		harness.Sync(t, older, synced.In(1))
		b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 1")
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, older, synced.In(1))))

		if b.Pool == nil {
			_, err := b.File.DB().Exec("ALTER TABLE rentals DROP COLUMN price")
			require.ErrorContains(t, err, "synced_guard_rentals")
			b.Execute(t, "DROP TRIGGER synced_guard_rentals")
		} else {
			b.Execute(t, "ALTER TABLE rentals ALTER COLUMN name TYPE varchar(100), ALTER COLUMN remote_size TYPE numeric")
		}
		b.Execute(t, "ALTER TABLE rentals DROP COLUMN price")
		b.Execute(t, "UPDATE rentals SET notes = 'own'")
		b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 2")

		type rental struct {
			ID         int64       `db:"id"`
			SyncedID   int64       `json:"id" db:"synced_id"`
			AccountID  int64       `db:"account_id"`
			Name       string      `json:"name" db:"name"`
			Notes      string      `db:"notes"`
			SyncedData synced.Data `db:"synced_data"`
		}
		d := synced.Synced[rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}}
		newer := harness.Bind(t, b, d)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, newer, synced.In(1))), "compared by its columns")
		for range 2 {
			b.Execute(t, harness.Bind(t, b, d).Schema(synced.SchemaTrigger))
			found, err := b.DB.Describe(context.Background(), "rentals")
			require.NoError(t, err)
			require.Len(t, found.Triggers, 1)
		}
		newer = harness.Bind(t, b, d)
		harness.Sync(t, newer, synced.In(1))
		b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 2")
		b.Execute(t, "UPDATE rentals SET notes = 'own' WHERE synced_id = 1")
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT synced_id || '' FROM rentals WHERE synced_hash IS NOT NULL"))
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, newer, synced.In(1))))
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, newer, synced.In(1))))
	})
}
