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

func TestContract_C50_C53_NestedObjectsBecomeRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		houses := b.Server.Collection("houses")
		houses.Put(
			remotetest.Record{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(10, "kitchen"), harness.RoomOf(11, "bedroom", harness.BedOf(100, "king"), harness.BedOf(101, "twin"))}, "links": harness.Nested{"owner": harness.Nested{"id": "o1", "name": "Ann"}}},
			remotetest.Record{"id": 2, "name": "two", "rooms": []harness.Nested{harness.RoomOf(20, "attic", harness.BedOf(200, "cot"))}, "links": harness.Nested{"owner": nil}},
			remotetest.Record{"id": 3, "name": "three"})
		e := harness.NewEstate(t, b, synced.Destroy{})
		result := harness.Sync(t, e.Houses, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"rooms": {Created: 3}, "beds": {Created: 3}, "owners": {Created: 1}}, result.Children)
		require.Equal(t, 1, result.Requests, "children come with their parents")
		require.Equal(t, "rooms,links.owner", b.Server.Log()[0].Query.Get("include"))
		require.Equal(t, []string{"created house 1", "created house 2", "created house 3", "created room 10", "created room 11", "created room 20",
			"created bed 100", "created bed 101", "created bed 200", "created owner o1"}, *e.Events, "parents before children")
		require.Equal(t, []string{"one/kitchen/7", "one/bedroom/7", "two/attic/7"},
			b.Column(t, "SELECT h.name || '/' || r.name || '/' || r.account_id FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY r.synced_id"))
		require.Equal(t, []string{"bedroom/king", "bedroom/twin", "attic/cot"},
			b.Column(t, "SELECT r.name || '/' || b.size FROM beds b JOIN rooms r ON r.id = b.room_id ORDER BY b.synced_id"))
		require.Equal(t, []string{"one/Ann"}, b.Column(t, "SELECT h.name || '/' || o.name FROM owners o JOIN houses h ON h.id = o.house_id"))
		row, err := e.Rooms.Find(ctx, synced.In(7), 10)
		require.NoError(t, err)
		require.Equal(t, "none", row.Notes, "the default holds")

		// Nothing new writes nothing, on any level.
		*e.Events = nil
		before := append(append(b.Written(t, "houses"), b.Written(t, "rooms")...), b.Written(t, "beds")...)
		result = harness.Sync(t, e.Houses, synced.In(7))
		require.Equal(t, map[string]synced.Counts{"rooms": {Unchanged: 3}, "beds": {Unchanged: 3}, "owners": {Unchanged: 1}}, result.Children)
		require.Equal(t, before, append(append(b.Written(t, "houses"), b.Written(t, "rooms")...), b.Written(t, "beds")...))
		require.Empty(t, *e.Events)

		// A local edit of a child is mended, also where its parent is unchanged.
		b.Execute(t, "UPDATE rooms SET name = 'edited', notes = 'ours' WHERE synced_id = 10")
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 2}, harness.Sync(t, e.Houses, synced.In(7)).Children["rooms"])
		row, err = e.Rooms.Find(ctx, synced.In(7), 10)
		require.NoError(t, err)
		require.Equal(t, "kitchen", row.Name)
		require.Equal(t, "ours", row.Notes)
	})
}

