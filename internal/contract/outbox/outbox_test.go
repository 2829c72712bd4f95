package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// outboxed declares rentals with an outbox, and notes what OnChange gets.
func outboxed(events *[]string) synced.Synced[harness.Rental] {
	d := harness.Rentals()
	d.Remove, d.Outbox = synced.Destroy{}, true
	d.OnChange = harness.Noting[harness.Rental](events, "rentals")
	return d
}

func TestOutbox_TellsWhatOnChangeGot(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		srv := b.Server.Collection("rentals")
		srv.PutRaw(`{"id":9007199254740993,"name":"A \u0000 \"quoted\" ü","surface":70,"price":"12.50","big":12345678901234567890}`)
		b.Put("one", "two", "three", "four")
		harness.Sync(t, rentals, synced.In(7))
		srv.Update(2, remotetest.Record{"name": "two and a half"})
		srv.Delete(3)
		harness.Sync(t, rentals, synced.In(7))
		harness.Sync(t, rentals, synced.In(7))

		list := harness.Deliver(t, b, "search", -1)
		require.Equal(t, events, harness.Told(list))
		require.Len(t, list, 7)
		for i, c := range list {
			require.Equal(t, int64(i+1), c.ID)
			require.Equal(t, []string{"rentals", "account_id", "7"}, []string{c.Model, c.ScopeType, c.ScopeID})
			require.WithinDuration(t, time.Now(), c.At, time.Minute)
			require.Equal(t, c.Kind == synced.Created, c.Old == nil)
			require.Equal(t, c.Kind == synced.Removed, c.New == nil)
		}
		for _, c := range list {
			if c.RemoteID == "9007199254740993" {
				require.Equal(t, "9007199254740993", fmt.Sprint(c.New["synced_id"]))
				require.Equal(t, "A ␀ \"quoted\" ü", c.New["name"])
				require.Equal(t, "70", fmt.Sprint(c.New["remote_size"]))
				require.Equal(t, "12.50", c.New["price"])
				require.Contains(t, c.New["synced_data"], `\u0000`)
				require.Contains(t, c.New["synced_data"], `12345678901234567890`)
			}
			if c.Kind == synced.Updated {
				require.Equal(t, []any{"two", "two and a half"}, []any{c.Old["name"], c.New["name"]})
				require.Equal(t, c.Old["id"], c.New["id"])
			}
			if c.Kind == synced.Removed {
				require.Equal(t, "three", c.Old["name"])
			}
		}
	})
}

func TestOutbox_IsOneTransactionWithTheRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var events []string
		d := outboxed(&events)
		fail := errors.New("the handler fails")
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
			for _, c := range changes {
				c.New.Name = "written by the handler"
				if c.ID == "4" {
					return fail
				}
			}
			return nil
		}
		rentals := harness.Model(t, b, d)
		b.Put("one", "two", "three", "four") // pages of three
		_, err := rentals.Synchronize(ctx, synced.In(7))
		require.ErrorIs(t, err, fail)
		require.Equal(t, []string{"created rentals 1", "created rentals 2", "created rentals 3"}, harness.Told(harness.Deliver(t, b, "search", -1)))
		require.Equal(t, "one", harness.Deliver(t, b, "another", 1)[0].New["name"], "the handler's own copy")

		_, err = rentals.Synchronize(ctx, synced.In(8), synced.Call{Commit: synced.Atomic{}})
		require.ErrorIs(t, err, fail)
		require.Empty(t, harness.Deliver(t, b, "search", -1))
		require.Equal(t, []string{"3"}, b.Column(t, "SELECT CAST(last_id AS text) FROM synced_outbox"), "no gap")
	})
}

