package associations_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// ways are the ways in which the row of house 7 goes and comes back.
var ways = []string{"run", "atomic run", "SyncOne", "Apply", "ApproveRemoval"}

// houseIn brings the row of house 7 in step, in one of the ways.
func houseIn(t *testing.T, how string, houses *synced.Model[harness.House]) {
	t.Helper()
	ctx := context.Background()
	full := synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{}}
	switch how {
	case "SyncOne":
		_, err := houses.SyncOne(ctx, synced.In(1), 7, synced.Call{Remove: synced.Destroy{}})
		require.NoError(t, err)
	case "Apply":
		full.DryRun = true
		diff := harness.Sync(t, houses, synced.In(1), full).Diff // which asks for what it does not list
		full.DryRun = false
		_, err := houses.Apply(ctx, synced.In(1), diff, full)
		require.NoError(t, err)
	case "ApproveRemoval":
		full.Remove = synced.Destroy{Limit: 0.01}
		result, err := houses.Synchronize(ctx, synced.In(1), full)
		require.NoError(t, err)
		if result.Refused != nil {
			_, err = houses.ApproveRemoval(ctx, synced.In(1), result.Refused.Plan, full)
			require.NoError(t, err)
		}
	case "atomic run":
		full.Commit = synced.Atomic{}
		fallthrough
	default:
		harness.Sync(t, houses, synced.In(1), full)
	}
}

func TestContract_C95_KeysFollowTheParent(t *testing.T) {
	for _, how := range ways {
		t.Run(how, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				houses, photos := harness.Album(t, b, synced.MissingNull)
				b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"}, remotetest.Record{"id": 9, "name": "nine"})
				b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8), harness.PhotoOf(3, 7), harness.PhotoOf(4, nil))
				harness.Sync(t, houses, synced.In(1))
				harness.Sync(t, photos, synced.In(1))
				require.Equal(t, []string{"1:seven", "2:eight", "3:seven", "4:-"}, harness.Shown(t, b))

				for range 2 {
					before := b.Column(t, "SELECT id || '' FROM houses WHERE synced_id = 7")
					b.Server.Collection("houses").Delete(7)
					houseIn(t, how, houses)
					require.Equal(t, []string{"null", "null", "null"}, b.Column(t, "SELECT house_id || '' FROM photos WHERE synced_id <> 2 ORDER BY synced_id"))
					written := b.Written(t, "photos")
					require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
					require.Equal(t, written, b.Written(t, "photos"), "the rows are as the run would write them")

					b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "again"})
					houseIn(t, how, houses)
					require.Equal(t, []string{"1:again", "2:eight", "3:again", "4:-"}, harness.Shown(t, b))
					require.NotEqual(t, before, b.Column(t, "SELECT id || '' FROM houses WHERE synced_id = 7"), "no key is used twice")
					require.Empty(t, b.Column(t, "SELECT remote_id FROM synced_waiting"))
					written = b.Written(t, "photos")
					require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
					require.Equal(t, written, b.Written(t, "photos"), "the rows are as the run would write them")
				}
			})
		})
	}
}

