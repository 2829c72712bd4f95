package synced_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
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
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, numbered(24, 1, 2, 24)...)
		rentals := model(t, b, strict(strategy.Full{}))
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.EqualError(t, err, "synced: rentals (account_id 1): page 8: too many records can't be mapped: 3 of 24 records, more than 10 %; the last is record 24: "+nameless)
		require.Equal(t, counts{created: 19}, countsOf(result))
		require.Equal(t, 2, result.Quarantined, "what was committed")
		require.Len(t, rows(t, b), 19, "the last page is not")
		require.Len(t, quarantined(t, rentals, synced.In(1)), 2)

		// All or nothing: nothing.
		result, err = rentals.Synchronize(ctx, synced.In(2), synced.Call{Commit: synced.Atomic})
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.Zero(t, result.Counts)
		require.Len(t, rows(t, b), 19)
		require.Empty(t, quarantined(t, rentals, synced.In(2)))

		// What stays in quarantine from before counts for nothing.
		d := strict(strategy.Full{})
		d.QuarantineLimit = 0.2
		require.Equal(t, 3, synchronize(t, bind(t, b, d), synced.In(1)).Quarantined)
		records := make([]remote.Object, 21)
		for i := range records {
			records[i], err = remote.ObjectOf(remotetest.Record{"id": 100 + i, "name": fmt.Sprint(i)})
			require.NoError(t, err)
		}
		result = synchronize(t, rentals, synced.In(1), synced.Call{Records: records, Remove: synced.Keep})
		require.Equal(t, 3, result.Quarantined)
		require.Equal(t, counts{created: 21}, countsOf(result))

		d.QuarantineLimit = 1
		put(b, numbered(24, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)...)
		require.Equal(t, 24, synchronize(t, bind(t, b, d), synced.In(1)).Quarantined, "no limit")
	})
}

func TestContract_C60_FewRecordsHaveNoLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, numbered(20, 1, 2, 3, 4, 5, 6, 7)...)
		require.Equal(t, 7, synchronize(t, model(t, b, strict(strategy.Full{})), synced.In(1)).Quarantined)
	})
}

func TestContract_C60_TheCountsAreRightAfterAFailure(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "", "two", "three", "", "five", "six", "seven")
		b.srv.Fault(remotetest.Fault{Page: 3, Status: 503})
		rentals := model(t, b, strict(strategy.Full{}))
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Equal(t, counts{created: 4}, countsOf(result))
		require.Equal(t, 2, result.Quarantined)
		require.Len(t, quarantined(t, rentals, synced.In(1)), 2)

		result, err = rentals.Synchronize(context.Background(), synced.In(2), synced.Call{Commit: synced.Atomic, API: client(t, b.srv, token)})
		require.NoError(t, err)
		require.Equal(t, 2, result.Quarantined)
		require.Len(t, quarantined(t, rentals, synced.In(2)), 2)
		require.Len(t, quarantined(t, rentals, synced.NoScope), 4, "every scope's")
		require.Len(t, quarantined(t, rentals, synced.In(3)), 0)
	})
}

func TestContract_C60_ACheckListsInvalidRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		put(b, "one", "two", "three", "four")
		rentals := model(t, b, strict(strategy.Full{}))
		synchronize(t, rentals, synced.In(1))
		b.srv.Collection("rentals").Update(2, remotetest.Record{"name": ""})
		put(b, "one")
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Equal(t, "rentals (account_id 1): 4 compared, nothing differs, 1 invalid\ninvalid: record 2: "+nameless+"\n", diff.String())
		require.Empty(t, quarantined(t, rentals, synced.NoScope), "a check writes nothing")
		dry := synchronize(t, rentals, synced.In(1), synced.Call{DryRun: true})
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
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "", "")
		b.srv.Advance(time.Hour)
		d := strict(strategy.UpdatedSince{})
		require.Equal(t, 2, synchronize(t, model(t, b, d), synced.In(1)).Quarantined)
		b.srv.Advance(time.Hour)
		b.srv.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
		d.Invalid = synced.Fail
		failing := bind(t, b, d)
		b.srv.Advance(time.Hour)
		result := synchronize(t, failing, synced.In(1))
		require.Equal(t, 1, result.Created)
		require.Zero(t, result.Quarantined)
		require.Equal(t, []string{"3: " + nameless + " (1)"}, quarantined(t, failing, synced.In(1)), "it waits")
		mended := bind(t, b, synced.Synced[lenient]{Table: "rentals", Scope: "account_id", Invalid: synced.Quarantine})
		b.srv.Advance(time.Hour)
		synchronize(t, mended, synced.In(1))
		require.Equal(t, []string{"1 one", "2 two", "3 "}, rows(t, b))
	})
}
