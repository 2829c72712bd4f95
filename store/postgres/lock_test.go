package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// rivals are stores on one database, as of two processes.
func rivals(t *testing.T) (pool *pgxpool.Pool, one, two backend.Store) {
	t.Helper()
	return rivalsWith(t, postgres.Options{})
}

func rivalsWith(t *testing.T, o postgres.Options) (pool *pgxpool.Pool, one, two backend.Store) {
	t.Helper()
	pool = testdb.Postgres(t)
	other, err := pgxpool.NewWithConfig(t.Context(), pool.Config())
	require.NoError(t, err)
	t.Cleanup(other.Close)
	one, two = postgres.New(pool, o).Backend(), postgres.New(other, o).Backend()
	require.NoError(t, one.Migrate(t.Context()))
	return pool, one, two
}

// sessions counts the connections that hold locks.
func sessions(t *testing.T, pool *pgxpool.Pool) int64 {
	t.Helper()
	return storetest.Value[int64](t, storeOn(pool),
		"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'synced locks' AND datname = current_database()")
}

// killSessions ends the connections that hold locks, as a broken network does.
func killSessions(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	storetest.Exec(t, storeOn(pool), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'synced locks' AND datname = current_database()`)
	noSessions(t, pool)
}

func noSessions(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	require.Eventually(t, func() bool { return sessions(t, pool) == 0 }, 30*time.Second, 5*time.Millisecond)
}

func TestLockOfAKilledConnection(t *testing.T) {
	t.Parallel()

	pool, one, two := rivals(t)
	lock := storetest.Lock(t, one, "a")
	token := storetest.Token(t, one, "a")
	_, err := two.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	killSessions(t, pool)
	require.NoError(t, storetest.Check(t, one, lock), "no other has taken it")

	next := storetest.Lock(t, two, "a")
	require.Greater(t, storetest.Token(t, one, "a"), token)
	require.ErrorIs(t, storetest.Check(t, one, lock), store.ErrLockLost)
	require.NoError(t, storetest.Check(t, two, next))
	require.NoError(t, lock.Release(t.Context()))
	require.NoError(t, storetest.Check(t, two, next), "the loser released it")

	storetest.Lock(t, one, "b")
	_, err = one.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
}

// Locks that follow one another share a connection. It is closed when none does.
func TestLocksOneAfterAnother(t *testing.T) {
	t.Parallel()

	pool, one, _ := rivals(t)
	pid := func() int64 {
		lock := storetest.Lock(t, one, "a")
		defer func() { require.NoError(t, lock.Release(t.Context())) }()
		return storetest.Value[int64](t, one, "SELECT pid FROM pg_stat_activity WHERE application_name = 'synced locks' AND datname = current_database()")
	}
	require.Eventually(t, func() bool { // unless the machine pauses for longer
		first := pid()
		return first == pid()
	}, 30*time.Second, 5*time.Millisecond)
	noSessions(t, pool)
	pid()
}

// A store whose connection died, which it does not know, opens another.
func TestLockReconnects(t *testing.T) {
	t.Parallel()

	pool, one, two := rivals(t)
	lost := storetest.Lock(t, one, "a")
	killSessions(t, pool)
	storetest.Lock(t, one, "b")
	require.NoError(t, lost.Release(t.Context()))
	_, err := two.Lock(t.Context(), "b", 0)
	require.ErrorIs(t, err, store.ErrLocked, "the release of a lock of the old connection")
	storetest.Lock(t, one, "a")
}

// A new holder waits for the transaction of one whose connection died.
func TestLockWaitsForATransactionInFlight(t *testing.T) {
	t.Parallel()

	for name, options := range map[string]postgres.Options{"session": {}, "lease": {LeaseTTL: 15 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, one, two := rivalsWith(t, options)
			lock := storetest.Lock(t, one, "a")
			other := storetest.Lock(t, one, "b")
			tx := begin(t, one)
			require.NoError(t, storetest.CheckIn(t, lock, tx))
			killSessions(t, pool)
			storetest.Exec(t, two, "UPDATE synced_locks SET expires = 1, ttl = 1 WHERE expires IS NOT NULL")

			storetest.Lock(t, two, "b")
			require.ErrorIs(t, storetest.Check(t, one, other), store.ErrLockLost)
			_, err := two.Lock(t.Context(), "a", 20*time.Millisecond)
			require.ErrorIs(t, err, store.ErrLocked)
			require.NoError(t, storetest.CheckIn(t, lock, tx))
			require.NoError(t, tx.Commit(t.Context()))
			storetest.Lock(t, two, "a")
			require.ErrorIs(t, storetest.Check(t, one, lock), store.ErrLockLost)
		})
	}
}

// Locks take one connection beside the pool, and it is closed with the last.
func TestLockConnections(t *testing.T) {
	t.Parallel()

	pool := testdb.Postgres(t)
	small := poolWith(t, pool, func(c *pgxpool.Config) { c.MaxConns = 1 })
	db := storeOn(small)
	require.NoError(t, db.Migrate(t.Context()))
	tx := begin(t, db)
	var locks []backend.Lock
	for i := range 20 {
		lock, err := db.Lock(t.Context(), fmt.Sprint(i), 0)
		require.NoError(t, err)
		require.NoError(t, storetest.CheckIn(t, lock, tx))
		locks = append(locks, lock)
	}
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, int64(1), sessions(t, pool))
	for _, lock := range locks {
		require.Equal(t, int64(1), sessions(t, pool))
		require.NoError(t, lock.Release(t.Context()))
	}
	noSessions(t, pool)
	runtime.KeepAlive(db) // or else the garbage collector closes its connection
}

func TestLockWaitFreesItsConnection(t *testing.T) {
	t.Parallel()

	pool, one, two := rivals(t)
	storetest.Lock(t, one, "a")
	_, err := two.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	_, err = two.Lock(t.Context(), "a", 20*time.Millisecond)
	require.ErrorIs(t, err, store.ErrLocked)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = two.Lock(ctx, "a", time.Minute)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Eventually(t, func() bool { return sessions(t, pool) == 1 }, 30*time.Second, 5*time.Millisecond)
	runtime.KeepAlive(two)
}

// The lock's connection is made as those of the pool are.
func TestLockConnectsAsThePool(t *testing.T) {
	t.Parallel()

	config := testdb.Postgres(t).Config()
	right := config.ConnConfig.Database
	config.ConnConfig.Database = "to be replaced"
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		c.Database = right
		return nil
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS ours; SET search_path = ours")
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	db := storeOn(pool)
	require.NoError(t, db.Migrate(t.Context()))
	lock := storetest.Lock(t, db, "a")
	require.NoError(t, storetest.Check(t, db, lock))
	require.Equal(t, int64(1), storetest.Value[int64](t, db, "SELECT count(*) FROM ours.synced_locks"))
	require.NoError(t, lock.Release(t.Context()))
}

// Services that share a database, each in its schema, do not share locks.
func TestLocksOfSchemas(t *testing.T) {
	t.Parallel()

	url := testdb.PostgresURL(t)
	for _, schema := range []string{"one", "two"} {
		conn := connect(t, url)
		_, err := conn.Exec(t.Context(), "CREATE SCHEMA "+schema+"; SET search_path = "+schema)
		require.NoError(t, err)
		db := storeOn(conn)
		require.NoError(t, db.Migrate(t.Context()))
		storetest.Lock(t, db, "a")
	}
}

func TestLockOfAConnection(t *testing.T) {
	t.Parallel()

	pool, one, _ := rivals(t)
	conn := connect(t, pool.Config().ConnString())
	acquired, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	defer acquired.Release()
	for _, db := range []backend.Store{storeOn(conn), storeOn(acquired)} {
		lock := storetest.Lock(t, db, "a")
		for _, rival := range []backend.Store{one, db} {
			_, err := rival.Lock(t.Context(), "a", 0)
			require.ErrorIs(t, err, store.ErrLocked)
		}
		require.NoError(t, storetest.Check(t, db, lock))
		noSessions(t, pool)
		require.NoError(t, lock.Release(t.Context()))
		require.ErrorIs(t, storetest.Check(t, db, lock), store.ErrLockLost)
		require.NoError(t, storetest.Lock(t, one, "a").Release(t.Context()))
		noSessions(t, pool)
		require.NoError(t, db.Migrate(t.Context()), "the connection is still open")
	}
}

func TestLockOfATransaction(t *testing.T) {
	t.Parallel()

	pool, one, _ := rivals(t)
	for _, end := range []func(pgx.Tx) error{
		func(tx pgx.Tx) error { return tx.Commit(t.Context()) },
		func(tx pgx.Tx) error { return tx.Rollback(t.Context()) },
	} {
		outer, err := pool.Begin(t.Context())
		require.NoError(t, err)
		db := storeOn(outer)
		first := storetest.Lock(t, db, "a")
		token := storetest.Token(t, db, "a")
		require.NoError(t, storetest.Check(t, db, first))
		_, err = db.Lock(t.Context(), "a", 0)
		require.ErrorIs(t, err, store.ErrLocked)
		require.NoError(t, first.Release(t.Context()))
		require.ErrorIs(t, storetest.Check(t, db, first), store.ErrLockLost)

		second := storetest.Lock(t, db, "a")
		require.Greater(t, storetest.Token(t, db, "a"), token)
		require.NoError(t, first.Release(t.Context()))
		require.NoError(t, storetest.Check(t, db, second))
		require.NoError(t, second.Release(t.Context()))
		_, err = one.Lock(t.Context(), "a", 0)
		require.ErrorIs(t, err, store.ErrLocked, "the transaction may still be rolled back")

		lock := storetest.Lock(t, one, "b")
		_, err = db.Lock(t.Context(), "b", 0)
		require.ErrorIs(t, err, store.ErrLocked)
		require.NoError(t, lock.Release(t.Context()))
		require.NoError(t, end(outer))
		require.NoError(t, storetest.Lock(t, one, "a").Release(t.Context()))
	}
}

// lockerVariable makes the test binary another process that holds a lock.
const lockerVariable = "SYNCED_POSTGRES_LOCKER"

func TestKilledProcessLeavesNoLock(t *testing.T) {
	t.Parallel()

	if url := os.Getenv(lockerVariable); url != "" {
		pool, err := pgxpool.New(t.Context(), url)
		require.NoError(t, err)
		db := storeOn(pool)
		lock, err := db.Lock(t.Context(), "a", 0)
		require.NoError(t, err)
		fmt.Println("\nlocked")
		for {
			require.NoError(t, storetest.Check(t, db, lock))
		}
	}
	pool, one, _ := rivals(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), lockerVariable+"="+pool.Config().ConnString())
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "locked" {
	}
	require.Equal(t, "locked", lines.Text())
	_, err = one.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, child.Process.Kill())
	lock, err := one.Lock(t.Context(), "a", time.Minute)
	require.NoError(t, err)
	require.NoError(t, lock.Release(t.Context()))
	require.Error(t, child.Wait())
}
