package quarantine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Strict is a rental that must have a name.
type Strict struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name" validate:"required"`
}

// lenient is the same table without the rule.
type lenient struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

func strict(s strategy.Strategy) synced.Synced[Strict] {
	return synced.Synced[Strict]{Table: "rentals", Scope: "account_id", Strategy: s, Remove: synced.Destroy{}, Invalid: synced.Quarantine{}}
}

// rows lists a scope's rows as "id name".
func rows(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT concat(synced_id, ' ', name) FROM rentals ORDER BY account_id, synced_id")
}

// quarantined lists what is in quarantine as "id: error (attempts)".
func quarantined[T any](t *testing.T, m *synced.Model[T], scope synced.Scope) []string {
	t.Helper()
	list := []string{}
	for q, err := range m.Quarantined(context.Background(), scope) {
		require.NoError(t, err)
		list = append(list, fmt.Sprintf("%s: %s (%d)", q.ID, q.Error, q.Attempts))
	}
	return list
}

const nameless = `name: rule "required" of field Name does not hold for ""`

func TestContract_C60_AnInvalidRecordFailsTheRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "", "six")
		d := strict(strategy.Full{})
		d.Invalid = nil
		rentals := harness.Model(t, b, d)
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): page 2: record 5: "+nameless)
		var field *mapper.FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(result))
		require.Equal(t, []string{"1 one", "2 two", "3 three"}, rows(t, b), "nothing of its transaction stays")
		_, err = rentals.Check(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): page 2: record 5: "+nameless)
		require.Empty(t, quarantined(t, rentals, synced.NoScope))
	})
}

func TestContract_C60_AnInvalidRecordIsSetAside(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "", "five")
		b.Server.Collection("rentals").PutRaw(`{"id":6,"name":6,"big":12345678901234567890}`)
		d := strict(strategy.Full{})
		d.Map = func(o remote.Object, row *Strict) error {
			if row.Name == "five" {
				return errors.New("no\nway\x00 " + strings.Repeat("x", 1000))
			}
			return nil
		}
		var changed []string
		d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[Strict]) error {
			for _, c := range changes {
				changed = append(changed, c.ID)
			}
			return nil
		}
		rentals := harness.Model(t, b, d)
		before := time.Now().Add(-time.Second)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(result))
		require.Equal(t, 3, result.Quarantined)
		require.Contains(t, result.String(), "3 created, 0 updated, 0 unchanged, 0 removed, 0 restored, 3 quarantined (")
		require.Equal(t, []string{"1", "2", "3"}, changed)
		require.Equal(t, []string{"1 one", "2 two", "3 three"}, rows(t, b))

		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(result))
		require.Equal(t, 3, result.Quarantined)
		var list []synced.QuarantinedRecord
		for q, err := range rentals.Quarantined(context.Background(), synced.In(1)) {
			require.NoError(t, err)
			require.WithinRange(t, q.First, before, q.Last)
			require.WithinRange(t, q.Last, q.First.Add(1), time.Now().Add(time.Second))
			q.First, q.Last = time.Time{}, time.Time{}
			list = append(list, q)
		}
		require.Len(t, list, 3)
		require.Equal(t, "1/4/"+nameless+"/2", fmt.Sprintf("%s/%s/%s/%d", list[0].Scope, list[0].ID, list[0].Error, list[0].Attempts))
		require.True(t, strings.HasPrefix(list[1].Error, "map: no way\u2400 xxx"), list[1].Error)
		require.Len(t, []rune(list[1].Error), 500, "shortened")
		require.Equal(t, "name: the number 6 does not fit field Name of type string", list[2].Error)
		require.Equal(t, `{"id":6,"name":6,"big":12345678901234567890}`, string(list[2].Object.Raw()), "as received")
	})
}

func TestContract_C60_OtherMistakesFailTheRunStill(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		b.Server.Fault(remotetest.Fault{Body: `{"rentals":[{"id":1,"name":"one"},{"name":"no id"}]}`})
		rentals := harness.Model(t, b, strict(strategy.Full{}))
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "record no. 2: id: the record has no such attribute")
		require.Empty(t, quarantined(t, rentals, synced.NoScope))
		// A rule that can't be applied is the declaration's mistake.
		type odd struct {
			SyncedID  int64  `json:"id" db:"synced_id"`
			AccountID int64  `db:"account_id"`
			Name      string `json:"name" db:"name" validate:"omitempty,dive,required"`
		}
		_, err = synced.New(context.Background(), b.DB, synced.Synced[odd]{Table: "rentals", Scope: "account_id", API: b.API, Strategy: strategy.Full{}, Invalid: synced.Quarantine{}})
		require.ErrorContains(t, err, "a validate tag of the model can't be used")
	})
}

