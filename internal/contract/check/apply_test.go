package check_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C34_AnAppliedCheckPasses(t *testing.T) {
	for _, way := range []string{"as it is", "through JSON", "through indented JSON"} {
		t.Run(way, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				d := harness.Rentals()
				var changes []string
				d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[harness.Rental]) error {
					for _, change := range c {
						changes = append(changes, change.Kind.String()+" "+change.ID)
					}
					return nil
				}
				rentals := drifted(t, b, d)
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				if strings.HasPrefix(way, "through") {
					text, err := json.MarshalIndent(diff, "", "  ")
					if way == "through JSON" {
						text, err = json.Marshal(diff)
					}
					require.NoError(t, err)
					diff = &synced.Diff{}
					require.NoError(t, json.Unmarshal(text, diff))
				}
				requests := b.Server.Requests()
				_, err = rentals.Apply(ctx, synced.In(1), nil)
				require.EqualError(t, err, "synced: rentals (account_id 1): the diff is nil: give what Check found")
				_, err = rentals.Apply(ctx, synced.In(1), diff)
				require.EqualError(t, err, "synced: rentals (account_id 1): the diff removes 1 row, but removal is off: declare Remove, or give it with the call")
				_, err = rentals.Apply(ctx, synced.In(2), diff)
				require.EqualError(t, err, "synced: rentals (account_id 2): the diff is of rentals (account_id 1): apply it there")

				changes = nil
				result, err := rentals.Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy{}, AllowRemoval: true})
				require.NoError(t, err)
				require.Equal(t, harness.Counts{Created: 1, Updated: 1, Removed: 1}, harness.CountsOf(result))
				require.ElementsMatch(t, []string{"created 3", "updated 1", "removed 99"}, changes)
				require.Equal(t, requests, b.Server.Requests(), "no request")
				diff, err = rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				require.True(t, diff.Passed(), diff)
				require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))), "and so does a run")
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
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				rentals := drifted(t, b, harness.Rentals())
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				b.Execute(t, edit)
				before := harness.Names(t, rentals, synced.In(1))
				result, err := rentals.Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy{}})
				require.ErrorIs(t, err, synced.ErrStale)
				require.EqualError(t, err, "synced: rentals (account_id 1): "+message)
				require.Equal(t, harness.Counts{}, harness.CountsOf(result))
				require.Equal(t, before, harness.Names(t, rentals, synced.In(1)), "nothing was written")
			})
		})
	}
}

func TestDryRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		b.Server.Advance(1e12)
		stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
		b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 1") // an incremental run does not see it
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'left over')")
		b.Server.Advance(1e12)
		b.Server.Collection("rentals").Update(2, remotetest.Record{"name": "TWO"})
		b.Server.Collection("rentals").Delete(3)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 5, "name": "five"})

		before := harness.Names(t, rentals, synced.In(1))
		result, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, stored, result.Since)
		require.Zero(t, result.StoredTime)
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Len(t, result.Diff.Missing, 1)
		require.Len(t, result.Diff.Changed, 1)
		require.Len(t, result.Diff.Additional, 1)
		require.Equal(t, "3", result.Diff.Additional[0].ID, "what the run would remove, and no more")
		require.Equal(t, before, harness.Names(t, rentals, synced.In(1)), "nothing was written")
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))

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
