package synced_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Photo points to a house by a remote id in its links, and has an endpoint of
// its own.
type Photo struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	HouseID   *int64 `db:"house_id" synced:"parent"`
	Name      string `json:"name" db:"name"`
}

// album is houses, and photos that belong to them.
func album(t *testing.T, b *bundle, missing synced.Missing) (*synced.Model[House], *synced.Model[Photo]) {
	t.Helper()
	houses := model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id"})
	photos := model(t, b, synced.Synced[Photo]{Table: "photos", Scope: "account_id", BelongsTo: []synced.Parent{
		synced.BelongsTo(houses, "links.house", "house_id", missing)}})
	return houses, photos
}

func photo(id int, house any) remotetest.Record {
	return remotetest.Record{"id": id, "name": "photo", "links": nested{"house": house}}
}

// shown lists which photo shows which house.
func shown(t *testing.T, b *bundle) []string {
	t.Helper()
	return column(t, b, "SELECT p.synced_id || ':' || COALESCE(h.name, '-') FROM photos p LEFT JOIN houses h ON h.id = p.house_id ORDER BY p.synced_id")
}

func TestBelongsTo_ResolvesTheLocalParent(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		houses, photos := album(t, b, synced.LeaveNull)
		b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.srv.Collection("photos").Put(photo(1, 7), photo(2, 8), photo(3, nil), remotetest.Record{"id": 4, "name": "no links"}, photo(5, 7))
		synchronize(t, houses, synced.In(2)) // another account's: not theirs
		synchronize(t, houses, synced.In(1))
		require.Equal(t, 5, synchronize(t, photos, synced.In(1)).Created)
		require.Equal(t, []string{"1:seven", "2:eight", "3:-", "4:-", "5:seven"}, shown(t, b))
		require.Equal(t, []string{"1"}, column(t, b, "SELECT DISTINCT h.account_id || '' FROM photos p JOIN houses h ON h.id = p.house_id"))

		// It moves, and a local edit of the key is mended by a full run.
		b.srv.Advance(1e10)
		b.srv.Collection("photos").Update(1, remotetest.Record{"links": nested{"house": 8}})
		synchronize(t, photos, synced.In(1))
		require.Equal(t, "1:eight", shown(t, b)[0])
		execute(t, b, "UPDATE photos SET house_id = NULL WHERE synced_id = 5")
		diff, err := photos.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Changed, 1)
		require.Equal(t, "house_id", diff.Changed[0].Fields[0].Column)
		require.Equal(t, 1, synchronize(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}}).Updated)
		require.Equal(t, "5:seven", shown(t, b)[4])
		require.Equal(t, counts{unchanged: 5}, countsOf(synchronize(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
	})
}

