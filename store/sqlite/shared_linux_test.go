package sqlite_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/sqlite"
)

// What else has the file open, to write, is taken for another SQLite library. The real
// ones are in internal/drivers.
func TestShared(t *testing.T) {
	t.Parallel()

	path := testdb.SQLite(t)
	db := handle(t, path, sqlite.Options{})
	require.NoError(t, db.Migrate(t.Context()))
	reads, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reads.Close()) })
	lock, err := db.Backend().Lock(t.Context(), "one", 0)
	require.NoError(t, err, "a copy is being made")
	require.NoError(t, lock.Release(t.Context()))

	writes, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	require.ErrorContains(t, err, "sqlite: open "+path+": something else in this process has the file open")
	require.Eventually(t, func() bool {
		lock, err := db.Backend().Lock(t.Context(), "one", 0)
		if err == nil {
			err = lock.Release(t.Context())
			require.NoError(t, err)
			return false // it looked a moment ago
		}
		require.ErrorContains(t, err, "something else in this process has the file open")
		return true
	}, 10*time.Second, time.Millisecond)

	require.NoError(t, writes.Close())
	lock, err = db.Backend().Lock(t.Context(), "one", 0)
	require.NoError(t, err)
	require.NoError(t, lock.Release(t.Context()))
}

func TestFromSQL(t *testing.T) {
	t.Parallel()

	for _, path := range []string{":memory:", testdb.SQLite(t)} {
		app, err := sqlite.OpenDB(t.Context(), path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, app.Close()) })
		_, err = app.Exec("CREATE TABLE here (a bigint)")
		require.NoError(t, err)
		db, err := sqlite.FromSQL(t.Context(), app, sqlite.Options{})
		require.NoError(t, err)
		found, err := db.Backend().Describe(t.Context(), "here")
		require.NoError(t, err)
		require.Len(t, found.Columns, 1)
		require.NoError(t, db.Close())
		var tables int
		require.NoError(t, app.QueryRow("SELECT count(*) FROM here").Scan(&tables), "it stays open")
	}
	_, err := sqlite.OpenDB(t.Context(), "file:app.db")
	require.EqualError(t, err, `sqlite: open "file:app.db": want :memory: or the path of a file`)
}
