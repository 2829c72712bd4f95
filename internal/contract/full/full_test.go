package full_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C11_CreatesUpdatesAndLeavesAlone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		var changes []synced.Change[harness.Rental]
		d := harness.Rentals()
		d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[harness.Rental]) error {
			changes = append(changes, c...)
			return nil
		}
		rentals := harness.Model(t, b, d)
		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Len(t, changes, 4)

		changes = nil
		b.Server.Collection("rentals").Update(2, remotetest.Record{"name": "TWO"})
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 5, "name": "five"})
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "TWO", "three", "four", "five"}, harness.Names(t, rentals, synced.In(1)))
		require.Len(t, changes, 2, "no event for a row that did not change")
	})
}

func TestContract_C12_ASecondRunWritesNothing(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, guarded := range []bool{true, false} {
			t.Run(fmt.Sprintf("commit %d, guarded %t", commit, guarded), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					b.Put("one", "two", "three", "four", "five")
					d := harness.Rentals()
					d.Commit, d.Remove = commit, synced.Destroy{}
					rentals := guardedOrNot(t, b, d, guarded)
					require.Equal(t, harness.Counts{Created: 5}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
					before := b.Written(t, "rentals")
					versions := rowVersions(t, b)
					require.Equal(t, harness.Counts{Unchanged: 5}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
					require.Equal(t, before, b.Written(t, "rentals"))
					require.Equal(t, versions, rowVersions(t, b))
					if b.Pool != nil {
						require.Equal(t, []string{"5 0 0"}, before)
					}
				})
			})
		}
	}
}

func guardedOrNot(t *testing.T, b *harness.Bundle, d synced.Synced[harness.Rental], guarded bool) *synced.Model[harness.Rental] {
	t.Helper()
	if guarded {
		return harness.Model(t, b, d)
	}
	return harness.Unguarded(t, b, d)
}

// rowVersions are the transactions that wrote the rows, where the database tells.
func rowVersions(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	if b.Pool == nil {
		return nil
	}
	return b.Column(t, "SELECT xmin::text FROM rentals ORDER BY synced_id")
}

func TestContract_C13_RemovesWithinTheScopeOnly(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(2))
		b.Server.Collection("rentals").Delete(2, 3)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Unchanged: 2, Removed: 2}, harness.CountsOf(result))
		require.Nil(t, result.Refused)
		require.Equal(t, []string{"one", "four"}, harness.Names(t, rentals, synced.In(1)))
		require.Len(t, harness.Names(t, rentals, synced.In(2)), 4)

		// Without removal, rows stay.
		b.Server.Collection("rentals").Delete(1)
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.KeepRows{}})))
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 2)
	})
}

// What other scopes have is not in the way of a removal, however much it is.
func TestContract_C13_OtherScopesDoNotCount(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		others := make([]remote.Object, 150)
		for i := range others {
			others[i] = harness.Object(t, map[string]any{"id": 1000 + i, "name": "of another account"})
		}
		harness.Sync(t, rentals, synced.In(2), synced.Call{Records: others})
		b.Server.Collection("rentals").Delete(4)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Nil(t, result.Refused)
		require.Equal(t, harness.Counts{Unchanged: 3, Removed: 1}, harness.CountsOf(result))
		require.Len(t, harness.Names(t, rentals, synced.In(2)), 150)
	})
}

func TestContract_C14_WithoutAScopeTheTableIsTheScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, synced.Synced[harness.Unscoped]{Table: "rentals", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(harness.Sync(t, rentals, synced.NoScope)))
		b.Server.Collection("rentals").Delete(4)
		require.Equal(t, harness.Counts{Unchanged: 3, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.NoScope)))
		require.Equal(t, []string{"1", "2", "3"}, b.Column(t, "SELECT CAST(synced_id AS text) FROM rentals ORDER BY synced_id"))
	})
}

