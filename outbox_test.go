package synced_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// outboxed declares rentals with an outbox, and notes what OnChange gets.
func outboxed(events *[]string) synced.Synced[Rental] {
	d := fullRentals()
	d.Remove, d.Outbox = synced.Destroy, true
	d.OnChange = noting[Rental](events, "rentals")
	return d
}

// deliver reads up to most changes, all when most is below 0, and passes the last
// of them only where it reads all.
func deliver(t *testing.T, b *bundle, consumer string, most int, models ...string) []synced.OutboxChange {
	t.Helper()
	var list []synced.OutboxChange
	for c, err := range synced.Changes(context.Background(), b.db, consumer, models...) {
		require.NoError(t, err)
		list = append(list, c)
		if len(list) == most {
			break
		}
	}
	return list
}

// told is what changes say, as noting says it.
func told(list []synced.OutboxChange) []string {
	said := []string{}
	for _, c := range list {
		said = append(said, fmt.Sprint(c.Kind, " ", c.Model, " ", c.RemoteID))
	}
	return said
}

// parsed are objects at hand.
func parsed(t *testing.T, raw ...string) []remote.Object {
	t.Helper()
	list := []remote.Object{}
	for _, text := range raw {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		list = append(list, o)
	}
	return list
}

func TestOutbox_TellsWhatOnChangeGot(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var events []string
		rentals := model(t, b, outboxed(&events))
		srv := b.srv.Collection("rentals")
		srv.PutRaw(`{"id":9007199254740993,"name":"A \u0000 \"quoted\" ü","surface":70,"price":"12.50","big":12345678901234567890}`)
		put(b, "one", "two", "three", "four")
		synchronize(t, rentals, synced.In(7))
		srv.Update(2, remotetest.Record{"name": "two and a half"})
		srv.Delete(3)
		synchronize(t, rentals, synced.In(7))
		synchronize(t, rentals, synced.In(7))

		list := deliver(t, b, "search", -1)
		require.Equal(t, events, told(list))
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
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		var events []string
		d := outboxed(&events)
		fail := errors.New("the handler fails")
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[Rental]) error {
			for _, c := range changes {
				c.New.Name = "written by the handler"
				if c.ID == "4" {
					return fail
				}
			}
			return nil
		}
		rentals := model(t, b, d)
		put(b, "one", "two", "three", "four") // pages of three
		_, err := rentals.Synchronize(ctx, synced.In(7))
		require.ErrorIs(t, err, fail)
		require.Equal(t, []string{"created rentals 1", "created rentals 2", "created rentals 3"}, told(deliver(t, b, "search", -1)))
		require.Equal(t, "one", deliver(t, b, "another", 1)[0].New["name"], "the handler's own copy")

		_, err = rentals.Synchronize(ctx, synced.In(8), synced.Call{Commit: synced.Atomic})
		require.ErrorIs(t, err, fail)
		require.Empty(t, deliver(t, b, "search", -1))
		require.Equal(t, []string{"3"}, column(t, b, "SELECT CAST(last_id AS text) FROM synced_outbox"), "no gap")
	})
}

func TestOutbox_CancelledRestoredAndChildren(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var events []string
		rooms := model(t, b, synced.Synced[Room]{Table: "rooms", Scope: "account_id", Outbox: true})
		houses := model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id", Remove: synced.Cancel("gone_at"), Outbox: true,
			OnChange: noting[House](&events, "houses"), Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id")}})
		b.srv.Collection("houses").Put(remotetest.Record{"id": 1, "name": "x", "rooms": []nested{{"id": 10, "name": "a"}, {"id": 11, "name": "b"}}})
		synchronize(t, houses, synced.In(7))
		require.Equal(t, []string{"created houses 1", "created rooms 10", "created rooms 11"}, told(deliver(t, b, "search", -1)))
		synchronize(t, houses, synced.In(7), synced.Call{Records: parsed(t, `{"id":1,"name":"x","rooms":[{"id":11,"name":"c"}]}`)})
		require.Equal(t, []string{"updated rooms 11", "removed rooms 10"}, told(deliver(t, b, "search", -1)))
		synchronize(t, houses, synced.In(7), synced.Call{Records: parsed(t)})
		require.Equal(t, []string{"removed houses 1"}, told(deliver(t, b, "search", -1)))
		synchronize(t, houses, synced.In(7), synced.Call{Records: parsed(t, `{"id":1,"name":"x"}`)})
		list := deliver(t, b, "search", -1)
		require.Equal(t, []string{"restored houses 1"}, told(list))
		require.Equal(t, []string{"created houses 1", "removed houses 1", "restored houses 1"}, events)
	})
}