func TestContract_C51_ChildrenThatAreGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := b.Server.Collection("houses")
		put := func(id int, rooms any, owner any) {
			r := remotetest.Record{"id": id, "name": fmt.Sprint("house ", id), "links": harness.Nested{"owner": owner}}
			if rooms != nil {
				r["rooms"] = rooms
			}
			houses.Put(r)
		}
		rooms := func() []string {
			return b.Column(t, "SELECT h.synced_id || ':' || r.synced_id FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY h.synced_id, r.synced_id")
		}
		put(1, []harness.Nested{harness.RoomOf(10, "a"), harness.RoomOf(11, "b", harness.BedOf(100, "king"))}, harness.Nested{"id": "o", "name": "Ann"})
		put(2, []harness.Nested{harness.RoomOf(20, "c"), harness.RoomOf(21, "d")}, nil)
		put(3, []harness.Nested{harness.RoomOf(30, "e")}, nil)
		e := harness.NewEstate(t, b, synced.Destroy{})
		harness.Sync(t, e.Houses, synced.In(7))
		require.Equal(t, []string{"1:10", "1:11", "2:20", "2:21", "3:30"}, rooms())

		// Room 11 with its bed is gone, 20 moves to house 1, house 3 says nothing
		// about rooms, and the owner is null.
		*e.Events = nil
		put(1, []harness.Nested{harness.RoomOf(10, "a"), harness.RoomOf(20, "c")}, nil)
		put(2, []harness.Nested{harness.RoomOf(21, "d")}, nil)
		put(3, nil, nil)
		result := harness.Sync(t, e.Houses, synced.In(7))
		require.Equal(t, []string{"1:10", "1:20", "2:21", "3:30"}, rooms())
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 2, Removed: 1}, result.Children["rooms"])
		require.Equal(t, synced.Counts{Removed: 1}, result.Children["beds"])
		require.Equal(t, synced.Counts{Removed: 1}, result.Children["owners"])
		require.Contains(t, *e.Events, "updated room 20")
		require.Less(t, index(*e.Events, "removed bed 100"), index(*e.Events, "removed room 11"), "children before parents")

		// A house that is gone takes its rooms along, before itself.
		houses.Delete(1)
		*e.Events = nil
		result = harness.Sync(t, e.Houses, synced.In(7))
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"2:21", "3:30"}, rooms())
		require.Equal(t, []string{"removed room 10", "removed room 20", "removed house 1"}, *e.Events)

		// Without removal, children stay.
		put(2, []harness.Nested{}, nil)
		harness.Sync(t, e.Houses, synced.In(7), synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, []string{"2:21", "3:30"}, rooms())
		harness.Sync(t, e.Houses, synced.In(7))
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
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		e := harness.NewEstate(t, b, synced.Destroy{})
		cases := map[string]string{
			`{"id":1,"name":"x","rooms":[1,2]}`:                                    "page 1: record 1: rooms: it holds ids, not objects: synchronize rooms from an endpoint of their own, and tie them to their parents with BelongsTo",
			`{"id":1,"name":"x","rooms":{"id":1}}`:                                 "page 1: record 1: rooms: it holds an object, where a list is wanted for the rows of rooms: declare HasOne, or name the list in it",
			`{"id":1,"name":"x","links":{"owner":[]}}`:                             "page 1: record 1: links.owner: it holds a list, where HasOne wants an object or null for the rows of owners: declare HasMany",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":"a"},{"name":"b"}]}`:      "page 1: record 1: rooms: record no. 2: id: the record has no such attribute, and it is the remote id: name the one that is in the json tag of field SyncedID",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":5}]}`:                     "page 1: record 1: rooms: record 10: name: the number 5 does not fit field Name of type string; make Name an int64, a float64 or a json.Number, or set Invalid: synced.Quarantine{}",
			`{"id":1,"name":"x","rooms":[{"id":10,"name":"a","beds":[{"id":1}]}]}`: "",
		}
		for raw, message := range cases {
			b.Server.Collection("houses").PutRaw(raw)
			_, err := e.Houses.Synchronize(context.Background(), synced.In(7))
			if message == "" {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, "synced: houses (account_id 7): "+message)
		}
	})
}

func TestContract_C52_ChildrenAreWrittenAsASet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv := remotetest.New(remotetest.Config{PerPage: 1000, Token: harness.Token})
		t.Cleanup(srv.Close)
		b.Server, b.API = srv, harness.Client(t, srv, harness.Token)
		count := b.Statements(t)
		e := harness.NewEstate(t, b, synced.Destroy{})
		cost := func(parents int, name string) int64 {
			for i := range parents {
				rooms := make([]harness.Nested, 5)
				for n := range rooms {
					rooms[n] = harness.RoomOf(10*i+n, name, harness.BedOf(10*i+n, name))
				}
				b.Server.Collection("houses").Put(remotetest.Record{"id": i + 1, "name": name, "rooms": rooms})
			}
			count.Store(0)
			result := harness.Sync(t, e.Houses, synced.In(7))
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
		b.Execute(t, "DELETE FROM beds")
		b.Execute(t, "DELETE FROM rooms")
		b.Execute(t, "DELETE FROM houses")
		require.Equal(t, few, cost(500, "new"), "created")
		require.Equal(t, changed, cost(500, "changed"), "updated")
		require.Equal(t, unchanged, cost(500, "changed"), "unchanged")
		t.Logf("statements of a page of any size: %d created, %d updated, %d unchanged", few, changed, unchanged)
	})
}

func TestContract_C31_C34_ChecksCompareChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Server.Collection("houses").Put(
			remotetest.Record{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(10, "kitchen"), harness.RoomOf(11, "bedroom", harness.BedOf(100, "king"))}, "links": harness.Nested{"owner": harness.Nested{"id": "o1", "name": "Ann"}}},
			remotetest.Record{"id": 2, "name": "two", "rooms": []harness.Nested{harness.RoomOf(20, "attic")}})
		e := harness.NewEstate(t, b, synced.Destroy{})
		harness.Sync(t, e.Houses, synced.In(7))
		diff, err := e.Houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		b.Execute(t, "UPDATE beds SET size = 'twin' WHERE synced_id = 100")
		b.Execute(t, "UPDATE rooms SET house_id = (SELECT id FROM houses WHERE synced_id = 1) WHERE synced_id = 20")
		b.Execute(t, "DELETE FROM rooms WHERE synced_id = 10")
		b.Execute(t, "INSERT INTO rooms (account_id, synced_id, house_id, name) SELECT 7, 99, id, 'shed' FROM houses WHERE synced_id = 2")
		diff, err = e.Houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		var found []string
		for _, c := range diff.Changed {
			for _, f := range c.Fields {
				found = append(found, c.ID+" "+f.Column)
			}
		}
		require.Equal(t, []string{"1 rooms[10]", "1 rooms[11].beds[100].size", "2 rooms[20].house_id", "2 rooms[99]"}, found)

		_, err = e.Houses.Apply(ctx, synced.In(7), diff)
		require.NoError(t, err)
		diff, err = e.Houses.Check(ctx, synced.In(7))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)
	})
}

func TestContract_C54_IncludeWithoutAnAssociation(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one", "reviews": []harness.Nested{{"id": 5, "stars": 4}}})
		d := harness.Rentals()
		d.Ask.Include = []string{"reviews"}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, "reviews", b.Server.Log()[0].Query.Get("include"))
		row, err := rentals.Find(context.Background(), synced.In(1), 1)
		require.NoError(t, err)
		o, err := row.SyncedData.Object()
		require.NoError(t, err)
		reviews, err := remote.Get[[]harness.Nested](o, "reviews")
		require.NoError(t, err)
		require.EqualValues(t, 4, reviews[0]["stars"])
	})
}

func TestContract_C15_C50_RecordsGivenWithChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		e := harness.NewEstate(t, b, synced.Destroy{})
		given := harness.Object(t, harness.Nested{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(10, "kitchen"), harness.RoomOf(11, "bedroom")}})
		result := harness.Sync(t, e.Houses, synced.In(7), synced.Call{Records: []remote.Object{given}})
		require.Equal(t, 2, result.Children["rooms"].Created)
		given = harness.Object(t, harness.Nested{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(11, "bedroom")}})
		result = harness.Sync(t, e.Houses, synced.In(7), synced.Call{Records: []remote.Object{given}})
		require.Equal(t, synced.Counts{Unchanged: 1, Removed: 1}, result.Children["rooms"])
		require.Zero(t, b.Server.Requests())
	})
}

// A child model may have an endpoint of its own: its own runs leave the parent's
// key alone, and so do the parent's runs what is the child's.
func TestAChildWithAnEndpointOfItsOwn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Collection("houses").Put(remotetest.Record{"id": 1, "name": "one", "rooms": []harness.Nested{harness.RoomOf(10, "kitchen")}})
		b.Server.Collection("rooms").PutRaw(`{"beds":[],"id":10,"name":"kitchen"}`)
		e := harness.NewEstate(t, b, synced.Destroy{})
		harness.Sync(t, e.Houses, synced.In(7))
		parent := b.Column(t, "SELECT house_id || '' FROM rooms")
		for range 2 {
			require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, e.Rooms, synced.In(7), synced.Call{Strategy: strategy.Full{}})))
			require.Equal(t, synced.Counts{Unchanged: 1}, harness.Sync(t, e.Houses, synced.In(7)).Children["rooms"])
		}
		b.Server.Collection("rooms").PutRaw(`{"id":10,"name":"galley","beds":[]}`)
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, e.Rooms, synced.In(7), synced.Call{Strategy: strategy.Full{}})))
		require.Equal(t, parent, b.Column(t, "SELECT house_id || '' FROM rooms"))
		require.Equal(t, []string{"galley"}, b.Column(t, "SELECT name FROM rooms"))
	})
}
