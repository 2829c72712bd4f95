package postgres_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/lent"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// opened is a service's handle on the database of a test. When the test ends, none of
// its connections may be in use.
func opened(t *testing.T, config *pgx.ConnConfig, o ...stdlib.OptionOpenDB) *sql.DB {
	t.Helper()
	db := stdlib.OpenDB(*config, o...)
	t.Cleanup(func() {
		allBack(t, db)
		require.NoError(t, db.Close())
	})
	return db
}

// allBack waits until all connections were given back: that of locks is kept a while.
func allBack(t *testing.T, db *sql.DB) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Stats().InUse == 0 }, 30*time.Second, time.Millisecond, "connections were not given back")
}

func fromSQL(t *testing.T) (backend.Store, *sql.DB) {
	t.Helper()
	db := opened(t, testdb.Postgres(t).Config().ConnConfig)
	return storeOn(postgres.FromSQL(db)), db
}

func TestStoreOfAHandle(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store {
		db, _ := fromSQL(t)
		return db
	}, "Write", "Insert", "Race", "Same", "Look", "Migrate", "Tx", "Rows", "Lock")
}

// The handle may be set to anything that a pool may be.
func TestSettingsOfAHandle(t *testing.T) {
	t.Parallel()

	t.Run("without prepared statements", func(t *testing.T) {
		t.Parallel()
		config := testdb.Postgres(t).Config().ConnConfig
		config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		use(t, storeOn(postgres.FromSQL(opened(t, config))))
	})
	t.Run("over a pool", func(t *testing.T) {
		t.Parallel()
		pool := testdb.Postgres(t)
		db := stdlib.OpenDBFromPool(pool)
		own := storeOn(postgres.FromSQL(db))
		use(t, own)
		lock := storetest.Lock(t, own, "a")
		require.NoError(t, lock.Release(t.Context()))
		allBack(t, db)
		noSessions(t, pool)
		require.NoError(t, db.Close())
	})
	t.Run("with what the service does with each connection", func(t *testing.T) {
		t.Parallel()
		db := opened(t, testdb.Postgres(t).Config().ConnConfig, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS ours; SET search_path = ours")
			return err
		}))
		own := storeOn(postgres.FromSQL(db))
		require.NoError(t, own.Migrate(t.Context()))
		lock := storetest.Lock(t, own, "a")
		require.NoError(t, storetest.Check(t, own, lock))
		require.Equal(t, int64(1), storetest.Value[int64](t, own, "SELECT count(*) FROM ours.synced_locks"))
		require.NoError(t, lock.Release(t.Context()))
	})
	t.Run("few connections", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, func(t *testing.T) backend.Store {
			own, db := fromSQL(t)
			db.SetMaxOpenConns(2)
			return own
		}, "Race", "Look")
	})
	t.Run("leases", func(t *testing.T) {
		t.Parallel()
		config := testdb.Postgres(t).Config().ConnConfig
		own := postgres.New(postgres.FromSQL(opened(t, config)), postgres.Options{LeaseTTL: time.Minute}).Backend()
		require.NoError(t, own.Migrate(t.Context()))
		lock := storetest.Lock(t, own, "a")
		require.Equal(t, int64(1), storetest.Value[int64](t, own, "SELECT count(*) FROM synced_locks WHERE expires IS NOT NULL"))
		require.NoError(t, lock.Release(t.Context()))
	})
}

