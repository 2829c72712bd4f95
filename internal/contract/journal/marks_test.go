package journal_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store/sqlite"
)

// The handle that a store was made of marks its transactions; what others write until the
// next mark is one transaction.
func TestContract_C303_Handles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "test.db")
	app, err := sqlite.OpenDB(ctx, path)
	require.NoError(t, err)
	defer func() { require.NoError(t, app.Close()) }()
	db, err := sqlite.FromSQL(ctx, app, sqlite.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.Migrate(ctx))
	_, err = app.ExecContext(ctx, "CREATE TABLE notes (id integer PRIMARY KEY, body text)")
	require.NoError(t, err)
	j := open(t, &harness.Bundle{DB: db.Backend(), File: db}, journal.Table{Name: "notes"})
	other, err := sqlite.OpenDB(ctx, path)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	write := func(handle *sql.DB, commit bool) {
		t.Helper()
		tx, err := handle.BeginTx(ctx, nil)
		require.NoError(t, err)
		for range 2 {
			_, err = tx.ExecContext(ctx, "INSERT INTO notes (body) VALUES ('x')")
			require.NoError(t, err)
		}
		if commit {
			require.NoError(t, tx.Commit())
		} else {
			require.NoError(t, tx.Rollback())
		}
	}
	for _, handle := range []*sql.DB{app, db.DB(), other, other} {
		write(handle, true)
		write(handle, false)
	}
	write(app, true)
	var ends []bool
	for _, c := range changes(t, j, 0) {
		ends = append(ends, c.Last)
	}
	require.Equal(t, []bool{false, true, false, true, false, false, false, false, false, true}, ends)
}
