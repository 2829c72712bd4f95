// Package drivers tests the SQLite store beside other SQLite libraries. Each folder is
// a program of its own: two libraries may want the same name in database/sql.
package drivers

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// variable makes a test binary another process, which writes to the file it names.
const variable = "SYNCED_DRIVERS_FILE"

// Main runs the tests, or is the other process.
func Main(m *testing.M) {
	path := os.Getenv(variable)
	if path == "" {
		os.Exit(m.Run())
	}
	db := sqlitedriver.Open(sqlitedriver.Database{URI: "file:" + path, Path: path})
	if _, err := db.ExecContext(context.Background(), "INSERT INTO own VALUES ('other process')"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// Writes lets another process write to a file. The error has what it said.
func Writes(t *testing.T, path string) error {
	t.Helper()
	other := exec.CommandContext(t.Context(), os.Args[0])
	other.Env = append(os.Environ(), variable+"="+path)
	if out, err := other.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// Villa is a row.
type Villa struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// TableName is for GORM.
func (Villa) TableName() string { return "villas" }

// Model returns a model of villas in a store, with its table.
func Model(t *testing.T, db *sqlite.Store, onChange func(context.Context, store.Tx, []synced.Change[Villa]) error) *synced.Model[Villa] {
	t.Helper()
	require.NoError(t, db.Migrate(t.Context()))
	declaration := synced.Synced[Villa]{Table: "villas", Strategy: strategy.Full{}, OnChange: onChange}
	require.NoError(t, declaration.CreateTable(t.Context(), db))
	m, err := synced.New(t.Context(), db, declaration)
	require.NoError(t, err)
	return m
}

// Sync gives a model one record.
func Sync(t *testing.T, m *synced.Model[Villa]) error {
	t.Helper()
	object, err := remote.ParseObject([]byte(`{"id": 1, "name": "Villa"}`))
	require.NoError(t, err)
	_, err = m.Synchronize(t.Context(), synced.NoScope, synced.Call{Records: []remote.Object{object}})
	return err
}

// Beside tests the store beside a library, whose driver opens a file in a journal mode.
func Beside(t *testing.T, open func(path, journal string) *sql.DB) {
	t.Helper()
	for _, journal := range []string{"wal", "delete"} {
		t.Run("C121 it has the file open, journal "+journal, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.db")
			theirs := open(path, journal)
			execute(t, theirs, "CREATE TABLE own (text); INSERT INTO own VALUES ('one')")
			for _, idle := range []bool{true, false} {
				var tx *sql.Tx
				if !idle {
					tx = begin(t, theirs)
				}
				_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
				require.ErrorContains(t, err, "sqlite: open "+path+": something else in this process has the file open (file descriptor ")
				require.ErrorContains(t, err, "sqlite.OpenDB")
				_, err = sqlite.OpenDB(t.Context(), path)
				require.ErrorContains(t, err, "another SQLite library")
				if !idle {
					require.ErrorContains(t, Writes(t, path), "database is locked", "its locks are there still")
					require.NoError(t, tx.Commit())
				}
				require.NoError(t, Writes(t, path))
			}
			_, err := sqlite.FromSQL(t.Context(), theirs, sqlite.Options{})
			require.ErrorContains(t, err, fmt.Sprintf("sqlite: the service's handle: its driver is %T, another SQLite library", theirs.Driver()))
			require.ErrorContains(t, err, "sqlite.OpenDB")
			require.NoError(t, theirs.Close())
			ours, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			require.NoError(t, err)
			require.NoError(t, Sync(t, Model(t, ours, nil)))
			require.NoError(t, ours.Close())
		})
	}
	t.Run("C121 it opens the store's file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "app.db")
		ours, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		require.NoError(t, err)
		m := Model(t, ours, nil)
		execute(t, ours.DB(), "CREATE TABLE own (text)")
		theirs := open(path, "wal")
		tx := begin(t, theirs)
		require.ErrorContains(t, Sync(t, m), "another SQLite library")
		require.NoError(t, ours.Close())
		require.ErrorContains(t, Writes(t, path), "database is locked", "its locks are there still")
		require.NoError(t, tx.Commit())
		require.NoError(t, Writes(t, path))
		var rows int
		require.NoError(t, theirs.QueryRow("SELECT count(*) FROM own").Scan(&rows))
		require.Equal(t, 2, rows)
		require.NoError(t, theirs.Close())
	})
	t.Run("C120 each has its own file", func(t *testing.T) {
		folder := t.TempDir()
		theirs := open(filepath.Join(folder, "app.db"), "wal")
		execute(t, theirs, "CREATE TABLE own (text)")
		ours, err := sqlite.Open(t.Context(), filepath.Join(folder, "synced.db"), sqlite.Options{})
		require.NoError(t, err)
		require.NoError(t, Sync(t, Model(t, ours, nil)))
		require.NoError(t, ours.Close())
		execute(t, theirs, "INSERT INTO own VALUES ('one')")
		require.NoError(t, theirs.Close())
	})
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
}

// begin begins a transaction that has written.
func begin(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO own VALUES ('in a transaction')")
	require.NoError(t, err)
	return tx
}