func TestBelongsTo_LeavesNullAndMends(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		for _, how := range []string{"in the parent's run", "in the child's next run"} {
			t.Run(how, func(t *testing.T) {
				onBoth(t, func(t *testing.T, b *bundle) {
					houses, photos := album(t, b, synced.LeaveNull)
					b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
					b.srv.Collection("photos").Put(photo(1, 7), photo(2, 8), photo(3, 99), photo(4, 7))
					synchronize(t, photos, synced.In(1), synced.Call{Commit: commit})
					require.Equal(t, []string{"1:-", "2:-", "3:-", "4:-"}, shown(t, b))
					require.Len(t, column(t, b, "SELECT remote_id FROM synced_waiting"), 4)
					if how == "in the child's next run" {
						// The parents come by a model that knows nothing of photos.
						houses = bind(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id"})
					}
					synchronize(t, houses, synced.In(1), synced.Call{Commit: commit})
					if how == "in the child's next run" {
						require.Equal(t, []string{"1:-", "2:-", "3:-", "4:-"}, shown(t, b))
						b.srv.Advance(1e11)
						synchronize(t, photos, synced.In(1), synced.Call{Commit: commit}) // lists none of them
					}
					require.Equal(t, []string{"1:seven", "2:eight", "3:-", "4:seven"}, shown(t, b))
					require.Equal(t, []string{"3"}, column(t, b, "SELECT remote_id FROM synced_waiting"))
					require.Equal(t, counts{unchanged: 4}, countsOf(synchronize(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
				})
			})
		}
	}
}

func TestBelongsTo_Fetches(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		_, photos := album(t, b, synced.Fetch)
		b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.srv.Collection("photos").Put(photo(1, 7), photo(2, 7), photo(3, 99), photo(4, 7), photo(5, 99))
		b.srv.OnRequest(func(r remotetest.Request) {
			if strings.HasPrefix(r.Collection, "houses") {
				require.Empty(t, openTransactions(t, b), "no transaction waits for the parent")
			}
		})
		result := synchronize(t, photos, synced.In(1))
		require.Equal(t, []string{"1:seven", "2:seven", "3:-", "4:seven", "5:-"}, shown(t, b))
		require.Equal(t, 4, result.Requests, "two pages, and each parent once")
		require.Equal(t, []string{"seven"}, column(t, b, "SELECT name FROM houses"), "and no other")
	})
}

func TestBelongsTo_Fails(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		houses, photos := album(t, b, synced.FailRun)
		b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
		b.srv.Collection("photos").Put(photo(1, 7), photo(2, 8))
		_, err := photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: photos (account_id 1): page 1: record 1: links.house: houses has no row with remote id 7 yet: synchronize it first")
		synchronize(t, houses, synced.In(1))
		_, err = photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: photos (account_id 1): page 1: record 2: links.house: houses has no row with remote id 8 yet: synchronize it first")
		b.srv.Collection("photos").Put(photo(2, "x"))
		_, err = photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, `synced: photos (account_id 1): page 1: record 2: links.house: the remote id is "x", but field SyncedID wants a 64-bit integer`)
	})
}

func TestContract_C07_MistakesInAssociations(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		houses := model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id"})
		photos := model(t, b, synced.Synced[Photo]{Table: "photos", Scope: "account_id"})
		beds := model(t, b, synced.Synced[Bed]{Table: "beds"})
		other := setup(t, "sqlite")
		foreign := model(t, other, synced.Synced[Photo]{Table: "photos", Scope: "account_id"})
		house := func(a ...synced.Association) error {
			_, err := synced.New(b.db, synced.Synced[House]{Table: "houses", Scope: "account_id", Associations: a})
			return err
		}
		own := func(p ...synced.Parent) error {
			_, err := synced.New(b.db, synced.Synced[Photo]{Table: "photos", Scope: "account_id", BelongsTo: p})
			return err
		}
		for message, err := range map[string]error{
			`synced: houses: association "photos": the child model is nil: make it with synced.New first`:                                                                 house(synced.HasMany[Photo](nil, "photos", "house_id")),
			`synced: houses: association "": no attribute: name the one that holds the nested objects`:                                                                    house(synced.HasMany(photos, "", "house_id")),
			`synced: houses: association "photos": the child photos is in another store: make both with the same one`:                                                     house(synced.HasMany(foreign, "photos", "house_id")),
			"synced: houses: association \"photos\": the child photos has no field for the parent's key in column \"name\": add one with `db:\"name\" synced:\"parent\"`": house(synced.HasMany(photos, "photos", "name")),
			`synced: photos: belongs to "house": the parent model is nil: make it with synced.New first`:                                                                  own(synced.BelongsTo[House](nil, "house", "house_id", synced.LeaveNull)),
			`synced: photos: belongs to "": no attribute: name the one that holds the parent's remote id`:                                                                 own(synced.BelongsTo(houses, "", "house_id", synced.LeaveNull)),
			`synced: photos: belongs to "house": what to do about missing parents is 9: use LeaveNull, Fetch or FailRun`:                                                  own(synced.BelongsTo(houses, "house", "house_id", 9)),
			"synced: photos: belongs to \"house\": no field for the parent's key in column \"name\": add one with `db:\"name\" synced:\"parent\"`":                        own(synced.BelongsTo(houses, "house", "name", synced.LeaveNull)),
			"synced: photos: belongs to \"bed\": rows of the parent beds have no local key to point to: add ID int64 `db:\"id\"`":                                         own(synced.BelongsTo(beds, "bed", "house_id", synced.LeaveNull)),
		} {
			require.EqualError(t, err, message)
		}
	})
}
