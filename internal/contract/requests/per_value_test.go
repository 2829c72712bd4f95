package requests_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// perStatus declares rentals that are listed by status: 1 to 4 open, 5 to 8 closed.
func perStatus(t *testing.T, b *harness.Bundle) synced.Synced[harness.Rental] {
	t.Helper()
	style := remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next", Total: "total"}
	d := rentals(t, b, remotetest.Config{Style: style, Quirks: remotetest.Quirks{Filter: "status"}}, rest.Config{
		RecordsKey: "items", TotalPath: "total", SyncedAtHeader: rest.None, Pagination: rest.Cursor{Path: "next"},
		PerValue: rest.PerValue{Param: "status", Values: []string{"open", "none", "closed"}},
	})
	for i, name := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		status := "open"
		if i > 3 {
			status = "closed"
		}
		b.Server.Collection("rentals").Put(remotetest.Record{"id": i + 1, "name": name, "status": status})
	}
	b.Server.Advance(time.Minute)
	return d
}

func TestContract_C168_OneListForEachValue(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, perStatus(t, b))
		all := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
		begin := b.Server.Now()
		b.Server.Script(remotetest.Fault{Page: 2, Status: 404, Times: 1}) // of the open ones
		_, err := model.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.ErrorContains(t, err, "status=open")
		b.Server.ResetLog()
		result := harness.Sync(t, model, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, 4, b.Server.Requests(), "the rest of one, an empty one, and another")
		require.Equal(t, all, harness.Names(t, model, synced.In(1)))
		require.WithinDuration(t, begin, result.StoredTime, 2*time.Second, "the time of the first page of all")

		// Between two of them.
		harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Query.Get("status") == "none" {
				b.Server.Fault(remotetest.Fault{Status: 400})
			}
		})
		_, err = model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.ErrorIs(t, err, remote.ErrInvalid)
		b.Server.OnRequest(nil)
		b.Server.ResetLog()
		require.Equal(t, 4, harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}}).Unchanged, "those that are left")
		require.Equal(t, 3, b.Server.Requests())

		// What no list has is gone, where that is asked for.
		b.Server.Collection("rentals").Delete(2)
		require.Equal(t, 1, harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}}).Removed)
	})
}

func TestContract_C169_ARecordThatMovesBetweenTheListsStays(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		model := harness.Model(t, b, perStatus(t, b))
		harness.Sync(t, model, synced.In(1))
		// 5 is opened after the open ones were listed, and before the closed ones are.
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Query.Get("status") == "none" {
				b.Server.Collection("rentals").Update(5, remotetest.Record{"status": "open"})
			}
		})
		result := harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Zero(t, result.Removed)
		b.Server.OnRequest(nil)
		// 1 is closed meanwhile, and comes twice.
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Query.Get("status") == "none" {
				b.Server.Collection("rentals").Update(1, remotetest.Record{"status": "closed", "name": "one"})
			}
		})
		result = harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Zero(t, result.Removed)
		b.Server.OnRequest(nil)
		require.Equal(t, []string{"one", "2", "3", "4", "5", "6", "7", "8"}, harness.Names(t, model, synced.In(1)))
	})
}
