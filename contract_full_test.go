package synced_test

import (
	"context"
	"fmt"
	"github.com/syncedgo/synced/store"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// fullRentals declares rentals by account, with the full strategy.
func fullRentals() synced.Synced[Rental] {
	return synced.Synced[Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}}
}

func TestContract_C11_CreatesUpdatesAndLeavesAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		var changes []synced.Change[Rental]
		d := fullRentals()
		d.OnChange = func(_ context.Context, _ store.Tx, c []synced.Change[Rental]) error {
			changes = append(changes, c...)
			return nil
		}
		rentals := model(t, b, d)
		require.Equal(t, counts{created: 4}, countsOf(synchronize(t, rentals, synced.In(1))))
		require.Len(t, changes, 4)

		changes = nil
		b.srv.Collection("rentals").Update(2, remotetest.Record{"name": "TWO"})
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 5, "name": "five"})
		require.Equal(t, counts{created: 1, updated: 1, unchanged: 3}, countsOf(synchronize(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "TWO", "three", "four", "five"}, names(t, rentals, synced.In(1)))
		require.Len(t, changes, 2, "no event for a row that did not change")
	})
}

// written is what the database counted of writes to a table; on SQLite, from the
// first call on.
func written(t *testing.T, b *bundle, table string) []string {
	t.Helper()
	if b.pool == nil {
		execute(t, b, "CREATE TABLE IF NOT EXISTS written (name text)")
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			execute(t, b, fmt.Sprintf("CREATE TRIGGER IF NOT EXISTS written_%s_%s AFTER %s ON %s BEGIN INSERT INTO written VALUES ('%s'); END",
				table, what, what, store.Quote(table), table))
		}
		return column(t, b, "SELECT count(*) FROM written WHERE name = ?", table)
	}
	// Backends report their counts with a delay, and at their end.
	b.pool.Reset()
	require.Eventually(t, func() bool {
		return column(t, b, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")[0] == "1"
	}, 10*time.Second, 10*time.Millisecond)
	return column(t, b, "SELECT concat_ws(' ', n_tup_ins, n_tup_upd, n_tup_del) FROM pg_stat_user_tables WHERE relname = ?", table)
}

func TestContract_C12_ASecondRunWritesNothing(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		for _, guarded := range []bool{true, false} {
			t.Run(fmt.Sprintf("commit %d, guarded %t", commit, guarded), func(t *testing.T) {
				onBoth(t, func(t *testing.T, b *bundle) {
					put(b, "one", "two", "three", "four", "five")
					d := fullRentals()
					d.Commit, d.Remove = commit, synced.Destroy
					rentals := guardedOrNot(t, b, d, guarded)
					require.Equal(t, counts{created: 5}, countsOf(synchronize(t, rentals, synced.In(1))))
					before := written(t, b, "rentals")
					versions := rowVersions(t, b)
					require.Equal(t, counts{unchanged: 5}, countsOf(synchronize(t, rentals, synced.In(1))))
					require.Equal(t, before, written(t, b, "rentals"))
					require.Equal(t, versions, rowVersions(t, b))
					if b.pool != nil {
						require.Equal(t, []string{"5 0 0"}, before)
					}
				})
			})
		}
	}
}

func guardedOrNot(t *testing.T, b *bundle, d synced.Synced[Rental], guarded bool) *synced.Model[Rental] {
	t.Helper()
	if guarded {
		return model(t, b, d)
	}
	return unguarded(t, b, d)
}

// rowVersions are the transactions that wrote the rows, where the database tells.
func rowVersions(t *testing.T, b *bundle) []string {
	t.Helper()
	if b.pool == nil {
		return nil
	}
	return column(t, b, "SELECT xmin::text FROM rentals ORDER BY synced_id")
}

func TestContract_C13_RemovesWithinTheScopeOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		d := fullRentals()
		d.Remove = synced.Destroy
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		synchronize(t, rentals, synced.In(2))
		b.srv.Collection("rentals").Delete(2, 3)
		result := synchronize(t, rentals, synced.In(1))
		require.Equal(t, counts{unchanged: 2, removed: 2}, countsOf(result))
		require.Nil(t, result.Refused)
		require.Equal(t, []string{"one", "four"}, names(t, rentals, synced.In(1)))
		require.Len(t, names(t, rentals, synced.In(2)), 4)

		// Without removal, rows stay.
		b.srv.Collection("rentals").Delete(1)
		require.Equal(t, counts{unchanged: 1}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Remove: synced.Keep})))
		require.Len(t, names(t, rentals, synced.In(1)), 2)
	})
}

// What other scopes have is not in the way of a removal, however much it is.
func TestContract_C13_OtherScopesDoNotCount(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		d := fullRentals()
		d.Remove = synced.Destroy
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		others := make([]remote.Object, 150)
		for i := range others {
			others[i] = object(t, map[string]any{"id": 1000 + i, "name": "of another account"})
		}
		synchronize(t, rentals, synced.In(2), synced.Call{Records: others})
		b.srv.Collection("rentals").Delete(4)
		result := synchronize(t, rentals, synced.In(1))
		require.Nil(t, result.Refused)
		require.Equal(t, counts{unchanged: 3, removed: 1}, countsOf(result))
		require.Len(t, names(t, rentals, synced.In(2)), 150)
	})
}

// Unscoped is a model whose whole table is the scope.
type Unscoped struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func TestContract_C14_WithoutAScopeTheTableIsTheScope(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		rentals := model(t, b, synced.Synced[Unscoped]{Table: "rentals", Strategy: strategy.Full{}, Remove: synced.Destroy})
		require.Equal(t, counts{created: 4}, countsOf(synchronize(t, rentals, synced.NoScope)))
		b.srv.Collection("rentals").Delete(4)
		require.Equal(t, counts{unchanged: 3, removed: 1}, countsOf(synchronize(t, rentals, synced.NoScope)))
		require.Equal(t, []string{"1", "2", "3"}, column(t, b, "SELECT CAST(synced_id AS text) FROM rentals ORDER BY synced_id"))
	})
}