// Locks keep a connection of the handle. The service gets back none that has their settings.
func TestLocksOfAHandle(t *testing.T) {
	t.Parallel()

	pool, one, _ := rivals(t)
	db := opened(t, pool.Config().ConnConfig)
	two := storeOn(postgres.FromSQL(db))
	lock := storetest.Lock(t, two, "a")
	require.Equal(t, 1, db.Stats().InUse)
	require.Equal(t, int64(1), sessions(t, pool))
	for _, rival := range []backend.Store{one, two} {
		_, err := rival.Lock(t.Context(), "a", 0)
		require.ErrorIs(t, err, store.ErrLocked)
	}
	require.NoError(t, storetest.Check(t, two, lock))

	// Its connection is cut: another takes the lock, and the handle opens another.
	killSessions(t, pool)
	next := storetest.Lock(t, one, "a")
	require.ErrorIs(t, storetest.Check(t, two, lock), store.ErrLockLost)
	other := storetest.Lock(t, two, "b")
	require.Equal(t, 1, db.Stats().InUse, "the one that was cut is given back")
	require.NoError(t, lock.Release(t.Context()))
	require.NoError(t, other.Release(t.Context()))
	require.NoError(t, next.Release(t.Context()))
	allBack(t, db)
	noSessions(t, pool)
	var name string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT current_setting('application_name')").Scan(&name))
	require.NotEqual(t, "synced locks", name)
	runtime.KeepAlive(one)
}

// One connection is enough for a run: its lock is a lease.
func TestHandleOfOneConnection(t *testing.T) {
	t.Parallel()

	own, db := fromSQL(t)
	require.True(t, own.Parallel())
	db.SetMaxOpenConns(1)
	require.False(t, own.Parallel())
	use(t, own)
	lock := storetest.Lock(t, own, "a")
	require.Zero(t, db.Stats().InUse)
	require.NoError(t, storetest.Check(t, own, lock))
	require.NoError(t, lock.Release(t.Context()))
}

// Who waits for a connection that another keeps may give up.
func TestHandleWithoutAFreeConnection(t *testing.T) {
	t.Parallel()

	own, db := fromSQL(t)
	db.SetMaxOpenConns(1)
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = own.Begin(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "SetMaxOpenConns", "the caller's own patience ended")
	require.NoError(t, held.Rollback())
	require.NoError(t, own.Migrate(t.Context()))
}

// A connection that was cut is no longer the handle's, wherever that is noticed.
func TestCutConnectionsOfAHandle(t *testing.T) {
	t.Parallel()

	own, db := fromSQL(t)
	require.NoError(t, own.Migrate(t.Context()))
	const suicide = "SELECT pg_terminate_backend(pg_backend_pid())"
	for name, cut := range map[string]func(tx backend.Tx) error{
		"statement": func(tx backend.Tx) error {
			_, err := tx.Exec(t.Context(), squirrel.Expr(suicide))
			return err
		},
		"commit": func(tx backend.Tx) error {
			_, _ = tx.Exec(t.Context(), squirrel.Expr(suicide))
			return tx.Commit(t.Context())
		},
		"handler": func(tx backend.Tx) error {
			_, err := postgres.SQLTx(tx).ExecContext(t.Context(), suicide)
			return err
		},
	} {
		tx := begin(t, own)
		require.Error(t, cut(tx), name)
		_ = tx.Rollback(t.Context())
		require.Zero(t, db.Stats().InUse, name)
		require.Zero(t, db.Stats().OpenConnections, name)
		require.NoError(t, own.Migrate(t.Context()), name)
	}
	_, err := store.One(t.Context(), own, squirrel.Expr(suicide))
	require.Error(t, err)
	require.Zero(t, db.Stats().InUse)
}

