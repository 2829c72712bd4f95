package associations_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// hall has seats, which have cushions, all of an account.
type hall struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

type seat struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	HallID    *int64 `db:"hall_id" synced:"parent"`
	Name      string `json:"name" db:"name"`
	Notes     string `db:"notes"`
}

type cushion struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	SeatID    *int64 `db:"seat_id" synced:"parent"`
	Color     string `json:"color" db:"color"`
}

// newHalls makes the models, without foreign keys.
func newHalls(t *testing.T, b *harness.Bundle, change ...func(*synced.Synced[hall])) *synced.Model[hall] {
	t.Helper()
	cushions := harness.Model(t, b, synced.Synced[cushion]{Table: "cushions", Scope: "account_id"})
	seats := harness.Model(t, b, synced.Synced[seat]{Table: "seats", Scope: "account_id", Associations: []synced.Association{synced.HasMany(cushions, "cushions", "seat_id")}})
	d := synced.Synced[hall]{Table: "halls", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}, Associations: []synced.Association{synced.HasMany(seats, "seats", "hall_id")}}
	for _, f := range change {
		f(&d)
	}
	return harness.Model(t, b, d)
}

func seatOf(id int, cushions ...int) harness.Nested {
	list := []harness.Nested{}
	for _, c := range cushions {
		list = append(list, harness.Nested{"id": c, "color": "red"})
	}
	return harness.Nested{"id": id, "name": fmt.Sprint("seat ", id), "cushions": list}
}

func putHall(b *harness.Bundle, id int, seats ...harness.Nested) {
	if seats == nil {
		seats = []harness.Nested{}
	}
	b.Server.Collection("halls").Put(remotetest.Record{"id": id, "name": fmt.Sprint("hall ", id), "seats": seats})
}

func hallsHold(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT coalesce(h.name, '-') || '/' || coalesce(s.name, '-') || '/' || coalesce(c.synced_id || '', '-') FROM seats s LEFT JOIN halls h ON h.id = s.hall_id LEFT JOIN cushions c ON c.seat_id = s.id ORDER BY s.synced_id, c.synced_id")
}

func TestContract_C96_APassRemovesOrphans(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				m := newHalls(t, b)
				call := synced.Call{Commit: commit}
				putHall(b, 1, seatOf(10, 100))
				putHall(b, 2, seatOf(20, 200))
				putHall(b, 3, seatOf(30, 300))
				harness.Sync(t, m, synced.In(7), call)
				harness.Sync(t, m, synced.In(8), call)
				b.Execute(t, "UPDATE seats SET notes = 'ours'")

				// Rows of parents go behind the library's back. A run that has not seen all
				// parents proves nothing of the children.
				b.Execute(t, "DELETE FROM halls WHERE account_id = 7 AND synced_id IN (1, 2)")
				b.Execute(t, "DELETE FROM seats WHERE account_id = 7 AND synced_id = 30")
				b.Execute(t, "INSERT INTO seats (account_id, hall_id, name, notes) VALUES (7, 4711, 'ours', '')")
				b.Server.Collection("halls").Delete(1)
				putHall(b, 3)
				counts := func() []string {
					return b.Column(t, "SELECT account_id || ':' || synced_id || notes FROM seats WHERE synced_id IS NOT NULL ORDER BY account_id, synced_id")
				}
				_, err := m.SyncOne(context.Background(), synced.In(7), 3)
				require.NoError(t, err)
				require.Equal(t, []string{"7:10ours", "7:20ours", "8:10ours", "8:20ours", "8:30ours"}, counts())
				harness.Sync(t, m, synced.In(7), synced.Call{Remove: synced.KeepRows{}, Commit: commit})
				require.Equal(t, []string{"7:10ours", "7:20ours", "8:10ours", "8:20ours", "8:30ours"}, counts())

				result := harness.Sync(t, m, synced.In(7), call)
				require.Equal(t, []string{"7:20ours", "8:10ours", "8:20ours", "8:30ours"}, counts(), "hall 2 is back, and has its seat")
				require.Equal(t, 1, result.Children["seats"].Removed)
				require.Equal(t, 2, result.Children["cushions"].Removed, "that of seat 10 and that of seat 30")
				require.Equal(t, []string{"7:200", "8:100", "8:200", "8:300"}, b.Column(t, "SELECT account_id || ':' || synced_id FROM cushions ORDER BY account_id, synced_id"))
				require.Equal(t, []string{"1"}, b.Column(t, "SELECT count(*) || '' FROM seats WHERE synced_id IS NULL"), "what is the service's own stays")
				harness.Sync(t, m, synced.In(8), call)
				require.Equal(t, []string{"7:20ours", "8:20ours"}, counts())
			})
		})
	}
}

