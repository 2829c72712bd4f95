package storetest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

var guardTests = tests{
	"takes the fingerprint of each managed column": guardManaged,
	"leaves it when the service's own change":      guardOwn,
	"leaves it when nothing changes":               guardNothing,
	"leaves it to a run":                           guardRun,
	"takes it of the edited rows only":             guardEditedRows,
	"is marked with what it watches":               guardMark,
	"replaces an older one":                        guardReplaced,
	"lets a migration change the table":            guardMigration,
	"watches odd names":                            guardOddNames,
	"takes it when a handler edits the row":        guardSameTransaction,
}

// guarded has managed columns of the types that a trigger could stumble on.
type guarded struct {
	ID       int64           `db:"id"`
	SyncedID int64           `json:"id" db:"synced_id"`
	Name     string          `json:"name" db:"name"`
	Count    *int64          `json:"count" db:"count"`
	List     []string        `json:"list" db:"list"`
	Raw      json.RawMessage `json:"raw" db:"raw"`
	Bytes    []byte          `json:"bytes" db:"bytes"`
	Notes    string          `db:"notes"`
	Mine     map[string]int  `db:"mine"`
	Data     mapper.Data     `db:"synced_data"`
}

func guardTable(t *testing.T, db backend.Store) (*Model[guarded], backend.Record) {
	m := Create[guarded](t, db, Options{Canceled: "canceled_at"})
	row := m.Record(1, guarded{SyncedID: 1, Name: "Villa", List: []string{"a"}, Raw: json.RawMessage(`{"a":1}`), Data: mapper.Data(`{"id":1}`)})
	m.Write(t, nil, row)
	require.Equal(t, int64(1), *m.hash(t, 1))
	return m, row
}

func guardManaged(t *testing.T, db backend.Store) {
	m, row := guardTable(t, db)
	for _, set := range []string{
		"name = 'edited'", "count = 1", "list = NULL", `list = '["b"]'`, `raw = '{"a":2}'`, `raw = '{ "a": 1 }'`, "bytes = ''", `synced_data = '{"id":2}'`, "synced_data = NULL",
		"canceled_at = CURRENT_TIMESTAMP", "name = 'edited', notes = 'edited'",
	} {
		m.edit(t, set)
		require.Nil(t, m.hash(t, 1), set)
		m.edit(t, "name = 'again'")
		require.Nil(t, m.hash(t, 1), set)
		m.Write(t, nil, row)
		require.Equal(t, int64(1), *m.hash(t, 1), set)
		require.Equal(t, "Villa", m.One(t).Name)
	}
}

func guardOwn(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	Exec(t, db, "ALTER TABLE rentals ADD COLUMN stars bigint")
	for _, set := range []string{"notes = 'edited'", `mine = '{"a":1}'`, "stars = 3", "id = id + 1"} {
		m.edit(t, set)
		require.Equal(t, ptr(int64(1)), m.hash(t, 1), set)
	}
}

func guardNothing(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	m.edit(t, `name = 'Villa', count = NULL, raw = '{"a":1}', synced_data = synced_data`)
	require.Equal(t, ptr(int64(1)), m.hash(t, 1))
}

func guardRun(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	for i := range int64(5) {
		m.Write(t, nil, m.Record(i+2, guarded{SyncedID: 1, Name: fmt.Sprint(i), Data: mapper.Data(fmt.Sprintf(`{"id":1,"n":%d}`, i))}))
		require.Equal(t, ptr(i+2), m.hash(t, 1))
	}
}

func guardEditedRows(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	m.Write(t, nil, m.Record(2, guarded{SyncedID: 2, Name: "Hut"}), m.Record(3, guarded{SyncedID: 3, Name: "Tent"}))
	m.edit(t, "name = 'x' WHERE synced_id <> 2")
	require.Nil(t, m.hash(t, 1))
	require.Equal(t, ptr(int64(2)), m.hash(t, 2))
	require.Nil(t, m.hash(t, 3))
}

func guardMark(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	found, err := db.Describe(t.Context(), "rentals")
	require.NoError(t, err)
	require.Equal(t, m.Table.Guard(), found.Guard)

	other := m.Table.Clone()
	other.Columns = append([]backend.Column{{Name: "more", Managed: true}}, m.Table.Columns...)
	require.NotEqual(t, m.Table.Guard(), other.Guard())
}