// Connections are given back after whatever ends the work on them.
func TestConnectionsAreGivenBack(t *testing.T) {
	t.Parallel()

	own, db := fromSQL(t)
	m := storetest.Create[rental](t, own, storetest.Options{})
	require.PanicsWithValue(t, "of the service", func() {
		_ = backend.InTx(t.Context(), own, func(_ context.Context, tx backend.Tx) error {
			require.NotNil(t, postgres.SQLTx(tx))
			panic("of the service")
		})
	})
	require.Zero(t, db.Stats().InUse)
	ctx, cancel := context.WithCancel(t.Context())
	err := backend.InTx(ctx, own, func(ctx context.Context, tx backend.Tx) error {
		cancel()
		_, err := tx.Exec(ctx, squirrel.Expr("SELECT pg_sleep(60)"))
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, db.Stats().InUse)

	for _, wrong := range []string{"SELECT 1/0", "SELECT nonsense", "SELECT 1/(n-3) FROM generate_series(1, 5) n"} {
		_, err := store.One(t.Context(), own, squirrel.Expr(wrong))
		require.Error(t, err)
		require.Zero(t, db.Stats().InUse, wrong)
	}
	stop := errors.New("enough")
	require.ErrorIs(t, store.Each(t.Context(), own, squirrel.Expr("SELECT generate_series(1, 100)"), func(store.Rows) error { return stop }), stop)
	require.Zero(t, db.Stats().InUse)
	m.Write(t, nil, m.Record(1, rental{1, "Villa"}))
	m.Look(t, nil, m.Record(1, rental{1, "Villa"}))
	require.Zero(t, db.Stats().InUse)
	storetest.Exec(t, own, "DROP TABLE rentals")
	_, err = own.Look(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
	require.ErrorContains(t, err, "does not exist")
	require.Zero(t, db.Stats().InUse)
}

func TestSQLTx(t *testing.T) {
	t.Parallel()

	own, db := fromSQL(t)
	m := storetest.Create[rental](t, own, storetest.Options{})
	tx := begin(t, own)
	_, err := tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
	require.NoError(t, err)
	var joined *sql.Tx
	require.NoError(t, backend.Handle(t.Context(), tx, func(_ context.Context, mine store.Tx) error {
		joined = postgres.SQLTx(mine)
		return nil
	}))
	require.Same(t, joined, postgres.SQLTx(tx))
	var name string
	require.NoError(t, joined.QueryRowContext(t.Context(), "SELECT name FROM rentals WHERE synced_id = $1", 1).Scan(&name))
	require.Equal(t, "Villa", name)
	update, err := joined.PrepareContext(t.Context(), "UPDATE rentals SET name = $1")
	require.NoError(t, err)
	_, err = update.ExecContext(t.Context(), "Castle")
	require.NoError(t, err)
	require.Equal(t, 1, db.Stats().InUse, "it is the run's own")
	require.ErrorIs(t, joined.Rollback(), lent.ErrEnd)
	require.NotNil(t, postgres.Tx(tx), "pgx's own is there as well")
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, rental{1, "Castle"}, m.One(t))

	of := begin(t, storeOn(testdb.Postgres(t)))
	require.Nil(t, postgres.SQLTx(of), "it is of a pool")
	require.Nil(t, postgres.SQLTx(nil))
}

// tracing is a driver around pgx's.
type tracing struct{ driver.Connector }

type traced struct{ driver.Conn }

func (w tracing) Connect(ctx context.Context) (driver.Conn, error) {
	own, err := w.Connector.Connect(ctx)
	return traced{own}, err
}

func (w traced) Raw() driver.Conn { return w.Conn }

// hiding is one that shows nothing.
type hiding struct{ driver.Connector }

func (w hiding) Connect(ctx context.Context) (driver.Conn, error) {
	own, err := w.Connector.Connect(ctx)
	return struct{ driver.Conn }{own}, err
}

func TestDriversOfHandles(t *testing.T) {
	t.Parallel()

	connector := stdlib.GetConnector(*testdb.Postgres(t).Config().ConnConfig)
	around := sql.OpenDB(tracing{connector})
	defer around.Close()
	use(t, storeOn(postgres.FromSQL(around)))
	tx := begin(t, storeOn(postgres.FromSQL(around)))
	_, err := postgres.SQLTx(tx).ExecContext(t.Context(), "DELETE FROM rentals WHERE synced_id = $1", 1)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))

	hidden := sql.OpenDB(hiding{connector})
	defer hidden.Close()
	lite, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	defer lite.Close()
	for name, db := range map[string]*sql.DB{"struct": hidden, "internal/sqlitedriver": lite.DB()} {
		err := storeOn(postgres.FromSQL(db)).Migrate(t.Context())
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, `open it with sql.Open("pgx", url), of github.com/jackc/pgx/v5/stdlib`)
		require.Zero(t, db.Stats().InUse)
	}
	require.ErrorContains(t, storeOn(postgres.FromSQL(nil)).Migrate(t.Context()), "nil")
}
