package declare_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// A table of the service's own may have a column that the type has no field for,
// such as canceled_at: the model's Schema, run on it, gives it the trigger that
// fits, and may be run again.
func TestModel_Schema(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two")
		d := harness.Rentals()
		d.Remove = synced.CancelOrDestroy{}
		require.NoError(t, d.CreateTable(ctx, b.DB))
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN canceled_at timestamp")
		before, err := d.Schema(b.DB)
		require.NoError(t, err)
		for range 2 {
			ddl := harness.Bind(t, b, d).Schema()
			require.NotEqual(t, before, ddl)
			require.Contains(t, ddl, `"canceled_at"`)
			b.Execute(t, ddl)
		}
		rentals := harness.Bind(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "UPDATE rentals SET canceled_at = '2026-01-01 00:00:00' WHERE synced_id = 1")
		require.Equal(t, []string{"null"}, b.Column(t, "SELECT synced_hash || '' FROM rentals WHERE synced_id = 1"), "the trigger watches it")
		require.Equal(t, harness.Counts{Unchanged: 1, Restored: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
	})
}

// C146: Schema comes in parts, and adds no unique index beside one that serves.
func TestContract_C146_SchemaParts(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		d := harness.Rentals()
		part := func(parts ...synced.SchemaPart) string {
			ddl, err := d.Schema(b.DB, parts...)
			require.NoError(t, err)
			return ddl
		}
		all := part()
		require.Equal(t, all, part(synced.SchemaTable)+part(synced.SchemaIndex)+part(synced.SchemaTrigger))
		require.Equal(t, all, part(synced.SchemaTrigger, synced.SchemaTable, synced.SchemaIndex))
		require.NotContains(t, part(synced.SchemaIndex, synced.SchemaTrigger), "CREATE TABLE")
		require.NotContains(t, part(synced.SchemaTable), "INDEX")
		b.Execute(t, part(synced.SchemaTable))

		// An index of the service's own serves, in any order and with fewer columns.
		for name, columns := range map[string]string{"by_account": "account_id, synced_id", "by_id": "synced_id, account_id", "alone": "synced_id"} {
			b.Execute(t, "CREATE UNIQUE INDEX "+name+" ON rentals ("+columns+")")
			require.NoError(t, d.CreateTable(ctx, b.DB))
			require.NotContains(t, harness.Bind(t, b, d).Schema(), "UNIQUE", name)
			b.Execute(t, "DROP INDEX "+name)
		}
		// One that does not gets ours beside it, which Schema keeps on showing.
		b.Execute(t, "CREATE UNIQUE INDEX partial ON rentals (account_id, synced_id) WHERE name = ''")
		require.NoError(t, d.CreateTable(ctx, b.DB))
		rentals := harness.Bind(t, b, d)
		require.Contains(t, rentals.Schema(), "UNIQUE")
		require.NotContains(t, rentals.Schema(synced.SchemaTrigger), "UNIQUE")
		require.Equal(t, all, rentals.Schema())
		b.Execute(t, rentals.Schema(synced.SchemaTrigger))
		b.Put("one")
		harness.Sync(t, rentals, synced.In(1))
	})
}

// C410: the column of a parent's key has an index, unless another begins with it.
func TestContract_C410_ParentIndexes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		d := synced.Synced[harness.Room]{Table: "rooms", Scope: "account_id"}
		const index = `CREATE INDEX IF NOT EXISTS "rooms_house_id_synced" ON "rooms" ("house_id")`
		ddl, err := d.Schema(b.DB, synced.SchemaIndex)
		require.NoError(t, err)
		require.Contains(t, ddl, index)
		within := d
		within.Scope = "house_id"
		ddl, err = within.Schema(b.DB)
		require.NoError(t, err)
		require.NotContains(t, ddl, index, "the unique index begins with it")

		ddl, err = d.Schema(b.DB, synced.SchemaTable)
		require.NoError(t, err)
		b.Execute(t, ddl)
		indexes := "SELECT indexname FROM pg_indexes WHERE tablename = 'rooms' AND schemaname = current_schema() ORDER BY 1"
		if b.Pool == nil {
			indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'rooms' ORDER BY 1"
		}
		// One that begins with it serves; one on some of the rows, or on more before it, does not.
		b.Execute(t, "CREATE INDEX by_house ON rooms (house_id, name)")
		require.NoError(t, d.CreateTable(ctx, b.DB))
		require.NotContains(t, b.Column(t, indexes), "rooms_house_id_synced")
		require.NotContains(t, harness.Bind(t, b, d).Schema(), index)
		b.Execute(t, "DROP INDEX by_house")
		b.Execute(t, "CREATE INDEX by_name ON rooms (name, house_id)")
		b.Execute(t, "CREATE INDEX of_some ON rooms (house_id) WHERE name = 'x'")
		require.NoError(t, d.CreateTable(ctx, b.DB))
		require.Contains(t, b.Column(t, indexes), "rooms_house_id_synced")
		require.Contains(t, harness.Bind(t, b, d).Schema(), index, "which Schema keeps on showing")
		require.NoError(t, d.CreateTable(ctx, b.DB))
	})
}
