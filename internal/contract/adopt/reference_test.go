package adopt_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// referred is a row that the service's own rows point to.
type referred struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	ParentID *int64 `db:"parent_id"`
}

func referredTo(b *harness.Bundle, how synced.Destroy) synced.Synced[referred] {
	how.Limit, how.Verify = 1, synced.VerifyNever
	return synced.Synced[referred]{Table: "rentals", API: b.API, Strategy: strategy.Full{}, Remove: how}
}

// point makes a table of the service's own that points to a model's, and has a row for each
// of some remote ids.
func point(t *testing.T, b *harness.Bundle, name, to string, ids ...int) {
	t.Helper()
	b.Execute(t, "CREATE TABLE "+name+" (id bigint PRIMARY KEY, target bigint, CONSTRAINT "+name+"_target_fkey FOREIGN KEY (target) REFERENCES "+to+" (id))")
	for _, id := range ids {
		b.Execute(t, "INSERT INTO "+name+" SELECT synced_id, id FROM "+to+" WHERE synced_id = ?", id)
	}
}

// key is what a result calls the foreign key of such a table.
func key(b *harness.Bundle, name string) string {
	if b.Pool == nil {
		return "FOREIGN KEY (target)"
	}
	return name + "_target_fkey"
}

// C148: a row that a foreign key points to stays, or is canceled as declared; the result
// names the table and the key, and no other row stays with it.
func TestContract_C148_Referenced(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := referredTo(b, synced.Destroy{})
		m := harness.Model(t, b, d)
		b.Put("one", "two", "three", "four")
		harness.Sync(t, m, synced.NoScope)
		point(t, b, "bookings", "rentals", 2, 3)
		// A row that points to another of the same table goes with it, or keeps it.
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN own bigint REFERENCES rentals (id)")
		b.Execute(t, "UPDATE rentals SET own = id WHERE synced_id IN (1, 4)")

		for id := 1; id <= 3; id++ {
			b.Server.Collection("rentals").Delete(id)
		}
		for range 2 {
			result := harness.Sync(t, m, synced.NoScope)
			require.Equal(t, []synced.NotDeleted{{Table: "rentals", By: "bookings", Constraint: key(b, "bookings"), Rows: 2, Records: []string{"2", "3"}}}, result.NotDeleted)
			require.Nil(t, result.Refused)
			require.Contains(t, result.String(), fmt.Sprintf("2 rows of rentals not deleted (2, 3): %s of table bookings points to them", key(b, "bookings")))
			require.Equal(t, []string{"2", "3", "4"}, b.Column(t, "SELECT synced_id || '' FROM rentals ORDER BY synced_id"))
		}
		result, err := m.SyncOne(t.Context(), synced.NoScope, 2, synced.Call{AllowRemoval: true})
		require.NoError(t, err)
		require.Len(t, result.NotDeleted, 1)
		b.Execute(t, "DELETE FROM bookings WHERE id = 2")
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Removed)

		// Canceled, where that is declared.
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN canceled_at timestamp")
		canceling := harness.Bind(t, b, referredTo(b, synced.Destroy{Referenced: synced.Cancel{Column: "canceled_at"}}))
		result = harness.Sync(t, canceling, synced.NoScope)
		require.Equal(t, 1, result.Removed)
		require.True(t, result.NotDeleted[0].Canceled)
		canceled := "SELECT synced_id || '' FROM rentals WHERE canceled_at IS NOT NULL"
		require.Equal(t, []string{"3"}, b.Column(t, canceled))
		result = harness.Sync(t, canceling, synced.NoScope)
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(result))
		require.Empty(t, result.NotDeleted)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		require.Equal(t, harness.Counts{Unchanged: 1, Restored: 1}, harness.CountsOf(harness.Sync(t, canceling, synced.NoScope)))
		require.Empty(t, b.Column(t, canceled))

		_, err = synced.New(t.Context(), b.DB, referredTo(b, synced.Destroy{Referenced: synced.Destroy{}}))
		require.ErrorContains(t, err, "use synced.KeepRows{} or synced.Cancel")
	})
}

// A parent whose child can't be deleted stays with all its children.
func TestContract_C148_ReferencedChild(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		estate := harness.NewEstate(t, b, synced.Destroy{Limit: 1, Verify: synced.VerifyNever})
		houses := b.Server.Collection("houses")
		for id := 1; id <= 3; id++ {
			houses.Put(remotetest.Record{"id": id, "name": "house", "rooms": []any{
				harness.Nested{"id": 10 * id, "name": "a"}, harness.Nested{"id": 10*id + 1, "name": "b"}}})
		}
		harness.Sync(t, estate.Houses, synced.In(1))
		point(t, b, "keys", "rooms", 21, 30)
		houses.Delete(1)
		houses.Delete(2)
		result := harness.Sync(t, estate.Houses, synced.In(1))
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []synced.NotDeleted{{Table: "houses", Child: "rooms", By: "keys", Constraint: key(b, "keys"), Rows: 1, Records: []string{"2"}}}, result.NotDeleted)
		require.Equal(t, []string{"20", "21", "30", "31"}, b.Column(t, "SELECT synced_id || '' FROM rooms ORDER BY synced_id"))

		// A child that its parent no longer lists stays alone.
		houses.Put(remotetest.Record{"id": 3, "name": "house", "rooms": []any{}})
		result = harness.Sync(t, estate.Houses, synced.In(1))
		require.Contains(t, result.NotDeleted, synced.NotDeleted{Table: "rooms", By: "keys", Constraint: key(b, "keys"), Rows: 1, Records: []string{"30"}})
		require.Equal(t, []string{"20", "21", "30"}, b.Column(t, "SELECT synced_id || '' FROM rooms ORDER BY synced_id"))
	})
}
