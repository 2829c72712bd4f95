package quarantine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// listing is an API with one record a page.
func listing(t *testing.T, records ...string) remote.API {
	t.Helper()
	return remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			for i, raw := range records {
				o, err := remote.ParseObject([]byte(raw))
				if !yield(&remote.Page{Number: i + 1, Objects: []remote.Object{o}, More: i+1 < len(records)}, err) {
					return
				}
			}
		}
	})
}

// numbered is n names, of which those of the given ids are empty.
func numbered(n int, empty ...int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("name ", i+1)
	}
	for _, id := range empty {
		list[id-1] = ""
	}
	return list
}

func TestContract_C60_TooManyInvalidRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put(numbered(24, 1, 2, 24)...)
		rentals := harness.Model(t, b, strict(strategy.Full{}))
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.EqualError(t, err, "synced: rentals (account_id 1): page 8: too many records can't be mapped: 3 of 24 records, more than 10 %; the last is record 24: "+nameless+": see whether the API has changed, and change the model, or raise Quarantine.Limit")
		require.Equal(t, harness.Counts{Created: 19}, harness.CountsOf(result))
		require.Equal(t, 2, result.Quarantined, "what was committed")
		require.Len(t, rows(t, b), 19, "the last page is not")
		require.Len(t, quarantined(t, rentals, synced.In(1)), 2)

		// All or nothing: nothing.
		result, err = rentals.Synchronize(ctx, synced.In(2), synced.Call{Commit: synced.Atomic{}})
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.Zero(t, result.Counts)
		require.Len(t, rows(t, b), 19)
		require.Empty(t, quarantined(t, rentals, synced.In(2)))

		// What stays in quarantine from before counts for nothing.
		d := strict(strategy.Full{})
		d.Invalid = synced.Quarantine{Limit: 0.2}
		require.Equal(t, 3, harness.Sync(t, harness.Bind(t, b, d), synced.In(1)).Quarantined)
		records := make([]remote.Object, 21)
		for i := range records {
			records[i], err = remote.ObjectOf(remotetest.Record{"id": 100 + i, "name": fmt.Sprint(i)})
			require.NoError(t, err)
		}
		result = harness.Sync(t, rentals, synced.In(1), synced.Call{Records: records, Remove: synced.KeepRows{}})
		require.Equal(t, 3, result.Quarantined)
		require.Equal(t, harness.Counts{Created: 21}, harness.CountsOf(result))

		d.Invalid = synced.Quarantine{Limit: 1}
		b.Put(numbered(24, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)...)
		require.Equal(t, 24, harness.Sync(t, harness.Bind(t, b, d), synced.In(1)).Quarantined, "no limit")
	})
}

func TestContract_C60_FewRecordsHaveNoLimit(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put(numbered(20, 1, 2, 3, 4, 5, 6, 7)...)
		require.Equal(t, 7, harness.Sync(t, harness.Model(t, b, strict(strategy.Full{})), synced.In(1)).Quarantined)
	})
}

func TestContract_C60_TheCountsAreRightAfterAFailure(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("", "two", "three", "", "five", "six", "seven")
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 503})
		rentals := harness.Model(t, b, strict(strategy.Full{}))
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Equal(t, harness.Counts{Created: 4}, harness.CountsOf(result))
		require.Equal(t, 2, result.Quarantined)
		require.Len(t, quarantined(t, rentals, synced.In(1)), 2)

		result, err = rentals.Synchronize(context.Background(), synced.In(2), synced.Call{Commit: synced.Atomic{}, API: harness.Client(t, b.Server, harness.Token)})
		require.NoError(t, err)
		require.Equal(t, 2, result.Quarantined)
		require.Len(t, quarantined(t, rentals, synced.In(2)), 2)
		require.Len(t, quarantined(t, rentals, synced.NoScope), 4, "every scope's")
		require.Len(t, quarantined(t, rentals, synced.In(3)), 0)
	})
}

func TestContract_C60_ACheckListsInvalidRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, strict(strategy.Full{}))
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Update(2, remotetest.Record{"name": ""})
		b.Put("one")
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Equal(t, "rentals (account_id 1): 4 compared, nothing differs, 1 invalid\ninvalid: record 2: "+nameless+"\n", diff.String())
		require.Empty(t, quarantined(t, rentals, synced.NoScope), "a check writes nothing")
		dry := harness.Sync(t, rentals, synced.In(1), synced.Call{DryRun: true})
		require.Equal(t, diff.Invalid, dry.Diff.Invalid)
		var found []synced.Difference
		for d, err := range rentals.Differences(ctx, synced.In(1)) {
			require.NoError(t, err)
			found = append(found, d)
		}
		require.Len(t, found, 1)
		require.Equal(t, "2", found[0].Invalid.ID)
		result, err := rentals.Apply(ctx, synced.In(1), diff)
		require.NoError(t, err)
		require.Zero(t, result.Counts)
	})
}

// A record in quarantine does not come back over a row that was written since,
// while quarantine was not declared.
func TestContract_C60_QuarantineIsNoLongerDeclared(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "", "")
		b.Server.Advance(time.Hour)
		d := strict(strategy.UpdatedSince{})
		require.Equal(t, 2, harness.Sync(t, harness.Model(t, b, d), synced.In(1)).Quarantined)
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
		d.Invalid = synced.Fail{}
		failing := harness.Bind(t, b, d)
		b.Server.Advance(time.Hour)
		result := harness.Sync(t, failing, synced.In(1))
		require.Equal(t, 1, result.Created)
		require.Zero(t, result.Quarantined)
		require.Equal(t, []string{"3: " + nameless + " (1)"}, quarantined(t, failing, synced.In(1)), "it waits")
		mended := harness.Bind(t, b, synced.Synced[lenient]{Table: "rentals", Scope: "account_id", Invalid: synced.Quarantine{}})
		b.Server.Advance(time.Hour)
		harness.Sync(t, mended, synced.In(1))
		require.Equal(t, []string{"1 one", "2 two", "3 "}, rows(t, b))
	})
}