func guardReplaced(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	older := m.Table.Clone()
	older.Columns = older.Columns[:2]
	Exec(t, db, db.Dialect().Schema(older, backend.PartTrigger))
	before := describe(t, db, "rentals")
	require.Equal(t, older.Guard(), before.Guard)
	m.edit(t, "name = 'edited'")
	require.NotNil(t, m.hash(t, 1), "the older one does not watch it")

	Exec(t, db, db.Dialect().Schema(m.Table, backend.AllParts))
	after := describe(t, db, "rentals")
	require.Equal(t, m.Table.Guard(), after.Guard)
	require.Equal(t, before.Triggers, after.Triggers)
	require.Len(t, after.Triggers, 1)
	m.edit(t, "name = 'edited again'")
	require.Nil(t, m.hash(t, 1))
}

// guardMigration runs the migrations of a service on a connection that has used the
// trigger before.
func guardMigration(t *testing.T, db backend.Store) {
	m, _ := guardTable(t, db)
	watches := func(set string, watched bool) {
		t.Helper()
		m.edit(t, "synced_hash = coalesce(synced_hash, 0) + 1")
		before := m.hash(t, 1)
		m.edit(t, set)
		if watched {
			require.Nil(t, m.hash(t, 1), set)
		} else {
			require.Equal(t, before, m.hash(t, 1), set)
		}
	}
	watches("name = 'before'", true)
	watches("notes = 'before'", false)
	if describe(t, db, "rentals").Strict {
		Exec(t, db, "ALTER TABLE rentals ALTER COLUMN count TYPE numeric(20,2), ALTER COLUMN name TYPE varchar(50)")
		watches("notes = 'retyped'", false)
		watches("count = 1.5", true)
		watches("name = 'retyped'", true)
		Exec(t, db, "ALTER TABLE rentals ALTER COLUMN name TYPE json USING to_json(name)")
		watches("notes = 'json'", false)
		watches(`name = '"json"'`, true)
	} else {
		tx := begin(t, db)
		_, err := tx.Exec(t.Context(), squirrel.Expr("ALTER TABLE rentals DROP COLUMN count"))
		require.ErrorContains(t, err, "synced_guard_rentals", "the error names what to drop")
		require.NoError(t, tx.Rollback(t.Context()))
		Exec(t, db, "DROP TRIGGER synced_guard_rentals")
	}
	Exec(t, db, "ALTER TABLE rentals DROP COLUMN count")
	if !describe(t, db, "rentals").Strict {
		m.Table.Columns = append(m.Table.Columns[:3:3], m.Table.Columns[4:]...) // as the next declaration
		Exec(t, db, db.Dialect().Schema(m.Table, backend.PartTrigger))
	}
	watches("notes = 'dropped'", false)
	watches("bytes = 'dropped'", true)
	Exec(t, db, "ALTER TABLE rentals ADD COLUMN stars bigint")
	watches("stars = 5", false)
	Exec(t, db, "ALTER TABLE rentals RENAME COLUMN list TO items")
	watches("notes = 'renamed'", false)
	watches("bytes = 'renamed'", true)
	Exec(t, db, "ALTER TABLE rentals RENAME TO houses")
	m.Table.Name = "houses"
	watches("notes = 'moved'", false)
	watches("bytes = 'moved'", true)
}

// guardOddNames has names that stand in quotes, in a text and in a format.
func guardOddNames(t *testing.T, db backend.Store) {
	type odd struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		A        string `json:"a" db:"it's"`
		B        string `json:"b" db:"100%s $1"`
		Select   string `json:"c" db:"Select"`
		Own      string `db:"OWN its"`
	}
	m := Create[odd](t, db, Options{Table: "it's %s"})
	for _, column := range []string{"it's", "100%s $1", "Select"} {
		m.Write(t, nil, m.Record(1, odd{SyncedID: 1, A: column}))
		m.edit(t, `"`+column+`" = 'x'`)
		require.Nil(t, m.hash(t, 1), column)
	}
	m.Write(t, nil, m.Record(1, odd{SyncedID: 1}))
	m.edit(t, `"OWN its" = 'x'`)
	require.NotNil(t, m.hash(t, 1))
}

func guardSameTransaction(t *testing.T, db backend.Store) {
	m, row := guardTable(t, db)
	row.Hash = 2
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, nil, []backend.Record{row, m.Record(9, guarded{SyncedID: 9})})
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), squirrel.Expr("UPDATE rentals SET name = 'by a handler', notes = 'by a handler' WHERE synced_id = 9"))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, ptr(int64(2)), m.hash(t, 1))
	require.Nil(t, m.hash(t, 9), "a handler's edit of a managed column is an edit")
}
