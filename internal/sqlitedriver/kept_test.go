package sqlitedriver_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// one is the only connection of a new database, with a table of a row.
func one(t *testing.T) *sql.DB {
	t.Helper()
	db := setup(t)
	db.SetMaxOpenConns(1)
	_, err := db.Exec("CREATE TABLE rentals (id integer, name text); INSERT INTO rentals VALUES (1, 'Villa')")
	require.NoError(t, err)
	return db
}

// A statement that was prepared before another one changed its table means what it says now.
func TestKeptStatementsSeeChangedTables(t *testing.T) {
	t.Parallel()
	db := one(t)
	for _, query := range []string{"SELECT * FROM rentals", "select distinct\n* FROM rentals", "SELECT r.* FROM rentals r", "UPDATE rentals SET id = 1 RETURNING *"} {
		columns := func() []string {
			rows, err := db.Query(query)
			require.NoError(t, err)
			defer rows.Close()
			names, err := rows.Columns()
			require.NoError(t, err)
			for rows.Next() {
			}
			require.NoError(t, rows.Err())
			return names
		}
		require.Equal(t, []string{"id", "name"}, columns(), query)
		_, err := db.Exec("ALTER TABLE rentals ADD COLUMN beds integer")
		require.NoError(t, err, "a statement that is kept locks nothing")
		require.Equal(t, []string{"id", "name", "beds"}, columns(), query)
		_, err = db.Exec("ALTER TABLE rentals DROP COLUMN beds")
		require.NoError(t, err)
	}

	read := func() (name string) {
		require.NoError(t, db.QueryRow("SELECT name FROM rentals WHERE id * 2 = ?", 2).Scan(&name))
		return name
	}
	require.Equal(t, "Villa", read())
	_, err := db.Exec("DROP TABLE rentals; CREATE TABLE rentals (name text, more text, id integer); INSERT INTO rentals VALUES ('Castle', '', 1)")
	require.NoError(t, err)
	require.Equal(t, "Castle", read())
}

// A statement may be used while its rows are read, and has no values of the last time.
func TestKeptStatementsAreUsedTwice(t *testing.T) {
	t.Parallel()
	db := one(t)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	const query = "SELECT ?1 FROM rentals"
	for n := range 3 {
		outer, err := conn.QueryContext(t.Context(), query, n)
		require.NoError(t, err)
		require.True(t, outer.Next())
		var inner, of int
		require.NoError(t, conn.QueryRowContext(t.Context(), query, -n).Scan(&inner))
		require.NoError(t, outer.Scan(&of))
		require.Equal(t, []int{-n, n}, []int{inner, of})
		require.NoError(t, outer.Close())
	}
	var none *int
	require.NoError(t, conn.QueryRowContext(t.Context(), query, nil).Scan(&none))
	require.Nil(t, none)
}

// A statement that failed, or was interrupted, works the next time.
func TestKeptStatementsAfterErrors(t *testing.T) {
	t.Parallel()
	db := one(t)
	_, err := db.Exec("CREATE UNIQUE INDEX once ON rentals (id)")
	require.NoError(t, err)
	const insert = "INSERT INTO rentals VALUES (?, 'another')"
	for n := range 3 {
		_, err = db.Exec(insert, 1)
		require.ErrorContains(t, err, "UNIQUE")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = db.ExecContext(ctx, insert, 10+n)
		require.ErrorIs(t, err, context.Canceled)
		_, err = db.Exec(insert, 10+n)
		require.NoError(t, err)
	}
}

// Not all that runs is kept: texts that are used once would fill the memory.
func TestKeptStatementsAreFew(t *testing.T) {
	t.Parallel()
	db := one(t)
	for n := range 300 {
		var got int
		require.NoError(t, db.QueryRow(fmt.Sprintf("SELECT %d + ?", n), 1).Scan(&got))
		require.Equal(t, n+1, got)
	}
	long := "SELECT '" + strings.Repeat("x", 10_000) + "', ?"
	for range 2 {
		rows, err := db.Query(long, 1)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
}