func TestContract_C15_RecordsGivenByTheCaller(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		d := harness.Rentals()
		d.Strategy, d.Remove = strategy.UpdatedSince{Tolerance: -1}, synced.Destroy{}
		rentals := harness.Model(t, b, d)
		stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
		requests := b.Server.Requests()

		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{
			harness.Object(t, map[string]any{"id": 1, "name": "ONE"}), harness.Object(t, map[string]any{"id": 9, "name": "nine"}),
		}})
		require.Equal(t, harness.Counts{Created: 1, Updated: 1, Removed: 3}, harness.CountsOf(result))
		require.Equal(t, requests, b.Server.Requests(), "no request")
		require.Zero(t, result.StoredTime)
		require.Equal(t, []string{"ONE", "nine"}, harness.Names(t, rentals, synced.In(1)))

		// A single record is as good as a list, and an empty list is a list.
		single := []remote.Object{harness.Object(t, map[string]any{"id": 9, "name": "NINE"})}
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Records: single, Remove: synced.KeepRows{}})))
		require.Equal(t, harness.Counts{Removed: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{}})))

		next := harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, stored, next.Since, "the stored time was not touched")
	})
}

func TestContract_C16_RecordsGivenRunTheFullStrategy(t *testing.T) {
	for _, s := range []strategy.Strategy{strategy.UpdatedSince{Tolerance: -1}, strategy.Check{}, strategy.Full{}} {
		t.Run(s.String(), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Rentals()
				d.Strategy, d.Remove = s, synced.Destroy{}
				rentals := harness.Model(t, b, d)
				records := []remote.Object{harness.Object(t, map[string]any{"id": 1, "name": "one"}), harness.Object(t, map[string]any{"id": 2, "name": "two"})}
				require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Records: records})))
				require.Equal(t, harness.Counts{Unchanged: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{Records: records[:1]})))
				require.Zero(t, b.Server.Requests())
			})
		})
	}
}

func TestContract_C17_ARecordListedTwiceIsWrittenOnce(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four", "five", "six")
				d := harness.Rentals()
				d.Commit = commit
				rentals := harness.Model(t, b, d)
				// While the second page is asked for, a record of the first moves to it.
				b.Server.OnRequest(func(r remotetest.Request) {
					if r.Page == 2 {
						b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
						b.Server.Collection("rentals").Move(1, 5)
					}
				})
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, []string{"ONE", "two", "three", "five", "six"}, harness.Names(t, rentals, synced.In(1)), "the last one seen wins; four was skipped by the shift")
				require.Equal(t, harness.Counts{Created: 5}, harness.CountsOf(result))
				b.Server.OnRequest(nil)
				require.Equal(t, harness.Counts{Created: 1, Unchanged: 5}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
			})
		})
	}
}

func TestContract_C18_MendsLocalEdits(t *testing.T) {
	for _, guarded := range []bool{true, false} {
		t.Run(fmt.Sprintf("guarded %t", guarded), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Server.Collection("rentals").Put(
					remotetest.Record{"id": 1, "name": "one", "surface": 10, "price": "1.50"},
					remotetest.Record{"id": 2, "name": "two"}, remotetest.Record{"id": 3, "name": "three"},
					remotetest.Record{"id": 4, "name": "four"})
				d := harness.Rentals()
				d.Remove = synced.Destroy{}
				rentals := guardedOrNot(t, b, d, guarded)
				harness.Sync(t, rentals, synced.In(1))
				b.Execute(t, "UPDATE rentals SET name = 'edited', remote_size = NULL, price = '1.5' WHERE synced_id = 1")
				b.Execute(t, "UPDATE rentals SET synced_data = '{}' WHERE synced_id = 2")
				b.Execute(t, "UPDATE rentals SET notes = 'our own' WHERE synced_id = 4")
				b.Execute(t, "DELETE FROM rentals WHERE synced_id = 3")
				// No run touches a row without a remote id.
				b.Execute(t, "INSERT INTO rentals (account_id, name) VALUES (1, 'own row')")

				require.Equal(t, harness.Counts{Created: 1, Updated: 2, Unchanged: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
				require.Equal(t, []string{"one", "two", "three", "four"}, harness.Names(t, rentals, synced.In(1)))
				row, err := rentals.Find(context.Background(), synced.In(1), 1)
				require.NoError(t, err)
				require.Equal(t, 10, *row.RemoteSize)
				require.Equal(t, "1.50", *row.Price)
				row, err = rentals.Find(context.Background(), synced.In(1), 4)
				require.NoError(t, err)
				require.Equal(t, "our own", row.Notes)
				require.Equal(t, []string{"own row"}, b.Column(t, "SELECT name FROM rentals WHERE synced_id IS NULL"))
				diff, err := rentals.Check(context.Background(), synced.In(1))
				require.NoError(t, err)
				require.True(t, diff.Passed(), diff)
			})
		})
	}
}
