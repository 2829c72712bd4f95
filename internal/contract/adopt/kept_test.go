package adopt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// C197: a row that a trigger, a rule or row level security of the service's keeps, without an
// error, is told: it counts as removed nowhere, and no one is told that it went.
func TestContract_C197_ATriggerThatKeepsRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var events []string
		d := harness.Rentals()
		d.Remove, d.Outbox = synced.Destroy{Limit: 1, Verify: synced.VerifyNever}, true
		d.OnChange = harness.Noting[harness.Rental](&events, "rental")
		m := harness.Model(t, b, d)
		skip(t, b, "DELETE", "rentals", "OLD.name = 'two'")
		b.Put("one", "two", "three")
		harness.Sync(t, m, synced.In(1))
		harness.Deliver(t, b, "reader", -1)
		b.Server.Collection("rentals").Delete(1)
		b.Server.Collection("rentals").Delete(2)

		want := []synced.NotDeleted{{Table: "rentals", Rows: 1, Records: []string{"2"}}}
		for _, removed := range []int{1, 0} { // a later run tries again
			events = nil
			result := harness.Sync(t, m, synced.In(1), synced.Call{Changes: 10})
			require.Equal(t, removed, result.Removed)
			require.Equal(t, want, result.NotDeleted)
			require.Len(t, result.Changes, removed)
			require.Len(t, events, removed)
			require.Len(t, harness.Deliver(t, b, "reader", -1), removed)
			require.Contains(t, result.String(), "1 row of rentals not removed (2): the database skips the statement, and raises no error: a trigger, a rule or row level security of the table")
		}
		require.Equal(t, []string{"two", "three"}, harness.Names(t, m, synced.In(1)))
		result, err := m.SyncOne(t.Context(), synced.In(1), 2, synced.Call{AllowRemoval: true})
		require.NoError(t, err)
		require.Equal(t, want, result.NotDeleted)
	})
}

// A cancellation that is skipped is told as well.
func TestContract_C197_ATriggerThatKeepsRowsUncanceled(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		d.Remove = synced.Cancel{Column: "canceled_at", Limit: 1, Verify: synced.VerifyNever}
		var events []string
		d.OnChange = harness.Noting[harness.Rental](&events, "rental")
		m := harness.Model(t, b, d)
		b.Put("one", "two", "three")
		harness.Sync(t, m, synced.In(1))
		skip(t, b, "UPDATE", "rentals", "OLD.name = 'two'")
		b.Server.Collection("rentals").Delete(1)
		b.Server.Collection("rentals").Delete(2)
		events = nil
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"removed rental 1"}, events)
		require.Equal(t, []synced.NotDeleted{{Table: "rentals", Rows: 1, Records: []string{"2"}}}, result.NotDeleted)
	})
}

// A rule in the place of a trigger. SQLite has none.
func TestContract_C197_ARuleThatKeepsRows(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	d := harness.Rentals()
	d.Remove = synced.Destroy{Limit: 1, Verify: synced.VerifyNever}
	m := harness.Model(t, b, d)
	b.Execute(t, "CREATE RULE keeps AS ON DELETE TO rentals DO INSTEAD NOTHING")
	b.Put("one", "two")
	harness.Sync(t, m, synced.In(1))
	b.Server.Collection("rentals").Delete(1)
	result := harness.Sync(t, m, synced.In(1))
	require.Zero(t, result.Removed)
	require.Equal(t, []synced.NotDeleted{{Table: "rentals", Rows: 1, Records: []string{"1"}}}, result.NotDeleted)
}

// A parent of which a child is kept stays, and with it the keys that point to it.
func TestContract_C197_ATriggerThatKeepsChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		estate := harness.NewEstate(t, b, synced.Destroy{Limit: 1, Verify: synced.VerifyNever})
		houses := b.Server.Collection("houses")
		for id := 1; id <= 3; id++ {
			houses.Put(remotetest.Record{"id": id, "name": "house", "rooms": []any{
				harness.Nested{"id": 10 * id, "name": "a"}, harness.Nested{"id": 10*id + 1, "name": "b"}}})
		}
		harness.Sync(t, estate.Houses, synced.In(1))
		skip(t, b, "DELETE", "rooms", "OLD.synced_id IN (21, 30)")
		houses.Delete(1)
		houses.Delete(2)
		houses.Put(remotetest.Record{"id": 3, "name": "house", "rooms": []any{}})
		result := harness.Sync(t, estate.Houses, synced.In(1))
		require.Equal(t, 1, result.Removed)
		require.ElementsMatch(t, []synced.NotDeleted{
			{Table: "houses", Child: "rooms", Rows: 1, Records: []string{"2"}},
			{Table: "rooms", Rows: 2, Records: []string{"30", "21"}},
		}, result.NotDeleted)
		require.Equal(t, []string{"2", "3"}, b.Column(t, "SELECT synced_id || '' FROM houses ORDER BY synced_id"))
		require.Equal(t, []string{"21", "30"}, b.Column(t, "SELECT synced_id || '' FROM rooms ORDER BY synced_id"))
	})
}

// What belongs to a row that stays belongs to it still.
func TestContract_C197_ATriggerThatKeepsParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses, photos := harness.Album(t, b, synced.MissingNull)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"}, remotetest.Record{"id": 8, "name": "eight"}, remotetest.Record{"id": 9, "name": "nine"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8))
		harness.Sync(t, houses, synced.In(1))
		harness.Sync(t, photos, synced.In(1))
		skip(t, b, "DELETE", "houses", "OLD.name = 'seven'")
		b.Server.Collection("houses").Delete(7)
		b.Server.Collection("houses").Delete(8)
		full := synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{Limit: 1, Verify: synced.VerifyNever}}
		result := harness.Sync(t, houses, synced.In(1), full)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []synced.NotDeleted{{Table: "houses", Rows: 1, Records: []string{"7"}}}, result.NotDeleted)
		require.Equal(t, []string{"1:seven", "2:-"}, harness.Shown(t, b))
		require.Equal(t, []string{"2"}, b.Column(t, "SELECT remote_id FROM synced_waiting"))
	})
}