func TestOutbox_CanceledRestoredAndChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		rooms := harness.Model(t, b, synced.Synced[harness.Room]{Table: "rooms", Scope: "account_id", Outbox: true})
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Remove: synced.Cancel{Column: "gone_at"}, Outbox: true,
			OnChange: harness.Noting[harness.House](&events, "houses"), Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id")}})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 1, "name": "x", "rooms": []harness.Nested{{"id": 10, "name": "a"}, {"id": 11, "name": "b"}}})
		harness.Sync(t, houses, synced.In(7))
		require.Equal(t, []string{"created houses 1", "created rooms 10", "created rooms 11"}, harness.Told(harness.Deliver(t, b, "search", -1)))
		harness.Sync(t, houses, synced.In(7), synced.Call{Records: harness.Parsed(t, `{"id":1,"name":"x","rooms":[{"id":11,"name":"c"}]}`)})
		require.Equal(t, []string{"updated rooms 11", "removed rooms 10"}, harness.Told(harness.Deliver(t, b, "search", -1)))
		harness.Sync(t, houses, synced.In(7), synced.Call{Records: harness.Parsed(t)})
		require.Equal(t, []string{"removed houses 1"}, harness.Told(harness.Deliver(t, b, "search", -1)))
		harness.Sync(t, houses, synced.In(7), synced.Call{Records: harness.Parsed(t, `{"id":1,"name":"x"}`)})
		list := harness.Deliver(t, b, "search", -1)
		require.Equal(t, []string{"restored houses 1"}, harness.Told(list))
		require.Equal(t, []string{"created houses 1", "removed houses 1", "restored houses 1"}, events)
	})
}

func TestOutbox_Consumers(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		other := outboxed(&events)
		other.Table, other.Endpoint = "units", "rentals"
		units := harness.Model(t, b, other)
		b.Put("one", "two", "three", "four")
		harness.Sync(t, rentals, synced.In(7))
		harness.Sync(t, units, synced.In(7))

		// A change that the loop broke at comes again; those before it don't.
		require.Len(t, harness.Deliver(t, b, "search", 3), 3)
		require.Equal(t, int64(3), harness.Deliver(t, b, "search", 1)[0].ID)
		require.Len(t, harness.Deliver(t, b, "search", -1), 6)
		require.Empty(t, harness.Deliver(t, b, "search", -1))
		require.Len(t, harness.Deliver(t, b, "mail", -1), 8, "each consumer has its own position")

		// By model, and what is of no interest is passed as well.
		require.Equal(t, "units", harness.Deliver(t, b, "units", 1, "units")[0].Model)
		require.Len(t, harness.Deliver(t, b, "units", -1, "units", "units"), 4)
		require.Len(t, harness.Deliver(t, b, "rentals", -1, "rentals"), 4)
		require.Equal(t, []string{"8", "8", "8", "8"}, b.Column(t, "SELECT CAST(position AS text) FROM synced_consumers"))

		// A loop that panics has done what was before.
		harness.Sync(t, rentals, synced.In(8))
		require.Panics(t, func() {
			for c, err := range outbox.Changes(ctx, b.DB, "search") {
				require.NoError(t, err)
				if c.ID == 11 {
					panic("no")
				}
			}
		})
		require.Equal(t, int64(11), harness.Deliver(t, b, "search", 1)[0].ID)

		// A context that ends is told, and loses nothing.
		canceled, cancel := context.WithCancel(ctx)
		defer cancel()
		var last error
		n := 0
		for _, err := range outbox.Changes(canceled, b.DB, "search") {
			cancel()
			last = err
			n++
		}
		require.Equal(t, 2, n)
		require.ErrorIs(t, last, context.Canceled)
		require.Equal(t, int64(12), harness.Deliver(t, b, "search", 1)[0].ID)

		for _, err := range outbox.Changes(ctx, b.DB, "") {
			require.EqualError(t, err, "synced: outbox: consumer \"\": the name is empty: give each consumer its own")
		}
	})
}

func TestOutbox_NoTransactionIsOpenInTheLoop(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		for i := range 1200 {
			b.Server.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": "x"})
		}
		harness.Sync(t, rentals, synced.In(7), synced.Call{Commit: synced.Atomic{}})
		n := 0
		for _, err := range outbox.Changes(context.Background(), b.DB, "search") {
			require.NoError(t, err)
			if n++; n%400 == 0 {
				if b.Pool != nil {
					require.Zero(t, b.Pool.Stat().AcquiredConns())
				}
				// It may write, also to the outbox.
				harness.Sync(t, rentals, synced.In(7), synced.Call{Records: harness.Parsed(t, fmt.Sprintf(`{"id":%d,"name":"y"}`, n)), Remove: synced.KeepRows{}})
			}
		}
		require.Equal(t, 1203, n)
	})
}

func TestOutbox_TwoLoopsOfOneConsumer(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		b.Put("one", "two", "three", "four")
		harness.Sync(t, rentals, synced.In(7))
		n := 0
		for _, err := range outbox.Changes(context.Background(), b.DB, "search") {
			require.NoError(t, err)
			if n++; n == 2 {
				require.Len(t, harness.Deliver(t, b, "search", -1), 4, "its position is not saved yet")
				break
			}
		}
		require.Empty(t, harness.Deliver(t, b, "search", -1), "the position does not go back")
	})
}

