package own_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// elsewhere returns the bundle with a store whose own tables are in a schema, or have a
// prefix.
func elsewhere(t *testing.T, b *harness.Bundle, name string) *harness.Bundle {
	t.Helper()
	other := *b
	if b.Pool != nil {
		other.DB = postgres.New(b.Pool, postgres.Options{Schema: name}).Backend()
		return &other
	}
	db, err := sqlite.Open(context.Background(), b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0],
		sqlite.Options{Prefix: name, LeaseTTL: time.Hour})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	other.File, other.DB = db, db.Backend()
	return &other
}

// named is a name that needs quotes.
const named = `the "one". `

func TestContract_C135_OwnTablesAreWhereTheStoreSays(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		other := elsewhere(t, b, named)
		d := harness.Incremental(strategy.UpdatedSince{})
		d.Remove, d.Outbox, d.Invalid, d.Commit = synced.Destroy{}, true, synced.Quarantine{Limit: 1}, synced.PerPage{Checkpoint: time.Nanosecond}
		require.NoError(t, d.CreateTable(ctx, b.DB))
		d.API = b.API
		_, err := synced.New(ctx, other.DB, d)
		require.ErrorContains(t, err, "the database has no table "+map[bool]string{true: named + ".synced_migrations", false: named + "synced_migrations"}[b.Pool != nil]+": call Migrate")
		require.NoError(t, other.DB.Migrate(ctx))
		require.NoError(t, other.DB.Migrate(ctx))
		require.NoError(t, other.DB.Ready(ctx))

		// Runs, refused removals, the quarantine, the outbox, times and rows that wait.
		rentals := harness.Model(t, other, d)
		srv := b.Server.Collection("rentals")
		b.Put("one", "two", "three", "four", "five")
		srv.PutRaw(`{"id":6,"name":7}`)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(7)).Quarantined)
		require.NoError(t, rentals.Reset(ctx, synced.In(7)))
		b.Server.Fault(remotetest.Fault{Page: 2, Status: 400})
		_, err = rentals.Synchronize(ctx, synced.In(7))
		require.Error(t, err)
		srv.Update(1, remotetest.Record{"name": "one again"})
		harness.Sync(t, rentals, synced.In(7))
		require.Len(t, harness.Deliver(t, other, "search", -1), 6)
		for range rentals.Quarantined(ctx, synced.In(7)) {
			srv.Put(remotetest.Record{"id": 6, "name": "six"})
		}
		_, err = rentals.SyncOne(ctx, synced.In(7), 6)
		require.NoError(t, err)
		srv.Delete(1, 2, 3, 4, 5, 6)
		refused := harness.Sync(t, rentals, synced.In(7), synced.Call{Strategy: strategy.Full{}})
		require.NotNil(t, refused.Refused)
		_, photos := harness.Album(t, other, synced.MissingNull)
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 5))
		harness.Sync(t, photos, synced.In(7))
		_, err = timestamp.Cleanup(ctx, other.DB, time.Hour)
		require.NoError(t, err)
		_, err = outbox.Prune(ctx, other.DB, time.Hour)
		require.NoError(t, err)

		// The functions of triggers are there, too.
		if b.Pool != nil {
			require.NotEqual(t, []string{"0"}, b.Column(t, "SELECT count(*)::text FROM pg_proc WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?) AND proname LIKE '%synced\\_guard'", named))
		}

		// Nothing of it is in the tables that are where they are by default.
		for _, table := range []string{"runs", "times", "quarantine", "changes", "consumers", "waiting", "passes", "seen", "refusals", "refused", "validators", "locks"} {
			require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_"+table), table)
		}
		for _, table := range []string{"runs", "times", "changes", "consumers", "waiting", "locks"} {
			require.NotEqual(t, []string{"0"}, other.Column(t, "SELECT count(*) FROM {synced_"+table+"}"), table)
		}

		// Two services keep their locks apart, and may use the same names.
		lock, err := other.DB.Lock(ctx, "a", 0)
		require.NoError(t, err)
		beside, err := b.DB.Lock(ctx, "a", 0)
		require.NoError(t, err)
		require.NoError(t, backend.InTx(ctx, other.DB, lock.Check))
		require.NoError(t, backend.InTx(ctx, b.DB, beside.Check))
		require.NoError(t, errors.Join(lock.Release(ctx), beside.Release(ctx)))
	})
}

func TestC135_NamesThatWouldBeCut(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		long := elsewhere(t, b, "a_name_of_more_than_sixty_three_bytes_which_a_database_would_cut_")
		require.ErrorContains(t, long.DB.Migrate(context.Background()), "longer than")
	})
}

// expr is a statement with values.
func expr(sql string, args ...any) squirrel.Sqlizer { return squirrel.Expr(sql, args...) }

// asRole returns a store of connections that act as a role of PostgreSQL.
func asRole(t *testing.T, b *harness.Bundle, role, schema string) backend.Store {
	t.Helper()
	config := b.Pool.Config()
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET ROLE "+role)
		return err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return postgres.New(pool, postgres.Options{Schema: schema}).Backend()
}