// A parent that says nothing about its children may have the orphan.
func TestContract_C96_AnOrphanThatAParentMayHave(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := newHalls(t, b)
		putHall(b, 1, seatOf(10))
		putHall(b, 2, seatOf(20))
		harness.Sync(t, m, synced.In(7))
		b.Execute(t, "DELETE FROM halls WHERE synced_id = 1")
		b.Server.Collection("halls").Put(remotetest.Record{"id": 1, "name": "hall 1"})
		harness.Sync(t, m, synced.In(7))
		require.Equal(t, []string{"-/seat 10/-", "hall 2/seat 20/-"}, hallsHold(t, b))
		putHall(b, 1)
		harness.Sync(t, m, synced.In(7))
		require.Equal(t, []string{"hall 2/seat 20/-"}, hallsHold(t, b))
	})
}

// So may a parent of another scope have it, where the child has none.
func TestContract_C96_AnOrphanThatAnotherScopeMayHave(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		beds := harness.Model(t, b, synced.Synced[harness.Bed]{Table: "beds"})
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{},
			Associations: []synced.Association{synced.HasMany(beds, "beds", "room_id")}})
		remote := b.Server.Collection("houses")
		put := func(id int) {
			remote.Put(remotetest.Record{"id": id, "name": "house", "beds": []harness.Nested{harness.BedOf(10*id, "wide")}})
		}
		put(1)
		harness.Sync(t, houses, synced.In(1))
		remote.Delete(1)
		put(2)
		put(3)
		harness.Sync(t, houses, synced.In(2))
		remote.Delete(2)
		remote.Delete(3)
		put(1)
		left := func() []string { return b.Column(t, "SELECT synced_id || '' FROM beds ORDER BY synced_id") }
		b.Execute(t, "DELETE FROM houses WHERE synced_id = 2")
		harness.Sync(t, houses, synced.In(1))
		require.Equal(t, []string{"10", "20", "30"}, left(), "account 2 has a house")
		b.Execute(t, "DELETE FROM houses WHERE synced_id = 3")
		harness.Sync(t, houses, synced.In(1))
		require.Equal(t, []string{"10"}, left())
	})
}

// Another call removes a parent between a page's look at it and the writing of what
// points to it: first the page waits, then the removal, each for a lock of the table
// that the test has. SQLite has one writer at a time.
func TestContract_C96_AParentIsRemovedBesideAPage(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"ACCESS EXCLUSIVE", "SHARE"} {
		for _, what := range []string{"seats", "cushions", "photos", "item_labels"} {
			t.Run(what+" "+mode, func(t *testing.T) {
				t.Parallel()
				b := harness.Setup(t, "postgres")
				write, remove, orphans := besides(t, b, what)
				ctx := context.Background()
				tx, err := b.Pool.Begin(ctx)
				require.NoError(t, err)
				defer tx.Rollback(ctx)
				_, err = tx.Exec(ctx, "LOCK TABLE "+what+" IN "+mode+" MODE")
				require.NoError(t, err)
				written, removed := make(chan error, 1), make(chan error, 1)
				go func() { written <- write() }()
				require.NoError(t, b.AwaitBlocked(written))
				go func() { removed <- remove() }()
				require.Eventually(t, func() bool {
					var blocked int
					err := b.Pool.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&blocked)
					return err == nil && (blocked > 1 || len(removed) > 0)
				}, harness.WaitLong, harness.WaitTick)
				require.NoError(t, tx.Rollback(ctx))
				require.NoError(t, <-written)
				require.NoError(t, <-removed)
				require.Empty(t, b.Column(t, orphans))
			})
		}
	}
}

