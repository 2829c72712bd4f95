package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// drifted is a scope with one missing, one additional and two changed rows.
func drifted(t *testing.T, b *harness.Bundle, d synced.Synced[harness.Rental]) *synced.Model[harness.Rental] {
	t.Helper()
	b.Server.Collection("rentals").Put(
		remotetest.Record{"id": 1, "name": "one", "surface": 10}, remotetest.Record{"id": 2, "name": "two"},
		remotetest.Record{"id": 3, "name": "three"}, remotetest.Record{"id": 4, "name": "four"})
	rentals := harness.Model(t, b, d)
	harness.Sync(t, rentals, synced.In(1))
	b.Execute(t, "UPDATE rentals SET name = 'edited', remote_size = NULL WHERE synced_id = 1")
	b.Execute(t, "DELETE FROM rentals WHERE synced_id = 3")
	b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'left over')")
	b.Execute(t, "INSERT INTO rentals (account_id, name) VALUES (1, 'own row')")
	b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (2, 77, 'of another account')")
	return rentals
}

func TestContract_C30_CheckWritesNothing(t *testing.T) {
	for _, way := range []string{"method", "strategy of the call", "strategy of the declaration"} {
		t.Run(way, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Incremental(strategy.UpdatedSince{})
				d.Remove = synced.Destroy{}
				drifted(t, b, d)
				d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error {
					t.Error("no event")
					return nil
				}
				if way == "strategy of the declaration" {
					d.Strategy = strategy.Check{}
				}
				rentals := harness.Model(t, b, d)
				rows := b.Column(t, "SELECT concat(id, ' ', synced_id, ' ', name, ' ', synced_hash) FROM rentals ORDER BY id")
				times := b.Column(t, "SELECT CAST(synced_at AS text) FROM synced_times")
				before := b.Written(t, "rentals")
				var diff *synced.Diff
				var err error
				switch way {
				case "method":
					diff, err = rentals.Check(context.Background(), synced.In(1))
					require.NoError(t, err)
				case "strategy of the call":
					diff = harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Check{}}).Diff
				default:
					diff = harness.Sync(t, rentals, synced.In(1)).Diff
				}
				require.False(t, diff.Passed())
				require.Equal(t, rows, b.Column(t, "SELECT concat(id, ' ', synced_id, ' ', name, ' ', synced_hash) FROM rentals ORDER BY id"))
				require.Equal(t, times, b.Column(t, "SELECT CAST(synced_at AS text) FROM synced_times"))
				require.Equal(t, before, b.Written(t, "rentals"))
				require.Empty(t, b.Server.Log()[len(b.Server.Log())-1].Query.Get("updated_since"), "a check compares everything")
			})
		})
	}
}

func TestContract_C31_C32_ReportsEveryDifference(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		rentals := drifted(t, b, harness.Rentals())
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
note: the remote did not list the records of 1 row, and its list alone proves too little: make the diff by a dry run, which asks for each
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
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 2, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{}})))
		diff, err = rentals.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Equal(t, "rentals (account_id 1): 4 compared, nothing differs\n", diff.String())
	})
}

func TestContract_C33_CanceledRowsAreNotAdditional(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three")
		m := harness.Model(t, b, harness.Bookings())
		harness.Sync(t, m, synced.In(1))
		b.Server.Collection("rentals").Delete(2)
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1)).Removed)
		diff, err := m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)

		// Canceled here, listed there: a run would bring it back.
		b.Execute(t, "UPDATE bookings SET canceled_at = '2026-01-01 00:00:00+00' WHERE synced_id = 1")
		diff, err = m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Equal(t, "canceled_at", diff.Changed[0].Fields[0].Column)
		require.Equal(t, harness.Counts{Unchanged: 1, Restored: 1}, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
	})
}

func TestContract_C61_DestroyCancelOrAFunction(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		canceled := func() []string {
			return b.Column(t, "SELECT CAST(synced_id AS text) FROM bookings WHERE canceled_at IS NOT NULL ORDER BY synced_id")
		}
		b.Put("one", "two", "three", "four")
		d := harness.Bookings()
		d.Remove = synced.CancelOrDestroy{} // cancels, since the column exists
		var changes []synced.Change[harness.Booking]
		d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[harness.Booking]) error {
			changes = append(changes, c...)
			return nil
		}
		m := harness.Model(t, b, d)
		harness.Sync(t, m, synced.In(1))
		b.Server.Collection("rentals").Delete(2, 3)
		changes = nil
		require.Equal(t, harness.Counts{Unchanged: 2, Removed: 2}, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
		require.Equal(t, []string{"2", "3"}, canceled())
		require.Len(t, changes, 2)
		require.Equal(t, synced.Removed, changes[0].Kind)
		require.Equal(t, "two", changes[0].Old.Name)
		require.Nil(t, changes[0].New)

		// Canceling happens once, and what is listed again comes back.
		changes = nil
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
		require.Empty(t, changes)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 2, "name": "two"})
		require.Equal(t, harness.Counts{Unchanged: 2, Restored: 1}, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
		require.Equal(t, []string{"3"}, canceled())
		require.Equal(t, synced.Restored, changes[0].Kind)
		require.NotNil(t, changes[0].Old.CanceledAt)
		require.Nil(t, changes[0].New.CanceledAt)

		// A function, inside the transaction: its error undoes what it did.
		removed := []string{}
		refuse := errors.New("not today")
		archive := func(fail error) synced.Removal {
			return synced.RemoveBy[harness.Booking]{Func: func(ctx context.Context, tx store.Tx, rows []*harness.Booking) error {
				for _, row := range rows {
					removed = append(removed, row.Name)
				}
				if _, err := tx.Exec(ctx, squirrel.Expr("UPDATE bookings SET name = 'archived' WHERE synced_id = ?", rows[0].SyncedID)); err != nil {
					return err
				}
				return fail
			}}
		}
		b.Server.Collection("rentals").Delete(4)
		_, err := m.Synchronize(ctx, synced.In(1), synced.Call{Remove: archive(refuse)})
		require.ErrorIs(t, err, refuse)
		require.EqualError(t, err, "synced: bookings (account_id 1): page 1: remove: not today")
		require.NotContains(t, b.Column(t, "SELECT name FROM bookings"), "archived")
		require.ElementsMatch(t, []string{"three", "four"}, removed, "a function sees canceled rows too")
		require.Equal(t, 2, harness.Sync(t, m, synced.In(1), synced.Call{Remove: archive(nil)}).Removed)
		require.Contains(t, b.Column(t, "SELECT name FROM bookings"), "archived")

		// Destroy deletes, canceled rows included.
		require.Equal(t, 2, harness.Sync(t, m, synced.In(1), synced.Call{Remove: synced.Destroy{}}).Removed)
		require.Equal(t, []string{"1", "2"}, b.Column(t, "SELECT CAST(synced_id AS text) FROM bookings ORDER BY synced_id"))
	})
}

func TestContract_C61_CancelOrDestroyWithoutTheColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three")
		d := harness.Rentals()
		d.Remove = synced.CancelOrDestroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Delete(2)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Removed)
		require.Equal(t, []string{"one", "three"}, harness.Names(t, rentals, synced.In(1)))
	})
}