func TestContract_C60_RemovalNeverTakesTheRowOfAnInvalidRecord(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint("commit ", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four")
				d := strict(strategy.Full{})
				d.Commit = commit
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				b.Server.Collection("rentals").Update(2, remotetest.Record{"name": ""})
				b.Server.Collection("rentals").Update(4, remotetest.Record{"name": 4})
				b.Server.Collection("rentals").Delete(1)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Unchanged: 1, Removed: 1}, harness.CountsOf(result))
				require.Equal(t, 2, result.Quarantined)
				require.Equal(t, []string{"2 two", "3 three", "4 four"}, rows(t, b), "as they were")

				// Deleted, it leaves the quarantine and loses its row; good again, it is written.
				b.Server.Collection("rentals").Delete(2)
				b.Server.Collection("rentals").Update(4, remotetest.Record{"name": "FOUR"})
				result = harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
				require.Zero(t, result.Quarantined)
				require.Equal(t, []string{"3 three", "4 FOUR"}, rows(t, b))
				require.Empty(t, quarantined(t, rentals, synced.NoScope))
			})
		})
	}
}

func TestContract_C60_RetriedWithoutBeingListed(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint("commit ", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "", "", "four")
				b.Server.Advance(time.Hour)
				d := strict(strategy.UpdatedSince{})
				d.Commit = commit
				rentals := harness.Model(t, b, d)
				require.Equal(t, 2, harness.Sync(t, rentals, synced.In(1)).Quarantined)
				b.Server.Advance(time.Hour)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Zero(t, result.Records, "none is listed again")
				require.Equal(t, 2, result.Quarantined)
				require.Equal(t, []string{"2: " + nameless + " (2)", "3: " + nameless + " (2)"}, quarantined(t, rentals, synced.In(1)))

				// The mapping changes, and the remote lists one of the two again.
				var changed []string
				mended := harness.Bind(t, b, synced.Synced[lenient]{Table: "rentals", Scope: "account_id", Commit: commit, Invalid: synced.Quarantine{}, Remove: synced.Destroy{},
					OnChange: func(_ context.Context, _ store.Tx, changes []synced.Change[lenient]) error {
						for _, c := range changes {
							changed = append(changed, fmt.Sprint(c.Kind, " ", c.ID))
						}
						return nil
					}})
				b.Server.Advance(time.Hour)
				b.Server.Collection("rentals").Update(3, remotetest.Record{"name": "newer"})
				result = harness.Sync(t, mended, synced.In(1))
				require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(result))
				require.Zero(t, result.Quarantined)
				require.Equal(t, []string{"created 3", "created 2"}, changed)
				require.Equal(t, []string{"1 one", "2 ", "3 newer", "4 four"}, rows(t, b))
				require.Empty(t, quarantined(t, mended, synced.NoScope))
			})
		})
	}
}

func TestContract_C60_DeletedRecordsLeaveTheQuarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "", "three", "four", "")
		b.Server.Advance(time.Hour)
		d := strict(strategy.UpdatedSince{})
		rentals := harness.Model(t, b, d)
		require.Equal(t, 2, harness.Sync(t, rentals, synced.In(1)).Quarantined)
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Delete(2)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Quarantined)
		require.Equal(t, []string{"5: " + nameless + " (2)"}, quarantined(t, rentals, synced.In(1)))

		// A run that may not see everything drops nothing.
		b.Server.Collection("rentals").Delete(5)
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}, Remove: synced.KeepRows{}, Ask: synced.Ask{Query: map[string][]string{"open": {"yes"}}}})
		require.Equal(t, 1, result.Quarantined)
		result = harness.Sync(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{}, Remove: synced.KeepRows{}})
		require.Equal(t, 1, result.Quarantined)
		result = harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}, Remove: synced.KeepRows{}})
		require.Zero(t, result.Quarantined)
		require.Empty(t, quarantined(t, rentals, synced.NoScope))
	})
}

func TestContract_C60_ListedTwice(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, c := range []struct {
			first, then string
			counts      harness.Counts
			quarantined int
			row         string
		}{
			{"", "", harness.Counts{}, 1, "1 one"},
			{"", "ONE", harness.Counts{Updated: 1}, 0, "1 ONE"},
			{"one", "", harness.Counts{}, 1, "1 one"},
		} {
			t.Run(fmt.Sprintf("commit %d %q %q", commit, c.first, c.then), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					b.Put("one")
					d := strict(strategy.Full{})
					d.Commit = commit
					rentals := harness.Model(t, b, d)
					harness.Sync(t, rentals, synced.In(1))
					result := harness.Sync(t, rentals, synced.In(1), synced.Call{API: listing(t, fmt.Sprintf(`{"id":1,"name":%q}`, c.first), fmt.Sprintf(`{"id":1,"name":%q}`, c.then))})
					require.Equal(t, c.counts, harness.CountsOf(result))
					require.Equal(t, c.quarantined, result.Quarantined)
					require.Equal(t, []string{c.row}, rows(t, b))
					if c.quarantined > 0 {
						require.Equal(t, []string{"1: " + nameless + " (1)"}, quarantined(t, rentals, synced.In(1)), "one attempt a run")
					}
				})
			})
		}
	}
}
