package adopt_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// listing is a row of a table as Rails makes it, and of one that a service had before.
type listing struct {
	ID        int64     `db:"id"`
	SyncedID  int64     `json:"id" db:"synced_id"`
	Name      string    `json:"name" db:"name"`
	Notes     string    `db:"notes"`
	Deleted   bool      `db:"deleted"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

// listings makes a table that a service has already, with a row of its own.
func listings(t *testing.T, b *harness.Bundle) synced.Synced[listing] {
	t.Helper()
	key, at := "bigserial PRIMARY KEY", "timestamp"
	if b.Pool == nil {
		key, at = "integer PRIMARY KEY AUTOINCREMENT NOT NULL", "datetime(6)"
	}
	b.Execute(t, "CREATE TABLE listings (id "+key+", name varchar(100) NOT NULL, notes text NOT NULL DEFAULT '', deleted boolean NOT NULL, created_at "+at+" NOT NULL, updated_at "+at+" NOT NULL)")
	b.Execute(t, "INSERT INTO listings (name, deleted, created_at, updated_at) VALUES ('mine', false, '2020-01-01 00:00:00', '2020-01-01 00:00:00')")
	b.Execute(t, "ALTER TABLE listings ADD COLUMN synced_id bigint")
	b.Execute(t, "CREATE UNIQUE INDEX by_remote ON listings (synced_id)")
	d := synced.Synced[listing]{Table: "listings", Endpoint: "rentals", API: b.API, Strategy: strategy.Full{},
		Created: "created_at", Touch: "updated_at", Remove: synced.Cancel{Column: "deleted", Limit: 1, Verify: synced.VerifyNever}}
	return d
}

// C147: times of a row that the service's ORM would set are set, where they are declared,
// and only when a row really changes. A flag cancels as a time does.
func TestContract_C147_TimesAndFlag(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := listings(t, b)
		touchedNew := true // what a handler is told has the times too
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[listing]) error {
			for _, c := range changes {
				touchedNew = touchedNew && (c.New == nil || time.Since(c.New.UpdatedAt) < time.Minute)
			}
			return nil
		}
		for _, guarded := range []bool{false, true} {
			if guarded {
				b.Execute(t, "ALTER TABLE listings ADD COLUMN synced_hash bigint")
				b.Execute(t, harness.Bind(t, b, d).Schema(synced.SchemaTrigger))
				b.Execute(t, "DELETE FROM listings WHERE synced_id IS NOT NULL")
			}
			m := harness.Bind(t, b, d)
			b.Put("one", "two", "three")
			before := time.Now().Add(-time.Minute)
			require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			for _, row := range harness.All(t, m) {
				require.True(t, row.CreatedAt.After(before), "%s", row.CreatedAt)
				require.Equal(t, row.CreatedAt, row.UpdatedAt)
				require.False(t, row.Deleted)
			}
			old := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
			touched := func(id int64, want bool) {
				t.Helper()
				row, err := m.Find(t.Context(), synced.NoScope, id)
				require.NoError(t, err)
				require.Equal(t, old, row.CreatedAt)
				require.Equal(t, want, row.UpdatedAt.After(before), "%s", row.UpdatedAt)
			}
			b.Execute(t, "UPDATE listings SET created_at = '2021-01-01 00:00:00', updated_at = '2021-01-01 00:00:00' WHERE synced_id IS NOT NULL")
			harness.Sync(t, m, synced.NoScope)
			touched(1, false)
			b.Put("one", "two again", "three")
			require.Equal(t, harness.Counts{Updated: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			touched(1, false)
			touched(2, true)

			b.Server.Collection("rentals").Delete(3)
			require.Equal(t, harness.Counts{Removed: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			touched(3, true)
			require.Equal(t, []string{"3"}, b.Column(t, "SELECT synced_id || '' FROM listings WHERE deleted"))
			b.Execute(t, "UPDATE listings SET updated_at = '2021-01-01 00:00:00' WHERE synced_id = 3")
			require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)), "once")
			touched(3, false)
			b.Put("one", "two again", "three")
			require.Equal(t, harness.Counts{Restored: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			touched(3, true)
			require.Empty(t, b.Column(t, "SELECT synced_id || '' FROM listings WHERE deleted"))
			diff, err := m.Check(t.Context(), synced.NoScope)
			require.NoError(t, err)
			require.True(t, diff.Passed(), "%s", diff)
			require.True(t, touchedNew)
			require.Equal(t, []string{"mine"}, b.Column(t, "SELECT name FROM listings WHERE synced_id IS NULL AND NOT deleted"))
		}
	})
}

func TestTouch_Mistakes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for want, change := range map[string]func(d *synced.Synced[listing]){
			`column "created_at" is NOT NULL without a default`:    func(d *synced.Synced[listing]) { d.Created = "" },
			`Touch is column "name", which attribute "name" fills`: func(d *synced.Synced[listing]) { d.Touch = "name" },
			`Touch is column "none", which is not in the table`:    func(d *synced.Synced[listing]) { d.Touch = "none" },
			`Created is column "updated_at", which has another`:    func(d *synced.Synced[listing]) { d.Created = "updated_at" },
			`Touch is column "deleted", which has another purpose`: func(d *synced.Synced[listing]) { d.Touch = "deleted" },
			`is of type string: make it *time.Time`:                func(d *synced.Synced[listing]) { d.Remove = synced.Cancel{Column: "notes"} },
		} {
			b.Execute(t, "DROP TABLE IF EXISTS listings")
			d := listings(t, b)
			change(&d)
			_, err := synced.New(t.Context(), b.DB, d)
			require.ErrorContains(t, err, want)
		}
	})
}
