package synced_test

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// Rental is the model of most tests.
type Rental struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	RemoteSize *int        `json:"surface" db:"remote_size"`
	Price      *string     `json:"price" db:"price"`
	Notes      string      `db:"notes"`
	Bedrooms   int         `json:"bedrooms_count"`
	SyncedData synced.Data `db:"synced_data"`
}

// bundle is a database, a fake API and a client for it.
type bundle struct {
	db   backend.Store
	pool *pgxpool.Pool // nil on SQLite
	srv  *remotetest.Server
	api  *remote.Client
}

// token of the default account.
const token = "token-of-account-1"

// onBoth runs a test on both stores.
func onBoth(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, setup(t, "sqlite"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, setup(t, "postgres"))
	})
}

func setup(t testing.TB, kind string) *bundle {
	t.Helper()
	ctx := context.Background()
	b := &bundle{}
	if kind == "sqlite" {
		db, err := sqlite.Open(ctx, testdb.SQLite(t), sqlite.LeaseTTL(time.Hour)) // no renewals among counted statements
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		b.db = db
	} else {
		b.pool = testdb.Postgres(t)
		b.db = postgres.New(b.pool)
	}
	require.NoError(t, b.db.Migrate(ctx))
	b.srv = remotetest.New(remotetest.Config{Seed: 1, PerPage: 3, Token: token})
	t.Cleanup(b.srv.Close)
	b.api = client(t, b.srv, token)
	return b
}

func client(t testing.TB, srv *remotetest.Server, token string) *remote.Client {
	t.Helper()
	c, err := remote.NewClient(remote.Config{BaseURL: srv.URL(), Auth: remote.Bearer(token), HTTP: srv.Client(), Retry: remote.Retry{Max: -1}})
	require.NoError(t, err)
	return c
}

// model creates the table of a declaration, and binds it.
func model[T any](t testing.TB, b *bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	if d.API == nil && d.APIFor == nil {
		d.API = b.api
	}
	require.NoError(t, d.CreateTable(context.Background(), b.db))
	return bind(t, b, d)
}

// bind binds a declaration to a table that exists.
func bind[T any](t testing.TB, b *bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	if d.API == nil && d.APIFor == nil {
		d.API = b.api
	}
	m, err := synced.New(b.db, d)
	require.NoError(t, err)
	return m
}

// unguarded creates the table of a declaration without a column for the
// fingerprint, as services have them from before, and binds it.
func unguarded[T any](t testing.TB, b *bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	require.NoError(t, d.CreateTable(context.Background(), b.db))
	found, err := b.db.Describe(context.Background(), d.Table)
	require.NoError(t, err)
	require.Len(t, found.Triggers, 1)
	if b.pool == nil {
		execute(t, b, "DROP TRIGGER "+store.Quote(found.Triggers[0]+"_"+d.Table))
		execute(t, b, "DROP INDEX "+store.Quote(d.Table+"_synced_hash"))
	} else {
		execute(t, b, "DROP TRIGGER "+store.Quote(found.Triggers[0])+" ON "+store.Quote(d.Table))
	}
	execute(t, b, "ALTER TABLE "+store.Quote(d.Table)+" DROP COLUMN synced_hash")
	return bind(t, b, d)
}

// How long a test waits for something that happens at once, and how often it
// looks.
const (
	waitLong = 10 * time.Second
	waitTick = 5 * time.Millisecond
)

// execute runs a statement as the service itself would, in a transaction of its
// own.
func execute(t testing.TB, b *bundle, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	tx, err := b.db.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, squirrel.Expr(sql, args...))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
}

// column reads the first column of a query's rows, as text.
func column(t *testing.T, b *bundle, sql string, args ...any) []string {
	t.Helper()
	rows, err := b.db.Query(context.Background(), squirrel.Expr(sql, args...))
	require.NoError(t, err)
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var text *string
		require.NoError(t, rows.Scan(&text))
		if text == nil {
			list = append(list, "null")
		} else {
			list = append(list, *text)
		}
	}
	require.NoError(t, rows.Err())
	return list
}

// names reads the names of a scope's rows, in the order of their remote ids.
func names(t *testing.T, m *synced.Model[Rental], scope synced.Scope) []string {
	t.Helper()
	list := []string{}
	for row, err := range m.All(context.Background(), scope) {
		require.NoError(t, err)
		list = append(list, row.Name)
	}
	return list
}

// put fills the rentals of the default account: ids from 1, one a name.
func put(b *bundle, names ...string) {
	for i, name := range names {
		b.srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": name})
	}
}

// synchronize runs once, and expects no error.
func synchronize[T any](t *testing.T, m *synced.Model[T], scope synced.Scope, call ...synced.Call) synced.Result {
	t.Helper()
	result, err := m.Synchronize(context.Background(), scope, call...)
	require.NoError(t, err)
	return result
}

// counts are the counts of rows of a result.
type counts struct{ created, updated, unchanged, removed, restored int }

func countsOf(r synced.Result) counts {
	return counts{r.Created, r.Updated, r.Unchanged, r.Removed, r.Restored}
}

// statements counts the statements of the store's transactions from now on.
func statements(t *testing.T, b *bundle) *atomic.Int64 {
	t.Helper()
	ctx := context.Background()
	count := &atomic.Int64{}
	if b.pool != nil {
		config := b.pool.Config()
		config.ConnConfig.Tracer = tracer{count}
		pool, err := pgxpool.NewWithConfig(ctx, config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		b.pool, b.db = pool, postgres.New(pool)
		// The connection of locks is opened once, and counted nowhere.
		lock, err := b.db.Lock(ctx, "counting", 0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, lock.Release(ctx)) })
		return count
	}
	conn, err := b.db.(*sqlite.Store).DB().Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		// TRACE_STMT would tell of each row that a trigger looks at.
		return c.(driver.Conn).Raw().Trace(sqlite3.TRACE_PROFILE, func(sqlite3.TraceEvent, any, any) error {
			count.Add(1)
			return nil
		})
	}))
	return count
}

// tracer counts the statements of a pool.
type tracer struct{ count *atomic.Int64 }

func (c tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.count.Add(1)
	return ctx
}

func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
