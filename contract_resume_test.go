package synced_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// stable is a client of an API whose next links stay put.
func stable(t *testing.T, b *bundle) *remote.Client {
	t.Helper()
	c, err := remote.NewClient(remote.Config{BaseURL: b.srv.URL(), Auth: remote.Bearer(token), HTTP: b.srv.Client(),
		Pagination: remote.LinkHeader{Stable: true}})
	require.NoError(t, err)
	return c
}

// resumable are rentals whose passes note each page.
func resumable(t *testing.T, b *bundle) synced.Synced[Rental] {
	t.Helper()
	d := fullRentals()
	d.API, d.Checkpoint, d.Remove = stable(t, b), time.Nanosecond, synced.Destroy
	return d
}

// pagesAsked lists the pages that were asked for since the log was reset.
func pagesAsked(b *bundle) []int {
	var pages []int
	for _, r := range b.srv.Log() {
		pages = append(pages, r.Page)
	}
	return pages
}

func TestContract_C72_AFirstSyncGoesOnWhereItWas(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "1", "2", "3", "4", "5", "6", "7", "8")
		d := resumable(t, b)
		d.Strategy = strategy.UpdatedSince{}
		rentals := model(t, b, d)
		execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'gone')")
		b.srv.Fault(remotetest.Fault{Page: 3, Status: 404})
		first, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Equal(t, 6, first.Created)
		require.False(t, first.Resumed)
		f, err := rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.False(t, f.UnfinishedPass.IsZero())

		b.srv.ResetLog()
		result := synchronize(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Contains(t, result.String(), "resumed")
		require.Equal(t, []int{3}, pagesAsked(b))
		require.Equal(t, counts{created: 2, removed: 1}, countsOf(result), "rows of the first part are not absent, and what is absent goes")
		require.Equal(t, remotetest.Start.UTC(), result.StoredTime, "the first page's time, of the run that failed")
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8"}, names(t, rentals, synced.In(1)))
		require.Equal(t, []string{"0", "0"}, column(t, b, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"), "nothing is left")
		f, err = rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, f.UnfinishedPass.IsZero())
	})
}

func TestContract_C72_WhatIsNotThePassIsNotGoneOnWith(t *testing.T) {
	for name, change := range map[string]func(d *synced.Synced[Rental]) synced.Call{
		"another query":   func(*synced.Synced[Rental]) synced.Call { return synced.Call{Query: map[string][]string{"a": {"b"}}} },
		"another mapping": func(d *synced.Synced[Rental]) synced.Call { d.MapVersion = 2; return synced.Call{} },
		"atomic":          func(*synced.Synced[Rental]) synced.Call { return synced.Call{Commit: synced.Atomic} },
		"numbered pages":  func(d *synced.Synced[Rental]) synced.Call { return synced.Call{} },
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				put(b, "1", "2", "3", "4", "5", "6", "7", "8")
				d := resumable(t, b)
				if name == "numbered pages" {
					d.API = b.api
				}
				rentals := model(t, b, d)
				b.srv.Fault(remotetest.Fault{Page: 3, Status: 404})
				_, err := rentals.Synchronize(context.Background(), synced.In(1))
				require.Error(t, err)
				call := change(&d)
				b.srv.ResetLog()
				result := synchronize(t, bind(t, b, d), synced.In(1), call)
				require.False(t, result.Resumed)
				require.Equal(t, []int{1, 2, 3}, pagesAsked(b))
				require.Equal(t, []string{"0", "0"}, column(t, b, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"))
			})
		})
	}
}

func TestContract_C72_ARefusedPositionBeginsAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "1", "2", "3", "4", "5", "6", "7", "8")
		rentals := model(t, b, resumable(t, b))
		b.srv.Fault(remotetest.Fault{Page: 3, Status: 404, Times: 2})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		b.srv.ResetLog()
		result := synchronize(t, rentals, synced.In(1))
		require.False(t, result.Resumed)
		require.Equal(t, []int{3, 1, 2, 3}, pagesAsked(b))
		require.Equal(t, counts{created: 2, unchanged: 6}, countsOf(result))
	})
}

func TestContract_C72_RowsThatOthersWroteMeanwhileAreNotAbsent(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "1", "2", "3", "4", "5", "6", "7", "8")
		d := resumable(t, b)
		d.Strategy = strategy.UpdatedSince{}
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))

		b.srv.Fault(remotetest.Fault{Page: 3, Status: 404})
		_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Error(t, err)
		// A record comes to the part of the list that was read, and an incremental run
		// brings it.
		b.srv.Advance(time.Hour)
		b.srv.Collection("rentals").Put(remotetest.Record{"id": 9, "name": "9"})
		b.srv.Collection("rentals").Move(9, 0)
		require.Equal(t, 1, synchronize(t, rentals, synced.In(1)).Created)

		result := synchronize(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.True(t, result.Resumed)
		require.Zero(t, result.Removed)
		require.Contains(t, names(t, rentals, synced.In(1)), "9")
	})
}