func object(t *testing.T, v map[string]any) remote.Object {
	t.Helper()
	o, err := remote.ObjectOf(v)
	require.NoError(t, err)
	return o
}

func TestContract_C15_RecordsGivenByTheCaller(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		d := fullRentals()
		d.Strategy, d.Remove = strategy.UpdatedSince{}, synced.Destroy
		rentals := model(t, b, d)
		stored := synchronize(t, rentals, synced.In(1)).StoredTime
		requests := b.srv.Requests()

		result := synchronize(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{
			object(t, map[string]any{"id": 1, "name": "ONE"}), object(t, map[string]any{"id": 9, "name": "nine"}),
		}})
		require.Equal(t, counts{created: 1, updated: 1, removed: 3}, countsOf(result))
		require.Equal(t, requests, b.srv.Requests(), "no request")
		require.Zero(t, result.StoredTime)
		require.Equal(t, []string{"ONE", "nine"}, names(t, rentals, synced.In(1)))

		// A single record is as good as a list, and an empty list is a list.
		single := []remote.Object{object(t, map[string]any{"id": 9, "name": "NINE"})}
		require.Equal(t, counts{updated: 1}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Records: single, Remove: synced.Keep})))
		require.Equal(t, counts{removed: 2}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{}})))

		next := synchronize(t, rentals, synced.In(1), synced.Call{Remove: synced.Keep})
		require.Equal(t, stored, next.Since, "the stored time was not touched")
	})
}

func TestContract_C16_RecordsGivenRunTheFullStrategy(t *testing.T) {
	for _, s := range []strategy.Strategy{strategy.UpdatedSince{}, strategy.Check{}, strategy.Full{}} {
		t.Run(s.Name(), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				d := fullRentals()
				d.Strategy, d.Remove = s, synced.Destroy
				rentals := model(t, b, d)
				records := []remote.Object{object(t, map[string]any{"id": 1, "name": "one"}), object(t, map[string]any{"id": 2, "name": "two"})}
				require.Equal(t, counts{created: 2}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Records: records})))
				require.Equal(t, counts{unchanged: 1, removed: 1}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{Records: records[:1]})))
				require.Zero(t, b.srv.Requests())
			})
		})
	}
}

func TestContract_C17_ARecordListedTwiceIsWrittenOnce(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				put(b, "one", "two", "three", "four", "five", "six")
				d := fullRentals()
				d.Commit = commit
				rentals := model(t, b, d)
				// While the second page is asked for, a record of the first moves to it.
				b.srv.OnRequest(func(r remotetest.Request) {
					if r.Page == 2 {
						b.srv.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
						b.srv.Collection("rentals").Move(1, 5)
					}
				})
				result := synchronize(t, rentals, synced.In(1))
				require.Equal(t, []string{"ONE", "two", "three", "five", "six"}, names(t, rentals, synced.In(1)), "the last one seen wins; four was skipped by the shift")
				require.Equal(t, counts{created: 5}, countsOf(result))
				b.srv.OnRequest(nil)
				require.Equal(t, counts{created: 1, unchanged: 5}, countsOf(synchronize(t, rentals, synced.In(1))))
			})
		})
	}
}

func TestContract_C18_MendsLocalEdits(t *testing.T) {
	for _, guarded := range []bool{true, false} {
		t.Run(fmt.Sprintf("guarded %t", guarded), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				b.srv.Collection("rentals").Put(
					remotetest.Record{"id": 1, "name": "one", "surface": 10, "price": "1.50"},
					remotetest.Record{"id": 2, "name": "two"}, remotetest.Record{"id": 3, "name": "three"},
					remotetest.Record{"id": 4, "name": "four"})
				d := fullRentals()
				d.Remove = synced.Destroy
				rentals := guardedOrNot(t, b, d, guarded)
				synchronize(t, rentals, synced.In(1))
				execute(t, b, "UPDATE rentals SET name = 'edited', remote_size = NULL, price = '1.5' WHERE synced_id = 1")
				execute(t, b, "UPDATE rentals SET synced_data = '{}' WHERE synced_id = 2")
				execute(t, b, "UPDATE rentals SET notes = 'our own' WHERE synced_id = 4")
				execute(t, b, "DELETE FROM rentals WHERE synced_id = 3")
				// A row without a remote id is nobody's business.
				execute(t, b, "INSERT INTO rentals (account_id, name) VALUES (1, 'own row')")

				require.Equal(t, counts{created: 1, updated: 2, unchanged: 1}, countsOf(synchronize(t, rentals, synced.In(1))))
				require.Equal(t, []string{"one", "two", "three", "four"}, names(t, rentals, synced.In(1)))
				row, err := rentals.Find(context.Background(), synced.In(1), 1)
				require.NoError(t, err)
				require.Equal(t, 10, *row.RemoteSize)
				require.Equal(t, "1.50", *row.Price)
				row, err = rentals.Find(context.Background(), synced.In(1), 4)
				require.NoError(t, err)
				require.Equal(t, "our own", row.Notes)
				require.Equal(t, []string{"own row"}, column(t, b, "SELECT name FROM rentals WHERE synced_id IS NULL"))
				diff, err := rentals.Check(context.Background(), synced.In(1))
				require.NoError(t, err)
				require.True(t, diff.Passed(), diff)
			})
		})
	}
}
