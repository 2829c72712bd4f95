package synced_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// drifted is a scope with one missing, one additional and two changed rows.
func drifted(t *testing.T, b *bundle, d synced.Synced[Rental]) *synced.Model[Rental] {
	t.Helper()
	b.srv.Collection("rentals").Put(
		remotetest.Record{"id": 1, "name": "one", "surface": 10}, remotetest.Record{"id": 2, "name": "two"},
		remotetest.Record{"id": 3, "name": "three"}, remotetest.Record{"id": 4, "name": "four"})
	rentals := model(t, b, d)
	synchronize(t, rentals, synced.In(1))
	execute(t, b, "UPDATE rentals SET name = 'edited', remote_size = NULL WHERE synced_id = 1")
	execute(t, b, "DELETE FROM rentals WHERE synced_id = 3")
	execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'left over')")
	execute(t, b, "INSERT INTO rentals (account_id, name) VALUES (1, 'own row')")
	execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (2, 77, 'of another account')")
	return rentals
}

func TestContract_C30_CheckWritesNothing(t *testing.T) {
	for _, way := range []string{"method", "strategy of the call", "strategy of the declaration"} {
		t.Run(way, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				d := incremental(strategy.UpdatedSince{})
				d.Remove = synced.Destroy
				drifted(t, b, d)
				d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error {
					t.Error("no event")
					return nil
				}
				if way == "strategy of the declaration" {
					d.Strategy = strategy.Check{}
				}
				rentals := model(t, b, d)
				rows := column(t, b, "SELECT concat(id, ' ', synced_id, ' ', name, ' ', synced_hash) FROM rentals ORDER BY id")
				times := column(t, b, "SELECT CAST(synced_at AS text) FROM synced_timestamps")
				before := written(t, b, "rentals")
				var diff *synced.Diff
				var err error
				switch way {
				case "method":
					diff, err = rentals.Check(context.Background(), synced.In(1))
					require.NoError(t, err)
				case "strategy of the call":
					diff = synchronize(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Check{}}).Diff
				default:
					diff = synchronize(t, rentals, synced.In(1)).Diff
				}
				require.False(t, diff.Passed())
				require.Equal(t, rows, column(t, b, "SELECT concat(id, ' ', synced_id, ' ', name, ' ', synced_hash) FROM rentals ORDER BY id"))
				require.Equal(t, times, column(t, b, "SELECT CAST(synced_at AS text) FROM synced_timestamps"))
				require.Equal(t, before, written(t, b, "rentals"))
				require.Empty(t, b.srv.Log()[len(b.srv.Log())-1].Query.Get("updated_since"), "a check compares everything")
			})
		})
	}
}

func TestContract_C31_C32_ReportsEveryDifference(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		rentals := drifted(t, b, fullRentals())
		diff, err := rentals.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Equal(t, "4 compared: 1 missing, 1 additional, 1 changed", diff.Summary())
		require.Equal(t, "3", diff.Missing[0].ID)
		require.Contains(t, string(diff.Missing[0].Object.Raw()), `"name":"three"`)
		require.Equal(t, "99", diff.Additional[0].ID)
		require.Equal(t, "left over", diff.Additional[0].Row["name"])
		require.Equal(t, "1", diff.Changed[0].ID)
		require.Len(t, diff.Changed[0].Fields, 2)
		require.Equal(t, "edited", diff.Changed[0].Fields[0].Local)
		require.Equal(t, "one", diff.Changed[0].Fields[0].Remote)

		require.Equal(t, `rentals (account_id 1): 4 compared: 1 missing, 1 additional, 1 changed
              remote id  column       local                                             remote
  missing     3                       –                                                 {"id":3,"name":"three","updated_at":"2026-01-01…
  additional  99                      {"account_id":1,"id":5,"name":"left over","note…  –
  changed     1          name         "edited"                                          "one"
  changed     1          remote_size  null                                              10
`, diff.String())
		text, err := json.Marshal(diff)
		require.NoError(t, err)
		require.Contains(t, string(text), `"changed":[{"id":"1","fields":[{"column":"name","local":"edited","remote":"one"},{"column":"remote_size","local":null,"remote":10}],"object":{"id":1,`)

		// A full run mends what the check found.
		require.Equal(t, counts{created: 1, updated: 1, unchanged: 2, removed: 1}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy})))
		diff, err = rentals.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Equal(t, "rentals (account_id 1): 4 compared, nothing differs\n", diff.String())
	})
}

// Booking can be cancelled.
type Booking struct {
	SyncedID   int64      `json:"id" db:"synced_id"`
	AccountID  int64      `db:"account_id"`
	Name       string     `json:"name" db:"name"`
	CanceledAt *time.Time `db:"canceled_at"`
}