func TestOutbox_Consumers(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		var events []string
		rentals := model(t, b, outboxed(&events))
		other := outboxed(&events)
		other.Table, other.Endpoint = "units", "rentals"
		units := model(t, b, other)
		put(b, "one", "two", "three", "four")
		synchronize(t, rentals, synced.In(7))
		synchronize(t, units, synced.In(7))

		// A change that the loop broke at comes again; those before it don't.
		require.Len(t, deliver(t, b, "search", 3), 3)
		require.Equal(t, int64(3), deliver(t, b, "search", 1)[0].ID)
		require.Len(t, deliver(t, b, "search", -1), 6)
		require.Empty(t, deliver(t, b, "search", -1))
		require.Len(t, deliver(t, b, "mail", -1), 8, "each consumer has its own position")

		// By model, and what is of no interest is passed as well.
		require.Equal(t, "units", deliver(t, b, "units", 1, "units")[0].Model)
		require.Len(t, deliver(t, b, "units", -1, "units", "nothing"), 4)
		require.Len(t, deliver(t, b, "rentals", -1, "rentals"), 4)
		require.Equal(t, []string{"8", "8", "8", "8"}, column(t, b, "SELECT CAST(position AS text) FROM synced_consumers"))

		// A loop that panics has done what was before.
		synchronize(t, rentals, synced.In(8))
		require.Panics(t, func() {
			for c, err := range synced.Changes(ctx, b.db, "search") {
				require.NoError(t, err)
				if c.ID == 11 {
					panic("no")
				}
			}
		})
		require.Equal(t, int64(11), deliver(t, b, "search", 1)[0].ID)

		// A context that ends is told, and loses nothing.
		canceled, cancel := context.WithCancel(ctx)
		defer cancel()
		var last error
		n := 0
		for _, err := range synced.Changes(canceled, b.db, "search") {
			cancel()
			last = err
			n++
		}
		require.Equal(t, 2, n)
		require.ErrorIs(t, last, context.Canceled)
		require.Equal(t, int64(12), deliver(t, b, "search", 1)[0].ID)

		for _, err := range synced.Changes(ctx, b.db, "") {
			require.EqualError(t, err, "synced: outbox: consumer : no name: give the consumer one")
		}
	})
}

func TestOutbox_NoTransactionIsOpenInTheLoop(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var events []string
		rentals := model(t, b, outboxed(&events))
		for i := range 1200 {
			b.srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": "x"})
		}
		synchronize(t, rentals, synced.In(7), synced.Call{Commit: synced.Atomic})
		n := 0
		for _, err := range synced.Changes(context.Background(), b.db, "search") {
			require.NoError(t, err)
			if n++; n%400 == 0 {
				if b.pool != nil {
					require.Zero(t, b.pool.Stat().AcquiredConns())
				}
				// It may write, also to the outbox.
				synchronize(t, rentals, synced.In(7), synced.Call{Records: parsed(t, fmt.Sprintf(`{"id":%d,"name":"y"}`, n)), Remove: synced.Keep})
			}
		}
		require.Equal(t, 1203, n)
	})
}

func TestOutbox_TwoLoopsOfOneConsumer(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var events []string
		rentals := model(t, b, outboxed(&events))
		put(b, "one", "two", "three", "four")
		synchronize(t, rentals, synced.In(7))
		n := 0
		for _, err := range synced.Changes(context.Background(), b.db, "search") {
			require.NoError(t, err)
			if n++; n == 2 {
				require.Len(t, deliver(t, b, "search", -1), 4, "its position is not saved yet")
				break
			}
		}
		require.Empty(t, deliver(t, b, "search", -1), "the position does not go back")
	})
}

