package stress_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// single makes the bundle's store one of a single connection, of a kind.
func single(t *testing.T, b *harness.Bundle, kind string) {
	t.Helper()
	ctx := context.Background()
	config := b.Pool.Config()
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	var db postgres.DB = pool
	switch kind {
	case "connection":
		conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(ctx) })
		db = conn
	case "transaction":
		tx, err := pool.Begin(ctx)
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback(ctx) })
		db = tx
	}
	b.DB = postgres.New(db, postgres.Options{}).Backend()
}

// A loop over rows, differences or records in quarantine may use the store, also one
// of a single connection: none waits for the loop that waits for it.
func TestContract_C115_OneConnection(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "pool", "connection", "transaction"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			name := "postgres"
			if kind == "sqlite" {
				name = kind
			}
			b := harness.Setup(t, name)
			d := harness.Rentals()
			d.Invalid = synced.Quarantine{Limit: 1}
			rentals := harness.Model(t, b, d)
			if name == "postgres" {
				single(t, b, kind)
				rentals = harness.Bind(t, b, d)
			}
			list := b.Server.Collection("rentals")
			for id := range 300 {
				list.Put(remotetest.Record{"id": id + 1, "name": fmt.Sprint(id + 1)}, remotetest.Record{"id": id + 1001, "name": 7})
			}
			harness.Sync(t, rentals, synced.In(1))
			b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name, notes) SELECT 1, synced_id + 2000, name, '' FROM rentals")
			b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id < 10")

			ctx, cancel := context.WithTimeout(context.Background(), harness.WaitLong)
			defer cancel()
			use := func(n int) {
				if n%100 != 0 {
					return
				}
				_, err := rentals.Find(ctx, synced.In(1), 20)
				require.NoError(t, err)
				_, err = rentals.SyncOne(ctx, synced.In(1), 20)
				require.NoError(t, err)
			}
			n := 0
			for _, err := range rentals.All(ctx, synced.In(1)) {
				require.NoError(t, err)
				use(n)
				n++
			}
			require.Equal(t, 600, n)
			n = 0
			for _, err := range rentals.All(ctx, synced.NoScope) {
				require.NoError(t, err)
				use(n)
				n++
			}
			require.Equal(t, 600, n)
			n = 0
			for _, err := range rentals.Differences(ctx, synced.In(1)) {
				require.NoError(t, err)
				use(n)
				n++
			}
			require.Equal(t, 300+9+300, n)
			n = 0
			for _, err := range rentals.Quarantined(ctx, synced.In(1)) {
				require.NoError(t, err)
				use(n)
				n++
			}
			require.Equal(t, 300, n)
		})
	}
}

// A handler that wants another transaction of a store with one that writes is told so,
// and does not wait for its own end.
func TestContract_C118_StoreInItsHandler(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "pool", "connection", "transaction"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			name := "postgres"
			if kind == "sqlite" {
				name = kind
			}
			b := harness.Setup(t, name)
			d := harness.Rentals()
			var rentals *synced.Model[harness.Rental]
			d.OnChange = func(ctx context.Context, _ store.Tx, _ []synced.Change[harness.Rental]) error {
				_, err := rentals.SyncOne(ctx, synced.In(2), 1)
				return err
			}
			rentals = harness.Model(t, b, d)
			if name == "postgres" {
				single(t, b, kind)
				rentals = harness.Bind(t, b, d)
			}
			b.Server.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one"})
			ctx, cancel := context.WithTimeout(context.Background(), harness.WaitLong)
			defer cancel()
			_, err := rentals.Synchronize(ctx, synced.In(1))
			require.ErrorContains(t, err, "a handler, such as OnChange, wants another transaction of the store")
			require.NoError(t, ctx.Err())
			require.Empty(t, b.Column(t, "SELECT name FROM rentals"))
		})
	}
}