// The parent is nested in one that goes, is canceled by it, or comes back by a fetch.
func TestContract_C95_KeysFollowANestedParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		e := harness.NewEstate(t, b, synced.Destroy{})
		views := harness.Model(t, b, synced.Synced[view]{Table: "views", Strategy: strategy.Full{}, Remove: synced.Destroy{}, Outbox: true, BelongsTo: []synced.Parent{synced.BelongsTo(e.Rooms, "room", "room_id", synced.MissingNull)}, Scope: "account_id"})
		put := func(id int, rooms ...harness.Nested) {
			b.Server.Collection("houses").Put(remotetest.Record{"id": id, "name": fmt.Sprint(id), "rooms": rooms})
		}
		put(1, harness.RoomOf(10, "a"), harness.RoomOf(11, "b"))
		put(2)
		b.Server.Collection("views").Put(remotetest.Record{"id": 100, "room": 10}, remotetest.Record{"id": 110, "room": 11})
		harness.Sync(t, e.Houses, synced.In(1))
		harness.Sync(t, views, synced.In(1))
		shown := func() []string {
			return b.Column(t, "SELECT v.synced_id || ':' || coalesce(r.name, '-') || CASE WHEN v.room_id IS NULL THEN ' null' ELSE '' END FROM views v LEFT JOIN rooms r ON r.id = v.room_id ORDER BY 1")
		}
		require.Equal(t, []string{"100:a", "110:b"}, shown())

		put(1, harness.RoomOf(11, "b")) // room 10 is no longer listed
		harness.Sync(t, e.Houses, synced.In(1))
		require.Equal(t, []string{"100:- null", "110:b"}, shown())

		b.Server.Collection("houses").Delete(1) // with room 11
		harness.Sync(t, e.Houses, synced.In(1))
		require.Equal(t, []string{"100:- null", "110:- null"}, shown())

		put(2, harness.RoomOf(10, "c"), harness.RoomOf(11, "d"))
		_, err := e.Houses.SyncOne(context.Background(), synced.In(1), 2)
		require.NoError(t, err)
		require.Equal(t, []string{"100:c", "110:d"}, shown())

		told := map[string]string{}
		for _, c := range harness.Deliver(t, b, "all", -1, "views") {
			told[c.RemoteID] = fmt.Sprint(c.New["room_id"])
		}
		require.Equal(t, b.Column(t, "SELECT synced_id || ':' || room_id FROM views ORDER BY 1"), []string{"100:" + told["100"], "110:" + told["110"]}, "the outbox tells of it")
	})
}

// view points to a room.
type view struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Account  int64  `db:"account_id"`
	RoomID   *int64 `db:"room_id" synced:"parent"`
}

func TestContract_C95_AParentThatIsFetchedAgain(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses, photos := harness.Album(t, b, synced.MissingFetch)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 7))
		harness.Sync(t, houses, synced.In(1))
		harness.Sync(t, photos, synced.In(1))
		b.Server.Collection("houses").Delete(7)
		houseIn(t, "run", houses)
		require.Equal(t, []string{"1:-", "2:-"}, harness.Shown(t, b))
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "again"})
		b.Server.Collection("photos").Put(harness.PhotoOf(3, 7))
		_, err := photos.SyncOne(context.Background(), synced.In(1), 3) // which fetches it
		require.NoError(t, err)
		require.Equal(t, []string{"1:again", "2:again", "3:again"}, harness.Shown(t, b))
	})
}

// Another process removes the parent, one that knows nothing of photos, or the service
// itself does: the next full run of the photos finds it.
func TestContract_C95_AParentThatWentUnnoticed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses, photos := harness.Album(t, b, synced.MissingNull)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8), harness.PhotoOf(3, 99))
		harness.Sync(t, houses, synced.In(1))
		harness.Sync(t, photos, synced.In(1))
		full := synced.Call{Strategy: strategy.Full{}}

		b.Execute(t, "DELETE FROM houses WHERE synced_id = 7")
		harness.Sync(t, photos, synced.In(1), full)
		require.Equal(t, []string{"null"}, b.Column(t, "SELECT house_id || '' FROM photos WHERE synced_id = 1"))
		harness.Sync(t, houses, synced.In(1), full)
		require.Equal(t, []string{"1:seven", "2:eight", "3:-"}, harness.Shown(t, b))

		b.Execute(t, "DELETE FROM houses WHERE synced_id = 7")
		harness.Sync(t, houses, synced.In(1), full)
		require.Equal(t, 1, harness.Sync(t, photos, synced.In(1), full).Updated)
		require.Equal(t, []string{"1:seven", "2:eight", "3:-"}, harness.Shown(t, b))
		written := b.Written(t, "photos")
		harness.Sync(t, photos, synced.In(1), full)
		require.Equal(t, written, b.Written(t, "photos"))
	})
}

