package synced_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C34_AnAppliedCheckPasses(t *testing.T) {
	for _, way := range []string{"as it is", "through JSON"} {
		t.Run(way, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				ctx := context.Background()
				d := fullRentals()
				var changes []string
				d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[Rental]) error {
					for _, change := range c {
						changes = append(changes, change.Kind.String()+" "+change.ID)
					}
					return nil
				}
				rentals := drifted(t, b, d)
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				if way == "through JSON" {
					text, err := json.Marshal(diff)
					require.NoError(t, err)
					diff = &synced.Diff{}
					require.NoError(t, json.Unmarshal(text, diff))
				}
				requests := b.srv.Requests()
				_, err = rentals.Apply(ctx, synced.In(1), diff)
				require.EqualError(t, err, "synced: rentals (account_id 1): the diff removes 1 rows, but removal is off: declare Remove, or give it with the call")
				_, err = rentals.Apply(ctx, synced.In(2), diff)
				require.EqualError(t, err, "synced: rentals (account_id 2): the diff is of rentals (account_id 1): apply it there")

				changes = nil
				result, err := rentals.Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy})
				require.NoError(t, err)
				require.Equal(t, counts{created: 1, updated: 1, removed: 1}, countsOf(result))
				require.ElementsMatch(t, []string{"created 3", "updated 1", "removed 99"}, changes)
				require.Equal(t, requests, b.srv.Requests(), "no request")
				diff, err = rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				require.True(t, diff.Passed(), diff)
				require.Equal(t, counts{unchanged: 4}, countsOf(synchronize(t, rentals, synced.In(1))), "and so does a run")
			})
		})
	}
}

func TestContract_C34_AStalePlanIsNotApplied(t *testing.T) {
	cases := map[string]string{
		"UPDATE rentals SET name = 'edited again' WHERE synced_id = 1":                     "record 1: not as it was when the diff was made: the row was changed since: check again",
		"DELETE FROM rentals WHERE synced_id = 1":                                          "record 1: not as it was when the diff was made: the row is gone since: check again",
		"INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 3, 'three')":         "record 3: not as it was when the diff was made: a row appeared since: check again",
		"UPDATE rentals SET notes = 'worth keeping' WHERE synced_id = 99":                  "record 99: not as it was when the diff was made: the row was changed since: check again",
		"DELETE FROM rentals WHERE synced_id = 99":                                         "record 99: not as it was when the diff was made: the row is gone since: check again",
		"UPDATE rentals SET name = 'one', remote_size = 10, price = '1' WHERE synced_id=1": "record 1: not as it was when the diff was made: the row was changed since: check again",
	}
	for edit, message := range cases {
		t.Run(edit, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				ctx := context.Background()
				rentals := drifted(t, b, fullRentals())
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				execute(t, b, edit)
				before := names(t, rentals, synced.In(1))
				result, err := rentals.Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy})
				require.ErrorIs(t, err, synced.ErrStale)
				require.EqualError(t, err, "synced: rentals (account_id 1): "+message)
				require.Equal(t, counts{}, countsOf(result))
				require.Equal(t, before, names(t, rentals, synced.In(1)), "nothing was written")
			})
		})
	}
}

func TestDryRun(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, "one", "two", "three", "four")
		d := incremental(strategy.UpdatedSince{})
		d.Remove = synced.Destroy
		rentals := model(t, b, d)
		b.srv.Advance(1e12)
		stored := synchronize(t, rentals, synced.In(1)).StoredTime
		execute(t, b, "UPDATE rentals SET name = 'edited' WHERE synced_id = 1") // an incremental run does not see it
		execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'left over')")
		b.srv.Advance(1e12)
		b.srv.Collection("rentals").Update(2, remotetest.Record{"name": "TWO"})
		b.srv.Collection("rentals").Delete(3)
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 5, "name": "five"})

		before := names(t, rentals, synced.In(1))
		result, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, stored, result.Since)
		require.Zero(t, result.StoredTime)
		require.Equal(t, counts{}, countsOf(result))
		require.Len(t, result.Diff.Missing, 1)
		require.Len(t, result.Diff.Changed, 1)
		require.Len(t, result.Diff.Additional, 1)
		require.Equal(t, "3", result.Diff.Additional[0].ID, "what the run would remove, and no more")
		require.Equal(t, before, names(t, rentals, synced.In(1)), "nothing was written")
		require.Equal(t, counts{created: 1, updated: 1, removed: 1}, countsOf(synchronize(t, rentals, synced.In(1))))

		seen := 0
		for difference, err := range rentals.Differences(ctx, synced.In(1)) {
			require.NoError(t, err)
			require.True(t, difference.Changed != nil || difference.Additional != nil)
			seen++
		}
		require.Equal(t, 2, seen)
		for range rentals.Differences(ctx, synced.In(1)) {
			break // may be left
		}
	})
}
