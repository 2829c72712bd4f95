package harness

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// Bundle is what one test works with: a migrated database of its own, a fake API
// and a client for it.
type Bundle struct {
	DB     backend.Store
	Pool   *pgxpool.Pool // nil on SQLite
	Handle *sql.DB       // that the store is made of, where it is not Pool
	File   *sqlite.Store // nil on PostgreSQL
	Server *remotetest.Server
	API    *rest.Client
}

// Token is the token of the fake API's default account.
const Token = "token-of-account-1"

// OnBoth runs a test on both stores, in parallel.
func OnBoth(t *testing.T, test func(t *testing.T, b *Bundle)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Setup(t, "sqlite"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Setup(t, "postgres"))
	})
}

// OnAll is OnBoth, and PostgreSQL once more through a *sql.DB. It is for what the way
// to the database plays a part in.
func OnAll(t *testing.T, test func(t *testing.T, b *Bundle)) {
	t.Helper()
	OnBoth(t, test)
	t.Run("database_sql", func(t *testing.T) {
		t.Parallel()
		test(t, Setup(t, "database_sql"))
	})
}

// Setup makes a bundle on a store: "sqlite", "postgres" or "database_sql".
func Setup(t testing.TB, kind string) *Bundle {
	t.Helper()
	ctx := context.Background()
	b := &Bundle{}
	if kind == "sqlite" {
		db, err := sqlite.Open(ctx, testdb.SQLite(t), sqlite.Options{LeaseTTL: time.Hour}) // no renewals among counted statements
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		b.File, b.DB = db, db.Backend()
		require.NoError(t, b.DB.Migrate(ctx))
	} else {
		b.Pool = Postgres(t)
		b.DB = postgres.New(b.Pool, postgres.Options{}).Backend()
		if kind == "database_sql" {
			b.handle(t)
		}
	}
	b.Server = remotetest.New(remotetest.Config{Seed: 1, PerPage: 3, Token: Token})
	t.Cleanup(b.Server.Close)
	b.API = Client(t, b.Server, Token)
	return b
}

// Postgres returns a pool on a migrated database of its own.
func Postgres(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return testdb.Migrated(t, func(ctx context.Context, pool *pgxpool.Pool) error {
		return postgres.New(pool, postgres.Options{}).Migrate(ctx)
	})
}

// handle makes the store of a *sql.DB. When the test ends, all of its connections must
// have been given back.
func (b *Bundle) handle(t testing.TB) {
	t.Helper()
	b.Handle = stdlib.OpenDB(*b.Pool.Config().ConnConfig)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return b.Handle.Stats().InUse == 0 }, WaitLong, WaitTick, "no connection is kept")
		require.NoError(t, b.Handle.Close())
	})
	b.DB = postgres.New(postgres.FromSQL(b.Handle), postgres.Options{}).Backend()
}

// Other returns the database as another process has it: a store that knows nothing of
// the models that b's store has.
func (b *Bundle) Other(t testing.TB) *Bundle {
	t.Helper()
	other := *b
	if b.Pool != nil {
		other.DB = postgres.New(b.Pool, postgres.Options{}).Backend()
		return &other
	}
	db, err := sqlite.Open(context.Background(), b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0], sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	other.File, other.DB = db, db.Backend()
	return &other
}

// Client returns a client of the fake API that never retries.
func Client(t testing.TB, srv *remotetest.Server, token string) *rest.Client {
	t.Helper()
	c, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer(token), HTTP: srv.Client(), Retry: wire.Retry{Max: -1}})
	require.NoError(t, err)
	return c
}

// WaitLong is how long a test waits for something that should happen at once, and
// WaitTick how often it looks.
const (
	WaitLong = 10 * time.Second
	WaitTick = 5 * time.Millisecond
)
