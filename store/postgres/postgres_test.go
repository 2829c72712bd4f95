package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testdb.Tests{M: m})
}

// storeOn makes a store of a pool, a connection or a transaction.
func storeOn(db postgres.DB) backend.Store { return postgres.New(db, postgres.Options{}).Backend() }

func TestStore(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store { return storeOn(testdb.Postgres(t)) })
}

// rental is the model of these tests.
type rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

func TestMigrateFromTwoPools(t *testing.T) {
	t.Parallel()

	pool := testdb.Postgres(t)
	other := storeOn(connect(t, pool.Config().ConnString()))
	one := storeOn(pool)
	done := make(chan error)
	go func() { done <- other.Migrate(t.Context()) }()
	storetest.MigrateAtOnce(t, one)
	require.NoError(t, <-done)
}

// A database may be set to a stricter isolation, in which the second to migrate
// would not see what the first did while it waited.
func TestIsolationOfTheDatabase(t *testing.T) {
	t.Parallel()

	for _, level := range []string{"repeatable read", "serializable"} {
		pool := testdb.Postgres(t)
		_, err := pool.Exec(t.Context(), "ALTER DATABASE "+pool.Config().ConnConfig.Database+" SET default_transaction_isolation = '"+level+"'")
		require.NoError(t, err)
		pool.Reset()
		db := storeOn(pool)
		storetest.MigrateAtOnce(t, db)
		tx := begin(t, db)
		require.Equal(t, "read committed", storetest.Value[string](t, tx, "SELECT current_setting('transaction_isolation')"))
	}
}

func begin(t testing.TB, db backend.Store) backend.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(t.Context()) })
	return tx
}

func TestTx(t *testing.T) {
	t.Parallel()

	pool := testdb.Postgres(t)
	db := storeOn(pool)
	m := storetest.Create[rental](t, db, storetest.Options{})
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
	require.NoError(t, err)
	var name string
	require.NoError(t, postgres.Tx(tx).QueryRow(t.Context(), "SELECT name FROM rentals").Scan(&name))
	require.Equal(t, "Villa", name)

	lite, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	defer lite.Close()
	foreign := begin(t, lite.Backend())
	require.Nil(t, postgres.Tx(foreign))
	require.Nil(t, sqlite.Tx(tx))
	require.NoError(t, foreign.Rollback(t.Context()))
}
