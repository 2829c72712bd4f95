package resume_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// pagesAsked lists the pages that were asked for since the log was reset.
func pagesAsked(b *harness.Bundle) []int {
	var pages []int
	for _, r := range b.Server.Log() {
		pages = append(pages, r.Page)
	}
	return pages
}

func TestContract_C72_AFirstSyncGoesOnWhereItWas(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		d := harness.Resumable(t, b)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'gone')")
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
		first, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Equal(t, 6, first.Created)
		require.False(t, first.Resumed)
		f, err := rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.False(t, f.UnfinishedPass.IsZero())

		b.Server.ResetLog()
		result := harness.Sync(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Contains(t, result.String(), "resumed")
		require.Equal(t, []int{3}, pagesAsked(b))
		require.Equal(t, harness.Counts{Created: 2, Removed: 1}, harness.CountsOf(result), "rows of the first part are not absent, and what is absent goes")
		require.Equal(t, remotetest.Start.UTC(), result.StoredTime, "the first page's time, of the run that failed")
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8"}, harness.Names(t, rentals, synced.In(1)))
		require.Equal(t, []string{"0", "0"}, b.Column(t, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"), "nothing is left")
		f, err = rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, f.UnfinishedPass.IsZero())
	})
}

func TestContract_C72_WhatIsNotThePassIsNotGoneOnWith(t *testing.T) {
	for name, change := range map[string]func(d *synced.Synced[harness.Rental]) synced.Call{
		"another query": func(*synced.Synced[harness.Rental]) synced.Call {
			return synced.Call{Ask: synced.Ask{Query: map[string][]string{"a": {"b"}}}}
		},
		"another mapping": func(d *synced.Synced[harness.Rental]) synced.Call { d.MapVersion = 2; return synced.Call{} },
		"atomic":          func(*synced.Synced[harness.Rental]) synced.Call { return synced.Call{Commit: synced.Atomic{}} },
		"numbered pages":  func(d *synced.Synced[harness.Rental]) synced.Call { return synced.Call{} },
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("1", "2", "3", "4", "5", "6", "7", "8")
				d := harness.Resumable(t, b)
				if name == "numbered pages" {
					d.API = b.API
				}
				rentals := harness.Model(t, b, d)
				b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
				_, err := rentals.Synchronize(context.Background(), synced.In(1))
				require.Error(t, err)
				call := change(&d)
				b.Server.ResetLog()
				result := harness.Sync(t, harness.Bind(t, b, d), synced.In(1), call)
				require.False(t, result.Resumed)
				require.Equal(t, []int{1, 2, 3}, pagesAsked(b))
				require.Equal(t, []string{"0", "0"}, b.Column(t, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"))
			})
		})
	}
}

func TestContract_C72_ARefusedPositionBeginsAnew(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		rentals := harness.Model(t, b, harness.Resumable(t, b))
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 404, Times: 2})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		b.Server.ResetLog()
		result := harness.Sync(t, rentals, synced.In(1))
		require.False(t, result.Resumed)
		require.Equal(t, []int{3, 1, 2, 3}, pagesAsked(b))
		require.Equal(t, harness.Counts{Created: 2, Unchanged: 6}, harness.CountsOf(result))
	})
}

func TestContract_C72_RowsThatOthersWroteMeanwhileAreNotAbsent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		d := harness.Resumable(t, b)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))

		b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
		_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Error(t, err)
		// A record comes to the part of the list that was read, and an incremental run
		// brings it.
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 9, "name": "9"})
		b.Server.Collection("rentals").Move(9, 0)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Created)

		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.True(t, result.Resumed)
		require.Zero(t, result.Removed)
		require.Contains(t, harness.Names(t, rentals, synced.In(1)), "9")
	})
}
