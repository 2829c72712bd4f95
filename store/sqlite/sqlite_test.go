package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/sqlite"
)

// open opens a database that is closed with the test.
func open(t testing.TB, path string) backend.Store {
	t.Helper()
	return handle(t, path, sqlite.Options{}).Backend()
}

func handle(t testing.TB, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestStore(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store { return open(t, testdb.SQLite(t)) })
}

func TestStoreInMemory(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store { return open(t, ":memory:") })
}
