package sqlstore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

// typeOf names a type by its number.
func typeOf(c backend.Column) string { return fmt.Sprint("type", int(c.Type)) }

func TestCreateTable(t *testing.T) {
	t.Parallel()
	table := &backend.Table{
		Name: "crm.rentals", ID: "synced_id", Scope: "account_id", ScopeKind: backend.Text, Hash: "synced_hash", Canceled: "canceled_at", Stamp: "synced_all_at",
		Columns: []backend.Column{
			{Name: "synced_id", Type: backend.TypeInt, Managed: true, NotNull: true},
			{Name: "name", Type: backend.TypeText, Managed: true, NotNull: true},
			{Name: "size", Type: backend.TypeInt, Managed: true},
			{Name: "villa_id", Type: backend.TypeInt, Parent: true, NotNull: true},
			{Name: "notes", Type: backend.TypeText, NotNull: true},
			{Name: "open", Type: backend.TypeBool, NotNull: true},
			{Name: "canceled_at", Type: backend.TypeTime},
		},
	}
	want := `CREATE TABLE IF NOT EXISTS "crm"."rentals" (
	"synced_id" type1,
	"name" type4 NOT NULL,
	"size" type1,
	"villa_id" type1 NOT NULL,
	"notes" type4 NOT NULL DEFAULT '',
	"open" type3 NOT NULL DEFAULT false,
	"canceled_at" type5,
	"account_id" type4 NOT NULL,
	"synced_all_at" type5,
	"synced_hash" type1
);
`
	require.Equal(t, want, CreateTable(table, typeOf))
	want = `CREATE UNIQUE INDEX IF NOT EXISTS "rentals_synced" ON "crm"."rentals" ("account_id", "synced_id");
`
	require.Equal(t, want, CreateUnique(table))

	// A scope that is a field, and one that is the whole table.
	table.Scope, table.Stamp = "name", ""
	require.NotContains(t, CreateTable(table, typeOf), "account_id")
	require.Contains(t, CreateUnique(table), `("name", "synced_id")`)
	table.Scope = ""
	require.Contains(t, CreateUnique(table), `ON "crm"."rentals" ("synced_id")`)
	table.Served = true
	require.Empty(t, CreateUnique(table))
}