func TestContract_C95_ALinkThatBecameNullIsNotFilled(t *testing.T) {
	for _, how := range []string{"run", "SyncOne", "another parent"} {
		t.Run(how, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				houses, photos := harness.Album(t, b, synced.MissingNull)
				b.Server.Collection("houses").Put(remotetest.Record{"id": 8, "name": "eight"})
				b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 7))
				harness.Sync(t, houses, synced.In(1))
				harness.Sync(t, photos, synced.In(1))
				b.Server.Collection("photos").Put(harness.PhotoOf(1, nil))
				want := "1:-"
				switch how {
				case "SyncOne":
					_, err := photos.SyncOne(context.Background(), synced.In(1), 1)
					require.NoError(t, err)
				case "another parent":
					b.Server.Collection("photos").Put(harness.PhotoOf(1, 8))
					want = "1:eight"
					fallthrough
				default:
					harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})
				}
				b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
				harness.Sync(t, houses, synced.In(1), synced.Call{Strategy: strategy.Full{}})
				require.Equal(t, []string{want, "2:seven"}, harness.Shown(t, b))
				b.Server.Advance(1e11)
				harness.Sync(t, photos, synced.In(1))
				require.Equal(t, []string{want, "2:seven"}, harness.Shown(t, b))
			})
		})
	}
}

// A parent without scopes has children in many.
func TestContract_C95_AParentOfEveryScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type city struct {
			ID       int64  `db:"id"`
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		cities := harness.Model(t, b, synced.Synced[city]{Table: "houses", Remove: synced.Destroy{}, Strategy: strategy.Full{}})
		photos := harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", BelongsTo: []synced.Parent{synced.BelongsTo(cities, "links.house", "house_id", synced.MissingNull)}})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		harness.Sync(t, cities, synced.NoScope)
		for account := range 2 {
			given := harness.Object(t, harness.Nested{"id": account + 1, "name": "p", "links": harness.Nested{"house": 7}})
			harness.Sync(t, photos, synced.In(account+1), synced.Call{Records: []remote.Object{given}})
		}
		require.Equal(t, []string{"1:seven", "2:seven"}, harness.Shown(t, b))
		b.Server.Collection("houses").Delete(7)
		harness.Sync(t, cities, synced.NoScope)
		require.Equal(t, []string{"null", "null"}, b.Column(t, "SELECT house_id || '' FROM photos"))
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "again"})
		harness.Sync(t, cities, synced.NoScope)
		require.Equal(t, []string{"1:again", "2:again"}, harness.Shown(t, b))
	})
}

// A column that can't be null keeps the key, which is no other row's, until the parent
// is back.
func TestContract_C95_AKeyThatCantBeNull(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type shot struct {
			SyncedID  int64  `json:"id" db:"synced_id"`
			AccountID int64  `db:"account_id"`
			HouseID   int64  `db:"house_id" synced:"parent"`
			Name      string `json:"name" db:"name"`
		}
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
		photos := harness.Model(t, b, synced.Synced[shot]{Table: "photos", Scope: "account_id", Strategy: strategy.Full{}, BelongsTo: []synced.Parent{synced.BelongsTo(houses, "links.house", "house_id", synced.MissingFail)}})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8))
		harness.Sync(t, houses, synced.In(1))
		harness.Sync(t, photos, synced.In(1))
		b.Server.Collection("houses").Delete(7)
		houseIn(t, "run", houses)
		require.Equal(t, []string{"1:-", "2:eight"}, harness.Shown(t, b))
		_, err := photos.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "houses has no row with remote id 7 yet")
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "again"})
		houseIn(t, "run", houses)
		require.Equal(t, []string{"1:again", "2:eight"}, harness.Shown(t, b))
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, photos, synced.In(1))))
	})
}

// A canceled row whose key follows its parent is told as removed, which it stays.
func TestContract_C114_CanceledRowsThatFollow(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
		photos := harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", Outbox: true, Remove: synced.Cancel{Column: "canceled_at"},
			BelongsTo: []synced.Parent{synced.BelongsTo(houses, "links.house", "house_id", synced.MissingNull)}})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"}, remotetest.Record{"id": 9, "name": "nine"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 7), harness.PhotoOf(3, 7))
		harness.Sync(t, houses, synced.In(1))
		harness.Sync(t, photos, synced.In(1))
		b.Server.Collection("photos").Delete(2)
		require.Equal(t, 1, harness.Sync(t, photos, synced.In(1)).Removed)
		harness.Deliver(t, b, "copy", -1)
		b.Server.Collection("houses").Delete(7)
		houseIn(t, "run", houses)
		require.Equal(t, []string{"updated photos 1", "removed photos 2", "updated photos 3"}, harness.Told(harness.Deliver(t, b, "copy", -1)))
	})
}
