package testdb_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestPostgresIsEmptyAndOnesOwn(t *testing.T) {
	t.Parallel()

	one, two := testdb.Postgres(t), testdb.Postgres(t)
	_, err := one.Exec(t.Context(), "CREATE TABLE rentals (id bigint)")
	require.NoError(t, err)

	var tables int
	err = two.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables)
	require.NoError(t, err)
	require.Zero(t, tables)
}

func TestPostgresSettings(t *testing.T) {
	t.Parallel()
	if os.Getenv(testdb.Variable) != "" {
		t.Skip("these are the throwaway server's settings")
	}

	pool := testdb.Postgres(t)
	for name, want := range map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off", "track_counts": "on",
		"max_connections": "500", "server_encoding": "UTF8", "lc_messages": "C", "listen_addresses": "", "TimeZone": "UTC",
	} {
		var got string
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got), name)
		require.Equal(t, want, got, name)
	}
	var collation string
	err := pool.QueryRow(t.Context(), "SELECT datcollate FROM pg_database WHERE datname = current_database()").Scan(&collation)
	require.NoError(t, err)
	require.Equal(t, "C", collation)
}

func TestOwnServerCrashesAndStartsAgain(t *testing.T) {
	t.Parallel()

	server := testdb.OwnServer(t)
	pool, err := pgxpool.New(t.Context(), server.URL())
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), "CREATE TABLE rentals (id bigint)")
	require.NoError(t, err)

	for range 2 {
		server.Crash()
		_, err = pgx.Connect(t.Context(), server.URL())
		require.Error(t, err)
		server.Restart()
		pool.Reset()
		_, err = pool.Exec(t.Context(), "INSERT INTO rentals VALUES (1)")
		require.NoError(t, err)
	}
}

func TestSQLite(t *testing.T) {
	t.Parallel()

	one, two := testdb.SQLite(t), testdb.SQLite(t)
	require.NotEqual(t, one, two)
	require.NoFileExists(t, one)

	db := sqlitedriver.Open(sqlitedriver.Database{URI: "file:" + one, Path: one})
	_, err := db.ExecContext(t.Context(), "CREATE TABLE rentals (id integer)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.FileExists(t, one)
}
