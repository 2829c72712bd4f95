package sqlitedriver_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/sqlitedriver"
)

func setup(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db := sqlitedriver.Open(sqlitedriver.Database{URI: "file:" + path, Path: path})
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestNoName(t *testing.T) {
	t.Parallel()

	require.Empty(t, sql.Drivers())
	_, err := setup(t).Driver().Open("file:test.db")
	require.EqualError(t, err, "this driver has no name to open databases by")
}

func TestValues(t *testing.T) {
	t.Parallel()

	db := setup(t)
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	for _, c := range []struct {
		declared  string
		give, get any
	}{
		{"integer", 7, int64(7)},
		{"integer", int8(7), int64(7)},
		{"bigint", int64(1)<<62 + 1, int64(1)<<62 + 1},
		{"real", 1.5, 1.5},
		{"boolean", true, true},
		{"boolean", 2, int64(2)},
		{"integer", true, int64(1)},
		{"text", "", ""},
		{"text", "a\x00b", "a\x00b"},
		{"text", at, "2026-03-04T05:06:07.000008Z"},
		{"", at, at},
		{"timestamp", "2026-03-04 05:06:07.000008", at},
		{"datetime", at.Unix(), at.Truncate(time.Second)},
		{"datetime(6)", "2026-03-04 05:06:07.000008", at},
		{"timestamp", "soon", "soon"},
		{"blob", []byte("a\x00"), []byte("a\x00")},
		{"blob", []byte{}, []byte{}},
		{"blob", sqlite3.ZeroBlob(2), []byte{0, 0}},
		{"timestamp", nil, nil},
		{"text", sql.NullString{String: "x", Valid: true}, "x"},
	} {
		_, err := db.Exec("DROP TABLE IF EXISTS held; CREATE TABLE held (v " + c.declared + ")")
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO held VALUES (?)", c.give)
		require.NoError(t, err, "%s %v", c.declared, c.give)
		var got any
		require.NoError(t, db.QueryRow("SELECT v FROM held").Scan(&got))
		require.Equal(t, c.get, got, "%s %v", c.declared, c.give)
	}
	_, err := db.Exec("INSERT INTO held VALUES (?)", struct{}{})
	require.ErrorContains(t, err, "unsupported type")
}

func TestStatements(t *testing.T) {
	t.Parallel()

	db := setup(t)
	r, err := db.Exec("CREATE TABLE held (id integer PRIMARY KEY, v text); INSERT INTO held (v) VALUES ('a'), ('b') -- both")
	require.NoError(t, err)
	id, err := r.LastInsertId()
	require.NoError(t, err)
	n, err := r.RowsAffected()
	require.NoError(t, err)
	require.Equal(t, []int64{2, 2}, []int64{id, n})

	var v string
	require.NoError(t, db.QueryRow("SELECT v FROM held WHERE id = :id OR id = @id; -- one", sql.Named("id", 2)).Scan(&v))
	require.Equal(t, "b", v)
	_, err = db.Query("SELECT v FROM held WHERE id = ?; DELETE FROM held", 2)
	require.EqualError(t, err, "more than one statement: only Exec without values takes several")
	_, err = db.Query(" -- nothing")
	require.EqualError(t, err, "there is no statement in the text")
	_, err = db.Query("SELECT v FROM held WHERE id = ?")
	require.ErrorContains(t, err, "expected 1 arguments, got 0")
}

func TestTransactions(t *testing.T) {
	t.Parallel()

	db := setup(t)
	_, err := db.Exec("CREATE TABLE held (id integer)")
	require.NoError(t, err)
	writes, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = db.BeginTx(t.Context(), nil)
	require.ErrorIs(t, err, sqlite3.BUSY)
	reads, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	_, err = reads.Exec("INSERT INTO held VALUES (1)")
	require.ErrorIs(t, err, sqlite3.READONLY)
	require.NoError(t, reads.Rollback())
	_, err = writes.Exec("INSERT INTO held VALUES (1)")
	require.NoError(t, err)
	require.NoError(t, writes.Commit())
	_, err = db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSnapshot})
	require.ErrorContains(t, err, `no isolation level "Snapshot"`)
	_, err = db.Exec("INSERT INTO held VALUES (2)")
	require.NoError(t, err)
}

func TestColumnTypes(t *testing.T) {
	t.Parallel()

	db := setup(t)
	_, err := db.Exec("CREATE TABLE held (id integer PRIMARY KEY, name varchar(20) NOT NULL, at timestamp)")
	require.NoError(t, err)
	rows, err := db.Query("SELECT *, 1 + 1 FROM held")
	require.NoError(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	var told [][]any
	for _, c := range types {
		nullable, known := c.Nullable()
		told = append(told, []any{c.Name(), c.DatabaseTypeName(), nullable, known, c.ScanType().String()})
	}
	require.Equal(t, [][]any{
		{"id", "INTEGER", true, true, "int64"}, {"name", "VARCHAR", false, true, "interface {}"}, {"at", "TIMESTAMP", true, true, "time.Time"}, {"1 + 1", "", false, false, "interface {}"},
	}, told)
}
