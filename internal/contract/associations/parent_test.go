package associations_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

func TestBelongsTo_ResolvesTheLocalParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses, photos := harness.Album(t, b, synced.MissingNull)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8), harness.PhotoOf(3, nil), remotetest.Record{"id": 4, "name": "no links"}, harness.PhotoOf(5, 7))
		harness.Sync(t, houses, synced.In(2)) // another account's: not theirs
		harness.Sync(t, houses, synced.In(1))
		require.Equal(t, 5, harness.Sync(t, photos, synced.In(1)).Created)
		require.Equal(t, []string{"1:seven", "2:eight", "3:-", "4:-", "5:seven"}, harness.Shown(t, b))
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT DISTINCT h.account_id || '' FROM photos p JOIN houses h ON h.id = p.house_id"))

		// It moves, and a local edit of the key is mended by a full run.
		b.Server.Advance(1e10)
		b.Server.Collection("photos").Update(1, remotetest.Record{"links": harness.Nested{"house": 8}})
		harness.Sync(t, photos, synced.In(1))
		require.Equal(t, "1:eight", harness.Shown(t, b)[0])
		b.Execute(t, "UPDATE photos SET house_id = NULL WHERE synced_id = 5")
		diff, err := photos.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Changed, 1)
		require.Equal(t, "house_id", diff.Changed[0].Fields[0].Column)
		require.Equal(t, 1, harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}}).Updated)
		require.Equal(t, "5:seven", harness.Shown(t, b)[4])
		require.Equal(t, harness.Counts{Unchanged: 5}, harness.CountsOf(harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
	})
}

func TestBelongsTo_LeavesNullAndMends(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, how := range []string{"in the parent's run", "in the child's next run"} {
			t.Run(how, func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					houses, photos := harness.Album(t, b, synced.MissingNull)
					b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
					b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8), harness.PhotoOf(3, 99), harness.PhotoOf(4, 7))
					harness.Sync(t, photos, synced.In(1), synced.Call{Commit: commit})
					require.Equal(t, []string{"1:-", "2:-", "3:-", "4:-"}, harness.Shown(t, b))
					require.Len(t, b.Column(t, "SELECT remote_id FROM synced_waiting"), 4)
					if how == "in the child's next run" {
						// The parents come by another process, which knows nothing of photos.
						houses = harness.Bind(t, b.Other(t), synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
					}
					harness.Sync(t, houses, synced.In(1), synced.Call{Commit: commit})
					if how == "in the child's next run" {
						require.Equal(t, []string{"1:-", "2:-", "3:-", "4:-"}, harness.Shown(t, b))
						b.Server.Advance(1e11)
						harness.Sync(t, photos, synced.In(1), synced.Call{Commit: commit}) // lists none of them
					}
					require.Equal(t, []string{"1:seven", "2:eight", "3:-", "4:seven"}, harness.Shown(t, b))
					require.Equal(t, []string{"3"}, b.Column(t, "SELECT remote_id FROM synced_waiting"))
					require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, photos, synced.In(1), synced.Call{Strategy: strategy.Full{}})))
				})
			})
		}
	}
}

func TestBelongsTo_Fetches(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		_, photos := harness.Album(t, b, synced.MissingFetch)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 7), harness.PhotoOf(3, 99), harness.PhotoOf(4, 7), harness.PhotoOf(5, 99))
		b.Server.OnRequest(func(r remotetest.Request) {
			if strings.HasPrefix(r.Collection, "houses") {
				require.Empty(t, b.OpenTransactions(t), "no transaction waits for the parent")
			}
		})
		result := harness.Sync(t, photos, synced.In(1))
		require.Equal(t, []string{"1:seven", "2:seven", "3:-", "4:seven", "5:-"}, harness.Shown(t, b))
		require.Equal(t, 5, result.Requests, "two pages, each parent once, and the found one again after the missed one")
		require.Equal(t, []string{"seven"}, b.Column(t, "SELECT name FROM houses"), "and no other")
	})
}

func TestBelongsTo_Fails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses, photos := harness.Album(t, b, synced.MissingFail)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8))
		_, err := photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: photos (account_id 1): page 1: record 1: links.house: houses has no row with remote id 7 yet: synchronize it first")
		harness.Sync(t, houses, synced.In(1))
		_, err = photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: photos (account_id 1): page 1: record 2: links.house: houses has no row with remote id 8 yet: synchronize it first")
		b.Server.Collection("photos").Put(harness.PhotoOf(2, "x"))
		_, err = photos.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, `synced: photos (account_id 1): page 1: record 2: links.house: the remote id is "x", but field SyncedID wants a 64-bit integer: make it a string, if the remote's ids are texts`)
	})
}

func TestContract_C07_MistakesInAssociations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
		photos := harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id"})
		beds := harness.Model(t, b, synced.Synced[harness.Bed]{Table: "beds"})
		other := harness.Setup(t, "sqlite")
		foreign := harness.Model(t, other, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id"})
		house := func(a ...synced.Association) error {
			_, err := synced.New(context.Background(), b.DB, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Associations: a})
			return err
		}
		own := func(p ...synced.Parent) error {
			_, err := synced.New(context.Background(), b.DB, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", BelongsTo: p})
			return err
		}
		for message, err := range map[string]error{
			`synced: houses: association "photos": the child model is nil: make it with synced.New first`:                                                                 house(synced.HasMany[harness.Photo](nil, "photos", "house_id")),
			`synced: houses: association "": no attribute: name the one that holds the nested objects`:                                                                    house(synced.HasMany(photos, "", "house_id")),
			`synced: houses: association "photos": the child photos is in another store: make both with the same one`:                                                     house(synced.HasMany(foreign, "photos", "house_id")),
			"synced: houses: association \"photos\": the child photos has no field for the parent's key in column \"name\": add one with `db:\"name\" synced:\"parent\"`": house(synced.HasMany(photos, "photos", "name")),
			`synced: photos: belongs to "house": the parent model is nil: make it with synced.New first`:                                                                  own(synced.BelongsTo[harness.House](nil, "house", "house_id", synced.MissingNull)),
			`synced: photos: belongs to "": no attribute: name the one that holds the parent's remote id`:                                                                 own(synced.BelongsTo(houses, "", "house_id", synced.MissingNull)),
			`synced: photos: belongs to "house": what to do about missing parents is 9: use synced.MissingNull, MissingFetch or MissingFail`:                              own(synced.BelongsTo(houses, "house", "house_id", 9)),
			"synced: photos: belongs to \"house\": no field for the parent's key in column \"name\": add one with `db:\"name\" synced:\"parent\"`":                        own(synced.BelongsTo(houses, "house", "name", synced.MissingNull)),
			"synced: photos: belongs to \"bed\": rows of the parent beds have no local key to point to: add ID int64 `db:\"id\"`":                                         own(synced.BelongsTo(beds, "bed", "house_id", synced.MissingNull)),
		} {
			require.EqualError(t, err, message)
		}
	})
}
