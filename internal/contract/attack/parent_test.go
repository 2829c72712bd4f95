package attack_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// homes declares photos whose missing houses are fetched, one photo on a page.
func homes(t *testing.T, photos ...remotetest.Record) (houses *harness.Strip, m *synced.Model[harness.Photo], b *harness.Bundle) {
	t.Helper()
	b = harness.Setup(t, "sqlite")
	houses = &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1)}, Single: map[string]remotetest.Record{}}
	h := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", API: houses})
	harness.Sync(t, h, synced.In(1))
	list := &harness.Strip{T: t}
	for _, p := range photos {
		list.Listing = append(list.Listing, []remotetest.Record{p})
	}
	m = harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", API: list, Strategy: strategy.Full{},
		BelongsTo: []synced.Parent{synced.BelongsTo(h, "links.house", "house_id", synced.MissingFetch)}})
	return houses, m, b
}

// Credentials that die after one house was proven to be gone prove nothing of another.
func TestAttack_CredentialsDieBetweenParents(t *testing.T) {
	houses, photos, _ := homes(t, harness.PhotoOf(1, 98), harness.PhotoOf(2, 7))
	houses.Single["7"] = remotetest.Record{"id": 7, "name": "seven"}
	houses.OnGet = func(id string) {
		if id == "7" {
			houses.Hidden = true
			delete(houses.Single, "7")
		}
	}
	_, err := photos.Synchronize(context.Background(), synced.In(1))
	require.ErrorContains(t, err, "does not find a record that exists")
}

// A husk of a deleted house makes no blank row.
func TestAttack_AHuskOfAParent(t *testing.T) {
	houses, photos, b := homes(t, harness.PhotoOf(1, 7))
	houses.Single["7"] = remotetest.Record{"id": 7, "deleted": true}
	_, err := photos.Synchronize(context.Background(), synced.In(1))
	require.ErrorContains(t, err, "declare a Tombstone")
	require.Equal(t, []string{"1"}, b.Column(t, "SELECT name FROM houses"))
}
