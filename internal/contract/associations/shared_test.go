package associations_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// stall is a room of a house or of a barn.
type stall struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	HouseID  *int64 `db:"house_id" synced:"parent"`
	BarnID   *int64 `db:"barn_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Notes    string `db:"notes"`
}

// barn has stalls.
type barn struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// A child that moves to a parent of another model keeps its row, and what the service
// keeps in it; it goes when nobody has it any longer.
func TestContract_C117_ModelsThatShareATableOfChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		stalls := harness.Model(t, b, synced.Synced[stall]{Table: "stalls", Outbox: true})
		bind := func(table, column string) *synced.Model[barn] {
			return harness.Model(t, b, synced.Synced[barn]{Table: table, Strategy: strategy.Full{}, Remove: synced.Destroy{},
				Associations: []synced.Association{synced.HasMany(stalls, "rooms", column)}})
		}
		houses, barns := bind("houses", "house_id"), bind("barns", "barn_id")
		put := func(table string, id int, rooms ...harness.Nested) {
			if rooms == nil {
				rooms = []harness.Nested{}
			}
			b.Server.Collection(table).Put(remotetest.Record{"id": id, "name": "x", "rooms": rooms})
		}
		both := func() {
			harness.Sync(t, barns, synced.NoScope)
			harness.Sync(t, houses, synced.NoScope)
		}
		shown := func() []string {
			return b.Column(t, "SELECT s.synced_id || ' ' || coalesce('house ' || h.synced_id, '-') || ' ' || coalesce('barn ' || r.synced_id, '-') || ' ' || notes"+
				" FROM stalls s LEFT JOIN houses h ON h.id = s.house_id LEFT JOIN barns r ON r.id = s.barn_id ORDER BY 1")
		}
		put("houses", 1, harness.Nested{"id": 10, "name": "a"}, harness.Nested{"id": 11, "name": "b"})
		put("houses", 2)
		put("barns", 5)
		put("barns", 6)
		both()
		b.Execute(t, "UPDATE stalls SET notes = 'mine'")
		require.Equal(t, []string{"10 house 1 - mine", "11 house 1 - mine"}, shown())

		put("houses", 1, harness.Nested{"id": 11, "name": "b"})
		put("barns", 5, harness.Nested{"id": 10, "name": "a"})
		both()
		require.Equal(t, []string{"10 - barn 5 mine", "11 house 1 - mine"}, shown())
		harness.Deliver(t, b, "copy", -1)
		both()
		require.Empty(t, harness.Deliver(t, b, "copy", -1), "nothing is written again")

		// A parent that goes leaves what another has.
		put("barns", 5, harness.Nested{"id": 10, "name": "a"}, harness.Nested{"id": 11, "name": "b"})
		b.Server.Collection("houses").Delete(1)
		both()
		require.Equal(t, []string{"10 - barn 5 mine", "11 - barn 5 mine"}, shown())

		put("barns", 5, harness.Nested{"id": 11, "name": "b"})
		both()
		require.Equal(t, []string{"11 - barn 5 mine"}, shown(), "nobody has it")
	})
}