func bookings() synced.Synced[Booking] {
	return synced.Synced[Booking]{Table: "bookings", Endpoint: "rentals", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Cancel("canceled_at")}
}

func TestContract_C33_CancelledRowsAreNotAdditional(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three")
		m := model(t, b, bookings())
		synchronize(t, m, synced.In(1))
		b.srv.Collection("rentals").Delete(2)
		require.Equal(t, 1, synchronize(t, m, synced.In(1)).Removed)
		diff, err := m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		// Cancelled here, listed there: a run would bring it back.
		execute(t, b, "UPDATE bookings SET canceled_at = '2026-01-01 00:00:00+00' WHERE synced_id = 1")
		diff, err = m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Equal(t, "canceled_at", diff.Changed[0].Fields[0].Column)
		require.Equal(t, counts{unchanged: 1, restored: 1}, countsOf(synchronize(t, m, synced.In(1))))
	})
}

func TestContract_C61_DestroyCancelOrAFunction(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		canceled := func() []string {
			return column(t, b, "SELECT CAST(synced_id AS text) FROM bookings WHERE canceled_at IS NOT NULL ORDER BY synced_id")
		}
		put(b, "one", "two", "three", "four")
		d := bookings()
		d.Remove = synced.CancelOrDestroy // cancels, since the column exists
		var changes []synced.Change[Booking]
		d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[Booking]) error {
			changes = append(changes, c...)
			return nil
		}
		m := model(t, b, d)
		synchronize(t, m, synced.In(1))
		b.srv.Collection("rentals").Delete(2, 3)
		changes = nil
		require.Equal(t, counts{unchanged: 2, removed: 2}, countsOf(synchronize(t, m, synced.In(1))))
		require.Equal(t, []string{"2", "3"}, canceled())
		require.Len(t, changes, 2)
		require.Equal(t, synced.Removed, changes[0].Kind)
		require.Equal(t, "two", changes[0].Old.Name)
		require.Nil(t, changes[0].New)

		// Cancelling happens once, and what is listed again comes back.
		changes = nil
		require.Equal(t, counts{unchanged: 2}, countsOf(synchronize(t, m, synced.In(1))))
		require.Empty(t, changes)
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		require.Equal(t, counts{unchanged: 2, restored: 1}, countsOf(synchronize(t, m, synced.In(1))))
		require.Equal(t, []string{"3"}, canceled())
		require.Equal(t, synced.Restored, changes[0].Kind)
		require.NotNil(t, changes[0].Old.CanceledAt)
		require.Nil(t, changes[0].New.CanceledAt)

		// A function, inside the transaction: its error undoes what it did.
		removed := []string{}
		refuse := errors.New("not today")
		archive := func(fail error) synced.Removal {
			return synced.RemoveBy(func(ctx context.Context, tx store.Tx, rows []*Booking) error {
				for _, row := range rows {
					removed = append(removed, row.Name)
				}
				if _, err := tx.Exec(ctx, squirrel.Expr("UPDATE bookings SET name = 'archived' WHERE synced_id = ?", rows[0].SyncedID)); err != nil {
					return err
				}
				return fail
			})
		}
		b.srv.Collection("rentals").Delete(4)
		_, err := m.Synchronize(ctx, synced.In(1), synced.Call{Remove: archive(refuse)})
		require.ErrorIs(t, err, refuse)
		require.EqualError(t, err, "synced: bookings (account_id 1): page 1: remove: not today")
		require.NotContains(t, column(t, b, "SELECT name FROM bookings"), "archived")
		require.ElementsMatch(t, []string{"three", "four"}, removed, "a function sees cancelled rows too")
		require.Equal(t, 2, synchronize(t, m, synced.In(1), synced.Call{Remove: archive(nil)}).Removed)
		require.Contains(t, column(t, b, "SELECT name FROM bookings"), "archived")

		// Destroy deletes, cancelled rows included.
		require.Equal(t, 2, synchronize(t, m, synced.In(1), synced.Call{Remove: synced.Destroy}).Removed)
		require.Equal(t, []string{"1", "2"}, column(t, b, "SELECT CAST(synced_id AS text) FROM bookings ORDER BY synced_id"))
	})
}

func TestContract_C61_CancelOrDestroyWithoutTheColumn(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three")
		d := fullRentals()
		d.Remove = synced.CancelOrDestroy
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		b.srv.Collection("rentals").Delete(2)
		require.Equal(t, 1, synchronize(t, rentals, synced.In(1)).Removed)
		require.Equal(t, []string{"one", "three"}, names(t, rentals, synced.In(1)))
	})
}
