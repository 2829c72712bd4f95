package synced_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced"
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
	db   store.Store
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

func setup(t *testing.T, kind string) *bundle {
	t.Helper()
	ctx := context.Background()
	b := &bundle{}
	if kind == "sqlite" {
		db, err := sqlite.Open(ctx, testdb.SQLite(t))
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

func client(t *testing.T, srv *remotetest.Server, token string) *remote.Client {
	t.Helper()
	c, err := remote.NewClient(remote.Config{BaseURL: srv.URL(), Auth: remote.Bearer(token), HTTP: srv.Client()})
	require.NoError(t, err)
	return c
}

// model creates the table of a declaration, and binds it.
func model[T any](t *testing.T, b *bundle, d synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	if d.API == nil && d.APIFor == nil {
		d.API = b.api
	}
	require.NoError(t, d.CreateTable(context.Background(), b.db))
	m, err := synced.New(b.db, d)
	require.NoError(t, err)
	return m
}

// leakFree fails the test when goroutines outlive it.
func leakFree(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t, goleak.IgnoreCurrent()) })
}