// besides returns what writes rows that point to a parent, what removes the parent
// beside it, and the query for rows that then point to nothing.
func besides(t *testing.T, b *harness.Bundle, what string) (write, remove func() error, orphans string) {
	t.Helper()
	ctx := context.Background()
	one := func(run func(context.Context, synced.Scope, any, ...synced.Call) (synced.Result, error), id any) func() error {
		return func() error {
			_, err := run(ctx, synced.In(7), id, synced.Call{Remove: synced.Destroy{}, AllowRemoval: true})
			return err
		}
	}
	switch what {
	case "seats", "cushions":
		m := newHalls(t, b)
		putHall(b, 1, seatOf(10))
		putHall(b, 2, seatOf(20))
		harness.Sync(t, m, synced.In(7))
		if what == "seats" {
			putHall(b, 1, seatOf(10), seatOf(11))
		} else {
			putHall(b, 1, seatOf(10, 100))
		}
		return func() error {
				_, err := m.Synchronize(ctx, synced.In(7))
				return err
			}, func() error {
				b.Server.Collection("halls").Delete(1)
				return one(m.SyncOne, 1)()
			},
			"SELECT 'seat ' || synced_id FROM seats WHERE NOT EXISTS (SELECT 1 FROM halls h WHERE h.id = hall_id) UNION ALL SELECT 'cushion ' || synced_id FROM cushions WHERE NOT EXISTS (SELECT 1 FROM seats s WHERE s.id = seat_id)"
	case "photos":
		houses, photos := harness.Album(t, b, synced.MissingNull)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 1, "name": "one"}, remotetest.Record{"id": 2, "name": "two"})
		harness.Sync(t, houses, synced.In(7))
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 1), harness.PhotoOf(2, 2))
		return func() error {
				_, err := photos.Synchronize(ctx, synced.In(7))
				return err
			}, func() error {
				b.Server.Collection("houses").Delete(1)
				return one(houses.SyncOne, 1)()
			},
			"SELECT 'photo ' || synced_id FROM photos WHERE house_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM houses h WHERE h.id = house_id)"
	default:
		c := newCatalog(t, b)
		b.Execute(t, "DROP TABLE item_labels")
		b.Execute(t, "CREATE TABLE item_labels (item_id bigint NOT NULL, label_id bigint NOT NULL, PRIMARY KEY (item_id, label_id))")
		putLabeled(b, 1)
		putLabeled(b, 2, labelOf("r"))
		harness.Sync(t, c.items, synced.In(7))
		putLabeled(b, 1, labelOf("r"))
		return func() error {
				_, err := c.items.Synchronize(ctx, synced.In(7))
				return err
			}, one(c.labels.SyncOne, "r"),
			"SELECT item_id || ':' || label_id FROM item_labels WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = item_id) OR NOT EXISTS (SELECT 1 FROM labels l WHERE l.id = label_id)"
	}
}

// A child that moves to a parent on a later page keeps its row, with what is the
// service's own, and its fingerprint: the next run writes nothing.
func TestContract_C58_C12_AChildThatMovedIsAsItWasWritten(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				m := newHalls(t, b)
				call := synced.Call{Commit: commit}
				putHall(b, 1, seatOf(10, 100), seatOf(11))
				for id := 2; id <= 5; id++ {
					putHall(b, id)
				}
				harness.Sync(t, m, synced.In(7), call)
				b.Execute(t, "UPDATE seats SET notes = 'ours'")
				before := b.Column(t, "SELECT id || notes FROM seats ORDER BY synced_id")
				putHall(b, 1, seatOf(11))
				putHall(b, 5, seatOf(10, 100))
				require.Equal(t, synced.Counts{Updated: 1, Unchanged: 1}, harness.Sync(t, m, synced.In(7), call).Children["seats"])
				require.Equal(t, before, b.Column(t, "SELECT id || notes FROM seats ORDER BY synced_id"))
				require.Equal(t, []string{"hall 5/seat 10/100", "hall 1/seat 11/-"}, hallsHold(t, b))
				require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) || '' FROM seats WHERE synced_hash IS NULL"))
				written := b.Written(t, "seats")
				harness.Sync(t, m, synced.In(7), call)
				require.Equal(t, written, b.Written(t, "seats"))
			})
		})
	}
}