func TestOutbox_PruneAndDrop(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		b.Put("one", "two", "three", "four")
		harness.Sync(t, rentals, synced.In(7))
		harness.Deliver(t, b, "mail", -1)
		harness.Deliver(t, b, "search", 3)
		prune := func(age time.Duration) int64 {
			n, err := outbox.Prune(ctx, b.DB, age)
			require.NoError(t, err)
			return n
		}
		time.Sleep(2 * time.Millisecond)
		require.Zero(t, prune(0), "a week by default")
		require.Equal(t, int64(2), prune(time.Millisecond), "search has passed two")
		require.NoError(t, outbox.Drop(ctx, b.DB, "search"))
		require.NoError(t, outbox.Drop(ctx, b.DB, "nobody"))
		require.Equal(t, int64(2), prune(time.Millisecond))

		// Ids go on from where they were, so that no consumer is ahead of them.
		harness.Sync(t, rentals, synced.In(8))
		require.Equal(t, int64(5), harness.Deliver(t, b, "mail", 1)[0].ID)
		require.Equal(t, int64(5), harness.Deliver(t, b, "new", 1)[0].ID)
	})
}

func TestOutbox_IsAppendedAsASet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server = remotetest.New(remotetest.Config{PerPage: 1000, Token: harness.Token})
		t.Cleanup(b.Server.Close)
		b.API = harness.Client(t, b.Server, harness.Token)
		count := b.Statements(t)
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		cost := func(scope, rows int) int64 {
			for i := range rows {
				b.Server.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": "x"})
			}
			count.Store(0)
			harness.Sync(t, rentals, synced.In(scope))
			if b.Pool == nil {
				return count.Load() - int64(rows) // SQLite inserts row by row, which is faster there
			}
			return count.Load()
		}
		require.Equal(t, cost(1, 2), cost(2, 900))
	})
}

// Transactions that append at the same time must become visible in the order of
// their changes: a reader that saw the later one would never see the other.
func TestOutbox_AppendsInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := harness.Setup(t, "postgres")
	var events []string
	d := outboxed(&events)
	d.OnChange = nil
	rentals := harness.Model(t, b, d)
	b.Put("one")

	// One who has appended and is about to commit, as a run is in the end.
	tx, err := b.Pool.Begin(ctx)
	require.NoError(t, err)
	var first int64
	require.NoError(t, tx.QueryRow(ctx, "UPDATE synced_outbox SET last_id = last_id + 1 RETURNING last_id").Scan(&first))
	done := make(chan error, 1)
	go func() {
		_, err := rentals.Synchronize(ctx, synced.In(7))
		done <- err
	}()
	require.NoError(t, b.AwaitBlocked(done))
	require.Empty(t, harness.Deliver(t, b, "search", -1), "nothing overtakes")
	_, err = tx.Exec(ctx, "INSERT INTO synced_changes VALUES ($1, 'rentals', '', '', 'removed', '9', NULL, NULL, now())", first)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	require.NoError(t, <-done)
	require.Equal(t, []string{"removed rentals 9", "created rentals 1"}, harness.Told(harness.Deliver(t, b, "search", -1)))

	// And with many at once, a reader beside them misses none.
	b.Put("one", "two", "three", "four", "five", "six", "seven")
	var wg sync.WaitGroup
	for scope := range 8 {
		wg.Go(func() {
			_, err := rentals.Synchronize(ctx, synced.In(100+scope))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait := make(chan struct{})
	go func() { wg.Wait(); close(wait) }()
	var list []outbox.Change
	for running := true; running; {
		select {
		case <-wait:
			running = false
		default:
		}
		list = append(list, harness.Deliver(t, b, "search", -1)...)
	}
	require.Len(t, list, 56)
	for i, c := range list {
		require.Equal(t, int64(i+3), c.ID)
	}
}

func TestOutbox_WithoutItsTable(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "DROP TABLE synced_changes")
		d := outboxed(&[]string{})
		require.NoError(t, d.CreateTable(context.Background(), b.DB))
		_, err := synced.New(context.Background(), b.DB, d)
		require.EqualError(t, err, "synced: rentals: the database has no table synced_changes: call Migrate on the store first")
		for _, err := range outbox.Changes(context.Background(), b.DB, "search") {
			require.Error(t, err)
		}
	})
}