func TestOutbox_PruneAndDrop(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		var events []string
		rentals := model(t, b, outboxed(&events))
		put(b, "one", "two", "three", "four")
		synchronize(t, rentals, synced.In(7))
		deliver(t, b, "mail", -1)
		deliver(t, b, "search", 3)
		prune := func(age time.Duration) int64 {
			n, err := synced.PruneChanges(ctx, b.db, age)
			require.NoError(t, err)
			return n
		}
		time.Sleep(2 * time.Millisecond)
		require.Zero(t, prune(0), "a week by default")
		require.Equal(t, int64(2), prune(time.Millisecond), "search has passed two")
		require.NoError(t, synced.DropConsumer(ctx, b.db, "search"))
		require.NoError(t, synced.DropConsumer(ctx, b.db, "nobody"))
		require.Equal(t, int64(2), prune(time.Millisecond))

		// Ids go on from where they were, so that no consumer is ahead of them.
		synchronize(t, rentals, synced.In(8))
		require.Equal(t, int64(5), deliver(t, b, "mail", 1)[0].ID)
		require.Equal(t, int64(5), deliver(t, b, "new", 1)[0].ID)
	})
}

func TestOutbox_IsAppendedAsASet(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		b.srv = remotetest.New(remotetest.Config{PerPage: 1000, Token: token})
		t.Cleanup(b.srv.Close)
		b.api = client(t, b.srv, token)
		count := statements(t, b)
		var events []string
		rentals := model(t, b, outboxed(&events))
		cost := func(scope, rows int) int64 {
			for i := range rows {
				b.srv.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": "x"})
			}
			count.Store(0)
			synchronize(t, rentals, synced.In(scope))
			if b.pool == nil {
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
	b := setup(t, "postgres")
	var events []string
	d := outboxed(&events)
	d.OnChange = nil
	rentals := model(t, b, d)
	put(b, "one")

	// One who has appended and is about to commit, as a run is in the end.
	tx, err := b.pool.Begin(ctx)
	require.NoError(t, err)
	var first int64
	require.NoError(t, tx.QueryRow(ctx, "UPDATE synced_outbox SET last_id = last_id + 1 RETURNING last_id").Scan(&first))
	done := make(chan error, 1)
	go func() {
		_, err := rentals.Synchronize(ctx, synced.In(7))
		done <- err
	}()
	require.Eventually(t, func() bool {
		return column(t, b, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0] == "1"
	}, waitLong, waitTick)
	require.Empty(t, deliver(t, b, "search", -1), "nothing overtakes")
	_, err = tx.Exec(ctx, "INSERT INTO synced_changes VALUES ($1, 'rentals', '', '', 'removed', '9', NULL, NULL, now())", first)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	require.NoError(t, <-done)
	require.Equal(t, []string{"removed rentals 9", "created rentals 1"}, told(deliver(t, b, "search", -1)))

	// And with many at once, a reader beside them misses none.
	put(b, "one", "two", "three", "four", "five", "six", "seven")
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
	var list []synced.OutboxChange
	for running := true; running; {
		select {
		case <-wait:
			running = false
		default:
		}
		list = append(list, deliver(t, b, "search", -1)...)
	}
	require.Len(t, list, 56)
	for i, c := range list {
		require.Equal(t, int64(i+3), c.ID)
	}
}

func TestOutbox_WithoutItsTable(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		execute(t, b, "DROP TABLE synced_changes")
		d := outboxed(&[]string{})
		require.NoError(t, d.CreateTable(context.Background(), b.db))
		_, err := synced.New(b.db, d)
		require.EqualError(t, err, "synced: rentals: the database has no table synced_changes for the Outbox: call Migrate on the store first")
		for _, err := range synced.Changes(context.Background(), b.db, "search") {
			require.Error(t, err)
		}
	})
}
