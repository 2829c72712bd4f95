package storetest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var migrateTests = tests{
	"twice":         migrateTwice,
	"20 at once":    func(t *testing.T, db backend.Store) { MigrateAtOnce(t, db) },
	"makes a table": migrateMakesTable,
	"arrives late":  migrateLate,
}

// MigrateAtOnce migrates from 20 goroutines, through stores on one empty
// database.
func MigrateAtOnce(t *testing.T, stores ...backend.Store) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = stores[i%len(stores)].Migrate(t.Context()) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, db := range stores {
		versions := Value[int64](t, db, "SELECT count(*) FROM synced_migrations")
		require.Positive(t, versions)
		require.Equal(t, versions, Value[int64](t, db, "SELECT count(DISTINCT version) FROM synced_migrations"))
	}
}

func migrateTwice(t *testing.T, db backend.Store) {
	require.NoError(t, db.Migrate(t.Context()))
	Exec(t, db, "INSERT INTO synced_timestamps (model, scope_type, scope_id, synced_at, source, recorded_at) VALUES ('m', '', '', ?, 's', ?)", sometime, sometime)
	require.NoError(t, db.Migrate(t.Context()))
	require.Equal(t, int64(1), Value[int64](t, db, "SELECT count(*) FROM synced_timestamps"))
}

// migrateLate applies a migration with a smaller number than one that is there.
func migrateLate(t *testing.T, db backend.Store) {
	require.NoError(t, db.Migrate(t.Context()))
	versions := Value[int64](t, db, "SELECT count(*) FROM synced_migrations")
	Exec(t, db, "DROP TABLE synced_timestamps")
	Exec(t, db, "DELETE FROM synced_migrations WHERE version = 1")
	require.NoError(t, db.Migrate(t.Context()))
	require.NotEmpty(t, describe(t, db, "synced_timestamps").Columns)
	require.Equal(t, versions, Value[int64](t, db, "SELECT count(*) FROM synced_migrations"))
}

func migrateMakesTable(t *testing.T, db backend.Store) {
	require.Empty(t, describe(t, db, "synced_timestamps").Columns)
	require.NoError(t, db.Migrate(t.Context()))
	require.NotEmpty(t, describe(t, db, "synced_timestamps").Columns)
}
