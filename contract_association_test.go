package synced_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// House has rooms, which have beds, and one owner.
type House struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

// Room is one of a house's.
type Room struct {
	ID        int64       `db:"id"`
	SyncedID  int64       `json:"id" db:"synced_id"`
	AccountID int64       `db:"account_id"`
	HouseID   int64       `db:"house_id" synced:"parent"`
	Name      string      `json:"name" db:"name"`
	Notes     string      `db:"notes"`
	Data      synced.Data `db:"synced_data"`
}

// Bed is one of a room's.
type Bed struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	RoomID   *int64 `db:"room_id" synced:"parent"`
	Size     string `json:"size" db:"size"`
}

// Owner is a house's, if it has one.
type Owner struct {
	SyncedID string `json:"id" db:"synced_id"`
	HouseID  int64  `db:"house_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

// estate is houses with what belongs to them.
type estate struct {
	houses *synced.Model[House]
	rooms  *synced.Model[Room]
	events *[]string
}

// newEstate creates the tables, with foreign keys, and binds the models.
func newEstate(t *testing.T, b *bundle, removal synced.Removal) estate {
	t.Helper()
	if b.pool == nil {
		execute(t, b, "CREATE TABLE houses (id integer PRIMARY KEY, synced_id bigint, account_id bigint, name text NOT NULL, synced_hash bigint, UNIQUE (account_id, synced_id))")
		execute(t, b, "CREATE TABLE rooms (id integer PRIMARY KEY, synced_id bigint, account_id bigint, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL, notes text NOT NULL DEFAULT 'none', synced_data text, synced_hash bigint, UNIQUE (account_id, synced_id))")
		execute(t, b, "CREATE TABLE beds (synced_id bigint UNIQUE, room_id bigint REFERENCES rooms (id), size text NOT NULL, synced_hash bigint)")
		execute(t, b, "CREATE TABLE owners (synced_id text UNIQUE, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL)")
	} else {
		execute(t, b, "CREATE TABLE houses (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, synced_id bigint, account_id bigint, name text NOT NULL, synced_hash bigint, UNIQUE (account_id, synced_id))")
		execute(t, b, "CREATE TABLE rooms (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, synced_id bigint, account_id bigint, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL, notes text NOT NULL DEFAULT 'none', synced_data json, synced_hash bigint, UNIQUE (account_id, synced_id))")
		execute(t, b, "CREATE TABLE beds (synced_id bigint UNIQUE, room_id bigint REFERENCES rooms (id), size text NOT NULL, synced_hash bigint)")
		execute(t, b, "CREATE TABLE owners (synced_id text UNIQUE, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL)")
	}
	events := &[]string{}
	beds := model(t, b, synced.Synced[Bed]{Table: "beds", OnChange: noting[Bed](events, "bed")})
	rooms := model(t, b, synced.Synced[Room]{Table: "rooms", Scope: "account_id", OnChange: noting[Room](events, "room"),
		Associations: []synced.Association{synced.HasMany(beds, "beds", "room_id")}})
	owners := bind(t, b, synced.Synced[Owner]{Table: "owners", OnChange: noting[Owner](events, "owner")})
	houses := model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id", Strategy: strategy.Full{}, Remove: removal, OnChange: noting[House](events, "house"),
		Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id"), synced.HasOne(owners, "links.owner", "house_id")}})
	return estate{houses, rooms, events}
}

// noting notes the changes that a handler receives.
func noting[T any](events *[]string, what string) func(context.Context, store.Tx, []synced.Change[T]) error {
	return func(_ context.Context, _ store.Tx, changes []synced.Change[T]) error {
		for _, c := range changes {
			*events = append(*events, fmt.Sprint(c.Kind, " ", what, " ", c.ID))
		}
		return nil
	}
}

// a nested object.
type nested = map[string]any

func room(id int, name string, beds ...nested) nested {
	if beds == nil {
		beds = []nested{}
	}
	return nested{"id": id, "name": name, "beds": beds}
}

func bed(id int, size string) nested { return nested{"id": id, "size": size} }

func TestContract_C50_C53_NestedObjectsBecomeRows(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		houses := b.srv.Collection("houses")
		houses.Put(
			remotetest.Record{"id": 1, "name": "one", "rooms": []nested{room(10, "kitchen"), room(11, "bedroom", bed(100, "king"), bed(101, "twin"))}, "links": nested{"owner": nested{"id": "o1", "name": "Ann"}}},
			remotetest.Record{"id": 2, "name": "two", "rooms": []nested{room(20, "attic", bed(200, "cot"))}, "links": nested{"owner": nil}},
			remotetest.Record{"id": 3, "name": "three"})
		e := newEstate(t, b, synced.Destroy)
		result := synchronize(t, e.houses, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"rooms": {Created: 3}, "beds": {Created: 3}, "owners": {Created: 1}}, result.Children)
		require.Equal(t, 1, result.Requests, "children come with their parents")
		require.Equal(t, "rooms,links.owner", b.srv.Log()[0].Query.Get("include"))
		require.Equal(t, []string{"created house 1", "created house 2", "created house 3", "created room 10", "created room 11", "created room 20",
			"created bed 100", "created bed 101", "created bed 200", "created owner o1"}, *e.events, "parents before children")
		require.Equal(t, []string{"one/kitchen/7", "one/bedroom/7", "two/attic/7"},
			column(t, b, "SELECT h.name || '/' || r.name || '/' || r.account_id FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY r.synced_id"))
		require.Equal(t, []string{"bedroom/king", "bedroom/twin", "attic/cot"},
			column(t, b, "SELECT r.name || '/' || b.size FROM beds b JOIN rooms r ON r.id = b.room_id ORDER BY b.synced_id"))
		require.Equal(t, []string{"one/Ann"}, column(t, b, "SELECT h.name || '/' || o.name FROM owners o JOIN houses h ON h.id = o.house_id"))
		row, err := e.rooms.Find(ctx, synced.In(7), 10)
		require.NoError(t, err)
		require.Equal(t, "none", row.Notes, "the default holds")

		// Nothing new writes nothing, on any level.
		*e.events = nil
		before := append(append(written(t, b, "houses"), written(t, b, "rooms")...), written(t, b, "beds")...)
		result = synchronize(t, e.houses, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"rooms": {Unchanged: 3}, "beds": {Unchanged: 3}, "owners": {Unchanged: 1}}, result.Children)
		require.Equal(t, before, append(append(written(t, b, "houses"), written(t, b, "rooms")...), written(t, b, "beds")...))
		require.Empty(t, *e.events)

		// A local edit of a child is mended, also where its parent is unchanged.
		execute(t, b, "UPDATE rooms SET name = 'edited', notes = 'ours' WHERE synced_id = 10")
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 2}, synchronize(t, e.houses, synced.In(7)).Children["rooms"])
		row, err = e.rooms.Find(ctx, synced.In(7), 10)
		require.NoError(t, err)
		require.Equal(t, "kitchen", row.Name)
		require.Equal(t, "ours", row.Notes)
	})
}

func TestContract_C51_ChildrenThatAreGone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		houses := b.srv.Collection("houses")
		put := func(id int, rooms any, owner any) {
			r := remotetest.Record{"id": id, "name": fmt.Sprint("house ", id), "links": nested{"owner": owner}}
			if rooms != nil {
				r["rooms"] = rooms
			}
			houses.Put(r)
		}
		rooms := func() []string {
			return column(t, b, "SELECT h.synced_id || ':' || r.synced_id FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY h.synced_id, r.synced_id")
		}
		put(1, []nested{room(10, "a"), room(11, "b", bed(100, "king"))}, nested{"id": "o", "name": "Ann"})
		put(2, []nested{room(20, "c"), room(21, "d")}, nil)
		put(3, []nested{room(30, "e")}, nil)
		e := newEstate(t, b, synced.Destroy)
		synchronize(t, e.houses, synced.In(7))
		require.Equal(t, []string{"1:10", "1:11", "2:20", "2:21", "3:30"}, rooms())

		// Room 11 with its bed is gone, 20 moves to house 1, house 3 says nothing
		// about rooms, and the owner is null.
		*e.events = nil
		put(1, []nested{room(10, "a"), room(20, "c")}, nil)
		put(2, []nested{room(21, "d")}, nil)
		put(3, nil, nil)
		result := synchronize(t, e.houses, synced.In(7))
		require.Equal(t, []string{"1:10", "1:20", "2:21", "3:30"}, rooms())
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 2, Removed: 1}, result.Children["rooms"])
		require.Equal(t, synced.Counts{Removed: 1}, result.Children["beds"])
		require.Equal(t, synced.Counts{Removed: 1}, result.Children["owners"])
		require.Contains(t, *e.events, "updated room 20")
		require.Less(t, index(*e.events, "removed bed 100"), index(*e.events, "removed room 11"), "children before parents")

		// A house that is gone takes its rooms along, before itself.
		houses.Delete(1)
		*e.events = nil
		result = synchronize(t, e.houses, synced.In(7))
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"2:21", "3:30"}, rooms())
		require.Equal(t, []string{"removed room 10", "removed room 20", "removed house 1"}, *e.events)

		// Without removal, children stay.
		put(2, []nested{}, nil)
		synchronize(t, e.houses, synced.In(7), synced.Call{Remove: synced.Keep})
		require.Equal(t, []string{"2:21", "3:30"}, rooms())
		synchronize(t, e.houses, synced.In(7))
		require.Equal(t, []string{"3:30"}, rooms())
	})
}

func index(list []string, want string) int {
	for i, s := range list {
		if s == want {
			return i
		}
	}
	return -1
}

func TestContract_C50_MistakesInNestedObjects(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		e := newEstate(t, b, synced.Destroy)
		cases := map[string]string{
			`{"id":1,"name":"x","rooms":[1,2]}`:                                    "page 1: record 1: rooms: it holds ids, not objects: synchronize rooms from an endpoint of their own, and tie them to their parents with BelongsTo",
			`{"id":1,"name":"x","rooms":{"id":1}}`:                                 "page 1: record 1: rooms: want a list of objects for the rows of rooms",
			`{"id":1,"name":"x","links":{"owner":[]}}`:                             "page 1: record 1: links.owner: want an object or null for the rows of owners",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":"a"},{"name":"b"}]}`:      "page 1: record 1: rooms: record no. 2: id: the record has no such attribute, and it is the remote id",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":5}]}`:                     "page 1: record 1: rooms: record 10: name: the number 5 does not fit field Name of type string",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":"a","beds":[{"id":1}]}]}`: "",
		}
		for raw, message := range cases {
			b.srv.Collection("houses").PutRaw(raw)
			_, err := e.houses.Synchronize(context.Background(), synced.In(7))
			if message == "" {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, "synced: houses (account_id 7): "+message)
		}
	})
}

func TestContract_C52_ChildrenAreWrittenAsASet(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		srv := remotetest.New(remotetest.Config{PerPage: 1000, Token: token})
		t.Cleanup(srv.Close)
		b.srv, b.api = srv, client(t, srv, token)
		count := statements(t, b)
		e := newEstate(t, b, synced.Destroy)
		cost := func(parents int, name string) int64 {
			for i := range parents {
				rooms := make([]nested, 5)
				for n := range rooms {
					rooms[n] = room(10*i+n, name, bed(10*i+n, name))
				}
				b.srv.Collection("houses").Put(remotetest.Record{"id": i + 1, "name": name, "rooms": rooms})
			}
			count.Store(0)
			result := synchronize(t, e.houses, synced.In(7))
			require.Equal(t, 1, result.Pages)
			for _, table := range []string{"rooms", "beds"} {
				c := result.Children[table]
				require.Equal(t, parents*5, c.Created+c.Updated+c.Unchanged)
			}
			return count.Load()
		}
		few := cost(5, "new")
		require.Positive(t, few)
		changed := cost(5, "changed")
		unchanged := cost(5, "changed")
		execute(t, b, "DELETE FROM beds")
		execute(t, b, "DELETE FROM rooms")
		execute(t, b, "DELETE FROM houses")
		require.Equal(t, few, cost(500, "new"), "created")
		require.Equal(t, changed, cost(500, "changed"), "updated")
		require.Equal(t, unchanged, cost(500, "changed"), "unchanged")
		t.Logf("statements of a page of any size: %d created, %d updated, %d unchanged", few, changed, unchanged)
	})
}

func TestContract_C31_C34_ChecksCompareChildren(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		b.srv.Collection("houses").Put(
			remotetest.Record{"id": 1, "name": "one", "rooms": []nested{room(10, "kitchen"), room(11, "bedroom", bed(100, "king"))}, "links": nested{"owner": nested{"id": "o1", "name": "Ann"}}},
			remotetest.Record{"id": 2, "name": "two", "rooms": []nested{room(20, "attic")}})
		e := newEstate(t, b, synced.Destroy)
		synchronize(t, e.houses, synced.In(7))
		diff, err := e.houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		execute(t, b, "UPDATE beds SET size = 'twin' WHERE synced_id = 100")
		execute(t, b, "UPDATE rooms SET house_id = (SELECT id FROM houses WHERE synced_id = 1) WHERE synced_id = 20")
		execute(t, b, "DELETE FROM rooms WHERE synced_id = 10")
		execute(t, b, "INSERT INTO rooms (account_id, synced_id, house_id, name) SELECT 7, 99, id, 'shed' FROM houses WHERE synced_id = 2")
		diff, err = e.houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		var found []string
		for _, c := range diff.Changed {
			for _, f := range c.Fields {
				found = append(found, c.ID+" "+f.Column)
			}
		}
		require.Equal(t, []string{"1 rooms[10]", "1 rooms[11].beds[100].size", "2 rooms[20].house_id", "2 rooms[99]"}, found)

		_, err = e.houses.Apply(ctx, synced.In(7), diff)
		require.NoError(t, err)
		diff, err = e.houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)
	})
}

func TestContract_C54_IncludeWithoutAnAssociation(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one", "reviews": []nested{{"id": 5, "stars": 4}}})
		d := fullRentals()
		d.Include = []string{"reviews"}
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		require.Equal(t, "reviews", b.srv.Log()[0].Query.Get("include"))
		row, err := rentals.Find(context.Background(), synced.In(1), 1)
		require.NoError(t, err)
		o, err := row.SyncedData.Object()
		require.NoError(t, err)
		reviews, err := remote.Get[[]nested](o, "reviews")
		require.NoError(t, err)
		require.EqualValues(t, 4, reviews[0]["stars"])
	})
}

func TestContract_C15_C50_RecordsGivenWithChildren(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		e := newEstate(t, b, synced.Destroy)
		given := object(t, nested{"id": 1, "name": "one", "rooms": []nested{room(10, "kitchen"), room(11, "bedroom")}})
		result := synchronize(t, e.houses, synced.In(7), synced.Call{Records: []remote.Object{given}})
		require.Equal(t, 2, result.Children["rooms"].Created)
		given = object(t, nested{"id": 1, "name": "one", "rooms": []nested{room(11, "bedroom")}})
		result = synchronize(t, e.houses, synced.In(7), synced.Call{Records: []remote.Object{given}})
		require.Equal(t, synced.Counts{Unchanged: 1, Removed: 1}, result.Children["rooms"])
		require.Zero(t, b.srv.Requests())
	})
}

// A child model may have an endpoint of its own: its own runs leave the parent's
// key alone, and so do the parent's runs what is the child's.
func TestAChildWithAnEndpointOfItsOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		b.srv.Collection("houses").Put(remotetest.Record{"id": 1, "name": "one", "rooms": []nested{room(10, "kitchen")}})
		b.srv.Collection("rooms").PutRaw(`{"beds":[],"id":10,"name":"kitchen"}`)
		e := newEstate(t, b, synced.Destroy)
		synchronize(t, e.houses, synced.In(7))
		parent := column(t, b, "SELECT house_id || '' FROM rooms")
		for range 2 {
			require.Equal(t, counts{unchanged: 1}, countsOf(synchronize(t, e.rooms, synced.In(7), synced.Call{Strategy: strategy.Full{}})))
			require.Equal(t, synced.Counts{Unchanged: 1}, synchronize(t, e.houses, synced.In(7)).Children["rooms"])
		}
		b.srv.Collection("rooms").PutRaw(`{"id":10,"name":"galley","beds":[]}`)
		require.Equal(t, counts{updated: 1}, countsOf(synchronize(t, e.rooms, synced.In(7), synced.Call{Strategy: strategy.Full{}})))
		require.Equal(t, parent, column(t, b, "SELECT house_id || '' FROM rooms"))
		require.Equal(t, []string{"galley"}, column(t, b, "SELECT name FROM rooms"))
	})
}
