package testdb

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// lender lends databases as another process would.
func lender(t *testing.T) (all *databases, base string) {
	t.Helper()
	base = serverURL(t)
	all = &databases{}
	t.Cleanup(func() { require.NoError(t, all.close(context.Background(), false)) })
	return all, base
}

func value[T any](t *testing.T, pool *pgxpool.Pool, sql string) (v T) {
	t.Helper()
	require.NoError(t, pool.QueryRow(t.Context(), sql).Scan(&v))
	return v
}

// connected lends a database with a pool.
func connected(t *testing.T, all *databases, base string) *database {
	t.Helper()
	d, err := all.lend(t.Context(), base, true, false)
	require.NoError(t, err)
	if d.pool == nil {
		d.pool, err = pgxpool.New(t.Context(), d.url)
		require.NoError(t, err)
	}
	return d
}

func TestADatabaseIsEmptyForTheNextTest(t *testing.T) {
	t.Parallel()
	all, base := lender(t)
	t.Cleanup(func() { require.NoError(t, all.close(context.Background(), true)) })
	d := connected(t, all, base)
	const objects = `SELECT (SELECT count(*) FROM pg_class WHERE relnamespace > 16000 OR relnamespace = 'public'::regnamespace) || ' ' ||
		(SELECT count(*) FROM pg_type WHERE typnamespace > 16000) || ' ' || (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) || ' ' ||
		(SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%') || ' ' || (SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM rentals%' OR name = 'p') || ' ' ||
		(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
	before := value[string](t, d.pool, objects)
	other, err := pgx.Connect(t.Context(), d.url)
	require.NoError(t, err)
	_, err = other.Exec(t.Context(), "BEGIN; CREATE TABLE unfinished (id int); LOCK TABLE pg_class IN ACCESS SHARE MODE")
	require.NoError(t, err)
	for _, sql := range []string{
		"CREATE TABLE rentals (id bigint PRIMARY KEY, name text)", "CREATE SCHEMA \"of Ours\"", `CREATE VIEW "of Ours".rentals AS SELECT * FROM rentals`,
		"CREATE TYPE mood AS ENUM ('good')", "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "SET timezone = 'Asia/Tokyo'",
		"CREATE TEMPORARY TABLE mine (id int)", "LISTEN news", "SELECT pg_advisory_lock(1)", "PREPARE p AS SELECT 1",
	} {
		_, err := d.pool.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	was, pool := value[string](t, d.pool, "SELECT pg_backend_pid() || current_database()"), d.pool
	_, err = d.pool.Exec(t.Context(), "SELECT * FROM rentals WHERE id = $1", 1) // prepared
	require.NoError(t, err)

	require.NoError(t, all.giveBack(t.Context(), d))
	d = connected(t, all, base)
	require.Same(t, pool, d.pool)
	require.Equal(t, was, value[string](t, d.pool, "SELECT pg_backend_pid() || current_database()"), "the connection stays")
	require.Equal(t, before, value[string](t, d.pool, objects))
	require.Equal(t, "UTC", value[string](t, d.pool, "SELECT current_setting('TimeZone')"))
	require.Equal(t, 1, value[int](t, d.pool, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"), "no other is connected")
	_, err = d.pool.Exec(t.Context(), "CREATE TABLE rentals (id text)")
	require.NoError(t, err)
	_, err = d.pool.Exec(t.Context(), "SELECT * FROM rentals WHERE id = $1", "a")
	require.NoError(t, err)

	// Settings of the database would outlive their removal in connections.
	_, err = d.pool.Exec(t.Context(), "ALTER DATABASE "+nameOf(d.number)+" SET timezone = 'Asia/Tokyo'")
	require.NoError(t, err)
	require.NoError(t, all.giveBack(t.Context(), d))
	d = connected(t, all, base)
	require.Equal(t, "UTC", value[string](t, d.pool, "SELECT current_setting('TimeZone')"))

	// A closed pool is replaced.
	d.pool.Close()
	require.NoError(t, all.giveBack(t.Context(), d))
	d = connected(t, all, base)
	require.Equal(t, 1, value[int](t, d.pool, "SELECT 1"))
	require.NoError(t, all.giveBack(t.Context(), d))
}

func TestProcessesTakeOverDatabases(t *testing.T) {
	t.Parallel()
	one, base := lender(t)
	two, _ := lender(t)
	a, b, c := connected(t, one, base), connected(t, two, base), connected(t, one, base)
	require.NotEqual(t, a.number, b.number)
	require.NotEqual(t, b.number, c.number)
	require.NotEqual(t, a.number, c.number)
	_, err := b.pool.Exec(t.Context(), "CREATE TABLE rentals (id bigint)")
	require.NoError(t, err)
	b.pool.Close()
	require.NoError(t, two.admin.Close(t.Context())) // as if the process had ended

	three, _ := lender(t)
	for range 50 {
		d := connected(t, three, base)
		require.Zero(t, value[int](t, d.pool, "SELECT count(*) FROM pg_class WHERE relname = 'rentals'"))
		t.Cleanup(d.pool.Close)
		if d.number == b.number {
			break
		}
	}
	for _, d := range []*database{a, c} {
		d.pool.Close()
	}
}
