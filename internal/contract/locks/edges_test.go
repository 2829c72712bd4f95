package locks_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// A run of the parents does not keep those of their children from fetching one,
// and does not take what they fetched for absent.
func TestLock_AParentIsFetchedBesideItsRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Remove: synced.Destroy{}})
		photos := harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", BelongsTo: []synced.Parent{
			synced.BelongsTo(houses, "links.house", "house_id", synced.MissingFetch)}})
		list := b.Server.Collection("houses")
		list.Put(remotetest.Record{"id": 1, "name": "1"}, remotetest.Record{"id": 2, "name": "2"}, remotetest.Record{"id": 3, "name": "3"}, remotetest.Record{"id": 4, "name": "4"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7))
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Collection != "houses" || r.Page != 2 {
				return
			}
			b.Server.OnRequest(nil)
			// House 7 comes to the part of the list that was read.
			list.Put(remotetest.Record{"id": 7, "name": "seven"})
			list.Move(7, 0)
			_, err := photos.Synchronize(context.Background(), synced.In(1))
			if err != nil {
				t.Error(err)
			}
		})
		result := harness.Sync(t, houses, synced.In(1), synced.Call{Remove: synced.Destroy{Verify: synced.VerifyNever}})
		require.Zero(t, result.Removed)
		require.Equal(t, []string{"1:seven"}, harness.Shown(t, b))
	})
}

// A run that waited for its lock is under way all the same, once it has it.
func TestLock_ARunThatWaitedIsUnderWay(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one")
		rentals := harness.Model(t, b, harness.Rentals())
		came, goOn := paused(t, b)
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := rentals.Synchronize(ctx, synced.In(1)); first <- err }()
		<-came
		started := make(chan struct{})
		go func() {
			close(started)
			_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{Wait: harness.WaitLong})
			second <- err
		}()
		<-started
		var unfinished bool
		asks := make(chan struct{})
		b.Server.OnRequest(func(remotetest.Request) {
			f, err := rentals.Freshness(ctx, synced.In(1))
			unfinished = err == nil && f.Unfinished
			close(asks)
		})
		goOn()
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		<-asks
		require.True(t, unfinished)
	})
}

// One connection is enough, of whatever kind.
func TestLock_StoresOfOneConnection(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, kind := range []string{"pool", "handle", "connection", "transaction"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, "postgres")
			config := b.Pool.Config()
			config.MaxConns = 1
			pool, err := pgxpool.NewWithConfig(ctx, config)
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			b.DB = postgres.New(pool, postgres.Options{}).Backend()
			d := harness.Resumable(t, b)
			require.NoError(t, d.CreateTable(ctx, b.DB))
			switch kind {
			case "handle":
				db := stdlib.OpenDB(*config.ConnConfig)
				t.Cleanup(func() { require.NoError(t, db.Close()) })
				db.SetMaxOpenConns(1)
				b.DB = postgres.New(postgres.FromSQL(db), postgres.Options{}).Backend()
			case "connection":
				conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
				require.NoError(t, err)
				t.Cleanup(func() { _ = conn.Close(ctx) })
				b.DB = postgres.New(conn, postgres.Options{}).Backend()
			case "transaction":
				tx, err := pool.Begin(ctx)
				require.NoError(t, err)
				t.Cleanup(func() { _ = tx.Rollback(ctx) })
				b.DB = postgres.New(tx, postgres.Options{}).Backend()
			}
			b.Put("1", "2", "3", "4", "5", "6", "7", "8")
			rentals := harness.Bind(t, b, d)
			b.Server.Fault(remotetest.Fault{Page: 3, Status: 403})
			_, err = rentals.Synchronize(ctx, synced.In(1))
			require.Error(t, err)
			require.True(t, harness.Sync(t, rentals, synced.In(1)).Resumed)
			require.Equal(t, 8, harness.Sync(t, rentals, synced.In(1), synced.Call{Commit: synced.Atomic{}}).Unchanged)
		})
	}
}

// A handler may synchronize another model, and its own scope's run is under way.
func TestLock_AHandlerThatSynchronizes(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	b.Put("one")
	b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
	houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
	var rentals *synced.Model[harness.Rental]
	d := harness.Rentals()
	d.OnChange = func(ctx context.Context, _ store.Tx, _ []synced.Change[harness.Rental]) error {
		_, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, synced.ErrRunning)
		_, err = houses.Synchronize(ctx, synced.In(1))
		return err
	}
	rentals = harness.Model(t, b, d)
	require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Created)
	require.Equal(t, []string{"seven"}, b.Column(t, "SELECT name FROM houses"))
}

func TestLock_ASQLiteFileThatIsOpenTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := harness.Setup(t, "sqlite")
	path := testdb.SQLite(t)
	stores := make([]*sqlite.Store, 2)
	var models [2]*synced.Model[harness.Rental]
	for i := range stores {
		var err error
		stores[i], err = sqlite.Open(ctx, path, sqlite.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, stores[i].Close()) })
		require.NoError(t, stores[i].Migrate(ctx))
		b.DB = stores[i].Backend()
		d := harness.Rentals()
		if i == 0 {
			require.NoError(t, d.CreateTable(ctx, b.DB))
		}
		models[i] = harness.Bind(t, b, d)
	}
	b.Put("one")
	came, goOn := paused(t, b)
	done := make(chan error, 1)
	go func() { _, err := models[0].Synchronize(ctx, synced.In(1)); done <- err }()
	<-came
	_, err := models[1].Synchronize(ctx, synced.In(1))
	require.ErrorIs(t, err, synced.ErrRunning)
	ended, cancel := context.WithCancel(ctx)
	waits := make(chan error, 1)
	go func() {
		_, err := models[1].Synchronize(ended, synced.In(1), synced.Call{Wait: harness.WaitLong})
		waits <- err
	}()
	cancel()
	require.ErrorIs(t, <-waits, context.Canceled)
	goOn()
	require.NoError(t, <-done)
	require.Equal(t, 1, harness.Sync(t, models[1], synced.In(1)).Unchanged)
}

func TestLock_LostWhileAnAtomicRunReads(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, harness.Rentals())
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 {
				b.Execute(t, "UPDATE synced_locks SET token = token + 1")
			}
		})
		_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Commit: synced.Atomic{}})
		require.ErrorIs(t, err, synced.ErrLockLost)
		require.Empty(t, harness.Names(t, rentals, synced.In(1)))
	})
}
