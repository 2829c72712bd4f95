package storetest

import (
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

var migrateTests = tests{
	"twice":         migrateTwice,
	"20 at once":    func(t *testing.T, db backend.Store) { MigrateAtOnce(t, db) },
	"makes a table": migrateMakesTable,
	"arrives late":  migrateLate,
	"is ready":      migrateReady,
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
	Exec(t, db, "INSERT INTO synced_times (model, scope_type, scope_id, synced_at, source, recorded_at) VALUES ('m', '', '', ?, 's', ?)", sometime, sometime)
	require.NoError(t, db.Migrate(t.Context()))
	require.Equal(t, int64(1), Value[int64](t, db, "SELECT count(*) FROM synced_times"))
}

// migrateLate applies a migration with a smaller number than one that is there.
func migrateLate(t *testing.T, db backend.Store) {
	require.NoError(t, db.Migrate(t.Context()))
	versions := Value[int64](t, db, "SELECT count(*) FROM synced_migrations")
	Exec(t, db, "DROP TABLE synced_quarantine")
	Exec(t, db, "DELETE FROM synced_migrations WHERE version = 2")
	require.NoError(t, db.Migrate(t.Context()))
	require.NotEmpty(t, describe(t, db, "synced_quarantine").Columns)
	require.Equal(t, versions, Value[int64](t, db, "SELECT count(*) FROM synced_migrations"))
}

func migrateMakesTable(t *testing.T, db backend.Store) {
	require.Empty(t, describe(t, db, "synced_times").Columns)
	require.NoError(t, db.Migrate(t.Context()))
	require.NotEmpty(t, describe(t, db, "synced_times").Columns)
}

// migrateReady looks for each table that Migrate makes, and for each migration.
func migrateReady(t *testing.T, db backend.Store) {
	require.EqualError(t, db.Ready(t.Context()), "the database has no table synced_migrations: call Migrate on the store first")
	require.NoError(t, db.Migrate(t.Context()))
	require.NoError(t, db.Ready(t.Context()))
	names := ownTables(t, db)
	require.Greater(t, len(names), 30) // those that ownTables does not find would not be looked for
	for _, name := range names {
		Exec(t, db, "ALTER TABLE "+name+" RENAME TO away")
		require.EqualError(t, db.Ready(t.Context()), "the database has no table "+name+": call Migrate on the store first")
		Exec(t, db, "ALTER TABLE away RENAME TO "+name)
	}
	Exec(t, db, "DELETE FROM synced_migrations WHERE version = 9")
	require.EqualError(t, db.Ready(t.Context()), "the database lacks migration 9 (numbers) of synced's own tables: call Migrate on the store first")
	Exec(t, db, "DROP TABLE synced_seen")
	Exec(t, db, "DROP TABLE synced_outbox")
	require.ErrorContains(t, db.Ready(t.Context()), "no table synced_outbox:", "the first one")
}

// ownTables lists synced's own tables in an otherwise empty database.
func ownTables(t *testing.T, db backend.Store) []string {
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	if !db.Dialect().Schemas() {
		query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
	}
	var names []string
	require.NoError(t, store.Each(t.Context(), db, squirrel.Expr(query), func(rows store.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}))
	return names
}
