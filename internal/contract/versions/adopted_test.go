package versions_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

func TestContract_C144_NeedsRemapOfAdoptedTables(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.Remove = synced.Cancel{Column: "canceled_at"}
		rentals := harness.Model(t, b, d)
		require.False(t, needs(t, rentals))

		// Rows that had no object: there is nothing to map again, also where the column
		// has a default.
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 1, 'one'), (1, 2, 'two')")
		require.False(t, needs(t, rentals))
		b.Execute(t, "UPDATE rentals SET synced_data = '{}'")
		require.False(t, needs(t, rentals))
		require.Equal(t, harness.Counts{}, harness.CountsOf(remap(t, rentals, synced.NoScope)))
		b.Execute(t, "UPDATE rentals SET synced_data = 'null'")
		require.False(t, needs(t, rentals))
		require.Equal(t, harness.Counts{}, harness.CountsOf(remap(t, rentals, synced.NoScope)))

		// Rows with objects that nobody has mapped.
		b.Execute(t, `INSERT INTO rentals (account_id, synced_id, name, synced_data) VALUES (2, 1, '', '{"id":1,"name":"mapped"}')`)
		require.True(t, needs(t, rentals))
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(remap(t, rentals, synced.NoScope)))
		require.False(t, needs(t, rentals))
		require.Equal(t, []string{"mapped"}, harness.Names(t, rentals, synced.In(2)))

		// Canceled ones stay without a fingerprint.
		b.Execute(t, `INSERT INTO rentals (account_id, synced_id, name, synced_data, canceled_at) VALUES (3, 1, '', '{"id":1,"name":"x"}', '2026-01-02T03:04:05.000000Z')`)
		require.False(t, needs(t, rentals))

		// A run maps what it lists.
		b.Put("one")
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.False(t, needs(t, rentals))
		row, err := rentals.Find(context.Background(), synced.In(1), 2)
		require.NoError(t, err)
		require.Equal(t, "two", row.Name)
	})
}

func TestContract_C144_NeedsRemapWithoutScopes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type plain struct {
			SyncedID int64       `json:"id" db:"synced_id"`
			Name     string      `json:"name" db:"name"`
			Data     synced.Data `db:"synced_data"`
		}
		m := harness.Model(t, b, synced.Synced[plain]{Table: "plains"})
		needsAny := func() bool {
			needs, err := m.NeedsRemap(context.Background())
			require.NoError(t, err)
			return needs
		}
		require.False(t, needsAny())
		b.Execute(t, `INSERT INTO plains (synced_id, name, synced_data) VALUES (1, '', '{"id":1,"name":"mapped"}')`)
		require.True(t, needsAny())
		_, err := m.Remap(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.False(t, needsAny())
	})
}
