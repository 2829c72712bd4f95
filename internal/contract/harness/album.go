package harness

import (
	"testing"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Photo points to a house by a remote id in its links, and has its own endpoint.
type Photo struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	HouseID   *int64 `db:"house_id" synced:"parent"`
	Name      string `json:"name" db:"name"`
}

// Album makes models of houses and of photos that belong to them.
func Album(t testing.TB, b *Bundle, missing synced.WhenMissing) (*synced.Model[House], *synced.Model[Photo]) {
	t.Helper()
	houses := Model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id"})
	photos := Model(t, b, synced.Synced[Photo]{Table: "photos", Scope: "account_id", BelongsTo: []synced.Parent{
		synced.BelongsTo(houses, "links.house", "house_id", missing)}})
	return houses, photos
}

// PhotoOf returns a record of a photo of a house, which may be nil.
func PhotoOf(id int, house any) remotetest.Record {
	return remotetest.Record{"id": id, "name": "photo", "links": Nested{"house": house}}
}

// Shown lists which photo shows which house.
func Shown(t testing.TB, b *Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT p.synced_id || ':' || COALESCE(h.name, '-') FROM photos p LEFT JOIN houses h ON h.id = p.house_id ORDER BY p.synced_id")
}
