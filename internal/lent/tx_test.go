package lent_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/internal/lent"
	"github.com/syncedgo/synced/internal/sqlitedriver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a connection in a transaction, as the driver has it.
func open(t *testing.T) (driver.Conn, driver.Tx) {
	t.Helper()
	db := sqlitedriver.Open(sqlitedriver.Database{URI: ":memory:"})
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	own, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	var conn driver.Conn
	require.NoError(t, own.Raw(func(c any) error {
		conn = c.(driver.Conn)
		return nil
	}))
	tx, err := conn.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{})
	require.NoError(t, err)
	return conn, tx
}

func names(t *testing.T, tx *sql.Tx) (list []string) {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), "SELECT name FROM things ORDER BY 1")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		list = append(list, name)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestTx(t *testing.T) {
	t.Parallel()

	conn, open := open(t)
	tx := lent.New(conn)
	own := tx.SQL()
	_, err := own.ExecContext(t.Context(), "CREATE TABLE things (name text)")
	require.NoError(t, err)
	insert, err := own.PrepareContext(t.Context(), "INSERT INTO things VALUES (?)")
	require.NoError(t, err)
	_, err = insert.ExecContext(t.Context(), "one")
	require.NoError(t, err)
	require.Same(t, own, tx.SQL())

	// Who ends it gets an error, and another one when he asks again.
	require.ErrorIs(t, own.Rollback(), lent.ErrEnd)
	require.Equal(t, []string{"one"}, names(t, tx.SQL()))
	require.ErrorIs(t, tx.SQL().Commit(), lent.ErrEnd)
	own = tx.SQL()
	_, err = own.ExecContext(t.Context(), "INSERT INTO things VALUES ($1)", "two")
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, names(t, own))

	// What is left open ends when the transaction is taken back.
	left, err := own.QueryContext(t.Context(), "SELECT name FROM things")
	require.NoError(t, err)
	require.True(t, left.Next())
	_, err = own.PrepareContext(t.Context(), "SELECT 1")
	require.NoError(t, err)
	tx.TakeBack()
	tx.TakeBack()
	require.False(t, left.Next())
	_, err = own.ExecContext(t.Context(), "INSERT INTO things VALUES ('three')")
	require.ErrorIs(t, err, sql.ErrTxDone)
	require.NoError(t, open.Commit())
}

func TestTakeBackWhatNobodyAskedFor(t *testing.T) {
	t.Parallel()

	conn, open := open(t)
	lent.New(conn).TakeBack()
	(*lent.Tx)(nil).TakeBack()
	require.NoError(t, open.Rollback())
}

// The end of a context ends what it was given to, and nothing else.
func TestCanceled(t *testing.T) {
	t.Parallel()

	conn, open := open(t)
	tx := lent.New(conn)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := tx.SQL().ExecContext(ctx, "CREATE TABLE things (name text)")
	require.NoError(t, err)
	cancel()
	_, err = tx.SQL().ExecContext(ctx, "INSERT INTO things VALUES ('one')")
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, names(t, tx.SQL()))
	tx.TakeBack()
	require.NoError(t, open.Commit())
}
