package postgres_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// counting counts what is sent to a server.
type counting struct {
	net.Conn
	sent *atomic.Int64
}

func (c counting) Write(b []byte) (int, error) {
	c.sent.Add(1)
	return c.Conn.Write(b)
}

// counted returns a database of one connection and a table, and how often something was sent.
func counted(t *testing.T) (*pgxpool.Pool, backend.Store, *atomic.Int64) {
	t.Helper()
	var sent atomic.Int64
	config := testdb.Postgres(t).Config()
	config.MaxConns = 1
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return counting{c, &sent}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = pool.Exec(t.Context(), "CREATE TABLE notes (id bigint PRIMARY KEY)")
	require.NoError(t, err)
	return pool, storeOn(pool), &sent
}

func note(t *testing.T, tx store.Tx, id int, later string) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), backend.Kept{SQL: "INSERT INTO notes VALUES (?)", Args: []any{id}, Later: later})
	return err
}

func notes(t *testing.T, pool *pgxpool.Pool) []int64 {
	t.Helper()
	found, err := pool.Query(t.Context(), "SELECT id FROM notes ORDER BY id")
	require.NoError(t, err)
	list, err := pgx.CollectRows(found, pgx.RowTo[int64])
	require.NoError(t, err)
	return list
}

// A transaction begins with its first statement, and what nobody waits for goes with
// the commit.
func TestTransactionOfTwoExchanges(t *testing.T) {
	t.Parallel()
	pool, db, sent := counted(t)
	for round := range 2 { // the first one prepares the statements
		before := sent.Load()
		require.NoError(t, backend.InTx(t.Context(), db, func(_ context.Context, tx backend.Tx) error {
			require.NoError(t, note(t, tx, 3*round, ""))
			require.NoError(t, note(t, tx, 3*round+1, "note one"))
			return note(t, tx, 3*round+2, "note two")
		}))
		if round == 1 {
			require.EqualValues(t, 2, sent.Load()-before)
		}
	}
	require.Equal(t, []int64{0, 1, 2, 3, 4, 5}, notes(t, pool))

	before := sent.Load()
	require.NoError(t, backend.InTx(t.Context(), db, func(context.Context, backend.Tx) error { return nil }))
	require.Zero(t, sent.Load()-before, "nothing was asked")
}

// What waited for the commit fails with it, and nothing stays, the connection neither.
func TestCommitThatFails(t *testing.T) {
	t.Parallel()
	pool, db, _ := counted(t)
	require.NoError(t, backend.InTx(t.Context(), db, func(_ context.Context, tx backend.Tx) error { return note(t, tx, 1, "note one") }))
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, note(t, tx, 2, ""))
	require.NoError(t, note(t, tx, 1, "note one"))
	err = tx.Commit(t.Context())
	require.ErrorContains(t, err, "note one: ")
	require.ErrorContains(t, err, "notes_pkey")
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, []int64{1}, notes(t, pool))
	require.ErrorIs(t, note(t, tx, 3, ""), pgx.ErrTxClosed)
	require.ErrorIs(t, tx.Commit(t.Context()), pgx.ErrTxClosed)

	tx, err = db.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, note(t, tx, 4, "note four"))
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, []int64{1}, notes(t, pool), "rolled back before it began")
}

// Who uses the transaction by itself finds what waited, and is not forestalled by what comes
// after.
func TestTransactionOfAHandler(t *testing.T) {
	t.Parallel()
	pool, db, _ := counted(t)
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, note(t, tx, 1, "note one"))
	own := postgres.Tx(tx)
	var n int
	require.NoError(t, own.QueryRow(t.Context(), "SELECT count(*) FROM notes").Scan(&n))
	require.Equal(t, 1, n)
	require.NoError(t, note(t, tx, 2, "note two"))
	require.NoError(t, own.QueryRow(t.Context(), "SELECT count(*) FROM notes").Scan(&n))
	require.Equal(t, 2, n)
	require.NoError(t, tx.Commit(t.Context()))
	_, err = own.Exec(t.Context(), "INSERT INTO notes VALUES (3)")
	require.ErrorIs(t, err, pgx.ErrTxClosed)
	require.Equal(t, []int64{1, 2}, notes(t, pool))
}

// A lock that was lost is the error of a commit too that nothing was asked before, and of one
// after a handler asked for the transaction, which is of no use to it.
func TestLostLockOfATransactionThatHasNotBegun(t *testing.T) {
	t.Parallel()
	pool := testdb.Postgres(t)
	db := storeOn(pool)
	require.NoError(t, db.Migrate(t.Context()))
	lock := storetest.Lock(t, db, "a")
	_, err := pool.Exec(t.Context(), "UPDATE synced_locks SET token = token + 1")
	require.NoError(t, err)
	for _, shown := range []bool{false, true} {
		tx, err := db.Begin(t.Context())
		require.NoError(t, err)
		require.NoError(t, lock.Check(t.Context(), tx))
		if shown {
			_, err := postgres.Tx(tx).Exec(t.Context(), "SELECT 1")
			require.ErrorIs(t, err, pgx.ErrTxClosed)
			_, err = store.One(t.Context(), tx, squirrel.Select("1"), nil)
			require.ErrorIs(t, err, store.ErrLockLost)
		}
		require.ErrorIs(t, tx.Commit(t.Context()), store.ErrLockLost)
		require.NoError(t, tx.Rollback(t.Context()))
	}
	require.NoError(t, lock.Release(t.Context()))
	require.Zero(t, pool.Stat().AcquiredConns())
}
