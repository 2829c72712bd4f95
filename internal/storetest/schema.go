package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var describeTests = tests{
	"columns":                         describeColumns,
	"unique indexes":                  describeUnique,
	"a table that is not there":       describeNothing,
	"a table with an awkward name":    describeAwkward,
	"a table without a key":           describeKeyless,
	"dropped columns are gone":        describeDropped,
	"another table's indexes are not": describeNeighbour,
}

var schemaTests = tests{
	"runs twice":                 schemaTwice,
	"of a scope without a field": schemaHiddenScope,
	"of a stamp":                 schemaStamp,
}

func describe(t *testing.T, db backend.Store, table string) backend.Description {
	t.Helper()
	found, err := db.Describe(t.Context(), table)
	require.NoError(t, err)
	return found
}

func describeColumns(t *testing.T, db backend.Store) {
	Exec(t, db, "CREATE TABLE things (a bigint PRIMARY KEY, b text NOT NULL, c text NOT NULL DEFAULT 'x', d boolean, e varchar(20) DEFAULT 'y', f double precision)")
	found := describe(t, db, "things")
	var names []string
	for _, c := range found.Columns {
		names = append(names, fmt.Sprint(c.Name, " ", c.NotNull, " ", c.HasDefault))
	}
	require.Equal(t, []string{"a true false", "b true false", "c true true", "d false false", "e false true", "f false false"}, names)

	c, ok := found.Column("d")
	require.True(t, ok)
	require.Equal(t, "boolean", c.Type)
	_, ok = found.Column("g")
	require.False(t, ok)
	require.Equal(t, [][]string{{"a"}}, found.Unique)
	require.Empty(t, found.Triggers)
}

func describeUnique(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	Exec(t, db, "CREATE INDEX plain ON rentals (name, size)")
	Exec(t, db, "CREATE UNIQUE INDEX two ON rentals (name, size)")
	Exec(t, db, "CREATE UNIQUE INDEX expression ON rentals (lower(name))")
	Exec(t, db, "CREATE UNIQUE INDEX partial ON rentals (notes) WHERE size > 3")
	Exec(t, db, "CREATE UNIQUE INDEX partial_too ON rentals (notes, size) WHERE name IS NOT NULL")
	Exec(t, db, `CREATE UNIQUE INDEX nulls ON rentals (size, notes) WHERE "size" IS NOT NULL`)
	found := describe(t, db, "rentals")
	for _, want := range [][]string{{"id"}, {"account_id", "synced_id"}, {"name", "size"}, {"size", "notes"}} {
		require.Contains(t, found.Unique, want)
	}
	require.Len(t, found.Unique, 4, "a partial index, and one of an expression, let two rows in")
	require.Equal(t, m.Table.Guard(), found.Guard)
	id, _ := found.Column("id")
	require.True(t, id.NotNull)
	require.True(t, id.HasDefault)
}

func describeNothing(t *testing.T, db backend.Store) {
	for _, name := range []string{"rentals", "no such table", "crm.rentals", "a'b", `a"b`, "?", "%"} {
		require.Equal(t, backend.Description{}, describe(t, db, name), name)
	}
}

func describeAwkward(t *testing.T, db backend.Store) {
	for _, name := range []string{"Rentals", "my rentals", `quo"ted`, "o'neil", "order"} {
		m := Create[rental](t, db, Options{Table: name, Scope: "account_id"})
		found := describe(t, db, name)
		require.Len(t, found.Columns, len(m.Table.Columns)+1, name)
		require.Contains(t, found.Unique, []string{"account_id", "synced_id"}, name)
		require.Equal(t, m.Table.Guard(), found.Guard, name)
	}
}

func describeKeyless(t *testing.T, db backend.Store) {
	Exec(t, db, "CREATE TABLE things (a bigint, b text, UNIQUE (b, a))")
	require.Equal(t, [][]string{{"b", "a"}}, describe(t, db, "things").Unique)
	Exec(t, db, "CREATE TABLE pairs (a integer, b integer, PRIMARY KEY (b, a))")
	pairs := describe(t, db, "pairs")
	require.Equal(t, [][]string{{"b", "a"}}, pairs.Unique)
	for _, c := range pairs.Columns {
		require.True(t, c.NotNull)
		require.False(t, c.HasDefault)
	}
}

func describeDropped(t *testing.T, db backend.Store) {
	Exec(t, db, "CREATE TABLE things (a bigint, b text, c text)")
	Exec(t, db, "ALTER TABLE things DROP COLUMN b")
	found := describe(t, db, "things")
	require.Len(t, found.Columns, 2)
	require.Equal(t, "c", found.Columns[1].Name)
}

func describeNeighbour(t *testing.T, db backend.Store) {
	Exec(t, db, "CREATE TABLE things (a bigint)")
	rentals(t, db)
	d := describe(t, db, "things")
	require.Equal(t, backend.Description{Columns: d.Columns, Strict: d.Strict}, d)
}

func schemaTwice(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	before := describe(t, db, "rentals")
	Exec(t, db, db.Dialect().Schema(m.Table, backend.AllParts))
	require.Equal(t, before, describe(t, db, "rentals"))
	require.Equal(t, "Villa", m.One(t).Name)
	m.edit(t, "name = 'x'")
	require.Nil(t, m.hash(t, 1))
}

func schemaHiddenScope(t *testing.T, db backend.Store) {
	m := Create[named[string]](t, db, Options{Scope: "tenant", ScopeKind: backend.Text})
	found := describe(t, db, "rentals")
	c, ok := found.Column("tenant")
	require.True(t, ok)
	require.True(t, c.NotNull)
	require.Equal(t, "text", c.Type)
	require.Contains(t, found.Unique, []string{"tenant", "synced_id"})
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, "a", m.Record(1, named[string]{"x", "y"})))
}

func schemaStamp(t *testing.T, db backend.Store) {
	m := Create[named[int64]](t, db, Options{Stamp: "synced_all_at"})
	m.Write(t, nil, m.Record(1, named[int64]{1, "Villa"}))
	c, ok := describe(t, db, "rentals").Column("synced_all_at")
	require.True(t, ok)
	require.False(t, c.NotNull)
	m.edit(t, "synced_all_at = ?", sometime)
	require.Equal(t, ptr(int64(1)), m.hash(t, 1), "stamping is no edit")
	require.True(t, sometime.Equal(Value[time.Time](t, db, "SELECT synced_all_at FROM rentals")))
}
