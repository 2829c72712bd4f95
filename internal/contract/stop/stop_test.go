package stop_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// now is a Stop that says so from the beginning: each run writes one page.
func now() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// fleet is one scope, synchronized by two machines in turn, from lists with cursors that
// stay put.
type fleet struct {
	*harness.Bundle
	machines [2]*synced.Model[harness.Rental]
	turn     int
	rentals  *remotetest.Collection
}

func setup(t *testing.T, b *harness.Bundle, n int, change ...func(*synced.Synced[harness.Rental])) *fleet {
	t.Helper()
	b.Server.Close()
	b.Server = remotetest.New(remotetest.Config{PerPage: 3, Token: harness.Token, Style: remotetest.Style{By: remotetest.ByCursor, NextParam: "meta.next_cursor"}})
	t.Cleanup(b.Server.Close)
	f := &fleet{Bundle: b}
	d := harness.Incremental(strategy.UpdatedSince{})
	d.API, d.Remove = client(t, b, rest.Cursor{Path: "meta.next_cursor"}), synced.Destroy{}
	for _, c := range change {
		c(&d)
	}
	f.rentals = b.Server.Collection("rentals")
	f.machines[0] = harness.Model(t, b, d)
	f.machines[1] = harness.Bind(t, b.Other(t), d)
	for id := range n {
		f.put(id + 1)
	}
	f.Server.Advance(time.Hour)
	return f
}

func client(t *testing.T, b *harness.Bundle, pages rest.Pagination) *rest.Client {
	t.Helper()
	api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), HTTP: b.Server.Client(), Pagination: pages})
	require.NoError(t, err)
	return api
}

func (f *fleet) put(id int) {
	f.rentals.Put(remotetest.Record{"id": id, "name": fmt.Sprint("villa ", id), "surface": id})
}

// slice is a run of the next machine that is told to stop, with the pages that it asked for.
func (f *fleet) slice(t *testing.T, call ...synced.Call) (synced.Result, int) {
	t.Helper()
	c := synced.Call{}
	if len(call) > 0 {
		c = call[0]
	}
	c.Stop = now()
	f.turn++
	f.Server.ResetLog()
	result, err := f.machines[f.turn%2].Synchronize(t.Context(), synced.In(1), c)
	require.NoError(t, err)
	return result, f.Server.Requests()
}

// slices goes on until a run is not stopped, with something that happens after each, and
// returns what all of them did.
func (f *fleet) slices(t *testing.T, between func(n int), call ...synced.Call) (all []synced.Result, requests int) {
	t.Helper()
	for n := 1; ; n++ {
		result, asked := f.slice(t, call...)
		require.LessOrEqual(t, n, 100, "they end")
		require.Positive(t, result.Pages)
		all, requests = append(all, result), requests+asked
		if result.Stopped == "" {
			return all, requests
		}
		if between != nil {
			between(n)
		}
	}
}

// inStep requires that the table is what the remote has.
func (f *fleet) inStep(t *testing.T) {
	t.Helper()
	var rows []remotetest.Record
	for _, r := range harness.All(t, f.machines[0]) {
		rows = append(rows, remotetest.Record{"id": r.SyncedID, "name": r.Name, "surface": r.RemoteSize})
	}
	f.rentals.Equal(t, rows)
	require.Equal(t, []string{"0", "0"}, f.Column(t, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"), "nothing is left")
}

func total(results []synced.Result) (c synced.Counts) {
	for _, r := range results {
		c.Add(r.Counts)
	}
	return c
}

// A first sync in slices of a page is one in several runs: as many requests, the time of
// the first page, and what changed meanwhile is not passed over.
func TestContract_C223_AFirstSyncInSlices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		first := f.Server.Now()
		all, requests := f.slices(t, func(n int) {
			f.Server.Advance(time.Minute)
			require.Empty(t, f.Column(t, "SELECT 1 FROM synced_times"), "no time is stored before the end")
			switch n {
			case 1: // one that was listed, one that will be, and new ones before and after
				f.rentals.Update(1, remotetest.Record{"name": "changed"})
				f.rentals.Update(11, remotetest.Record{"name": "changed"})
				f.put(100)
			case 2:
				f.rentals.Delete(2)
				f.rentals.Delete(12)
			}
		})
		require.Len(t, all, 4)
		require.Equal(t, 4, requests, "as many as one run")
		require.Equal(t, "the next run resumes after page 1 of this one", all[0].Stopped)
		require.False(t, all[0].Resumed)
		require.True(t, all[1].Resumed)
		for _, r := range all[:3] {
			require.Zero(t, r.StoredTime)
			require.Zero(t, r.Removed)
			require.Nil(t, r.Refused)
			require.Contains(t, r.String(), "; stopped: the next run resumes after page 1 of this one")
		}
		last := all[3]
		require.WithinDuration(t, first, last.StoredTime, 2*time.Second, "that of the first page")
		require.Equal(t, 12, total(all).Created)
		require.Equal(t, 0, total(all).Removed, "2 was listed before it was deleted")
		freshness, err := f.machines[0].Freshness(t.Context(), synced.In(1))
		require.NoError(t, err)
		require.True(t, freshness.LastSuccess.Before(freshness.LastAttempt), "as fresh as the first of the runs")

		f.Server.Advance(time.Minute)
		f.put(101)
		all, _ = f.slices(t, nil)
		require.Len(t, all, 2, "1, 11, 100 and 101")
		require.Equal(t, []int{1, 1}, []int{total(all).Updated, total(all).Removed}, "1, and 2 that was deleted after it was listed")
		f.inStep(t)
	})
}

func must(r synced.Result, _ int) synced.Result { return r }

// An incremental run in slices goes on from the same time, and stores that of its first
// page. What is deleted goes at the end.
// The parameter of a cursor may be called like a secret: it is declared as a place in the
// list. One that repeats a credential is not kept.
func TestContract_C284_PageTokens(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12, func(d *synced.Synced[harness.Rental]) {
			b.Server.Close()
			b.Server = remotetest.New(remotetest.Config{PerPage: 3, Token: harness.Token, Style: remotetest.Style{By: remotetest.ByCursor, Param: "pageToken", NextParam: "nextPageToken"}})
			t.Cleanup(b.Server.Close)
			d.API = client(t, b, rest.Cursor{Param: "pageToken", Path: "nextPageToken"})
		})
		all, requests := f.slices(t, func(n int) {
			kept := f.Column(t, "SELECT position FROM synced_passes")
			require.Len(t, kept, 1)
			require.Contains(t, kept[0], "pageToken=")
			require.NotContains(t, kept[0], harness.Token)
		})
		require.Len(t, all, 4)
		require.Equal(t, 4, requests, "as many as one run")
	})
}

func TestContract_C223_AnIncrementalRunInSlices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		stored := harness.Sync(t, f.machines[0], synced.In(1)).StoredTime
		f.Server.Advance(time.Hour)
		for id := range 10 {
			f.rentals.Update(id+1, remotetest.Record{"name": "once"})
		}
		f.rentals.Delete(12)
		f.Server.Advance(time.Hour)
		first := f.Server.Now()
		all, requests := f.slices(t, func(n int) {
			require.Equal(t, []string{"1"}, f.Column(t, "SELECT COUNT(*) FROM synced_times"))
			f.Server.Advance(time.Minute)
			if n == 2 {
				f.rentals.Update(1, remotetest.Record{"name": "twice"})
				f.rentals.Update(10, remotetest.Record{"name": "twice"})
				_, err := f.machines[0].SyncOne(t.Context(), synced.In(1), 3)
				require.NoError(t, err)
			}
		})
		require.Len(t, all, 4)
		require.Equal(t, 4, requests, "as many as one run")
		for i, r := range all {
			require.Equal(t, all[0].Since, r.Since)
			require.Equal(t, i > 0, r.Resumed)
		}
		require.True(t, all[0].Since.Before(stored) || all[0].Since.Equal(stored))
		require.WithinDuration(t, first, all[3].StoredTime, 2*time.Second)
		require.Equal(t, []int{0, 0, 0, 1}, []int{all[0].Removed, all[1].Removed, all[2].Removed, all[3].Removed})
		harness.Sync(t, f.machines[1], synced.In(1))
		f.inStep(t)
	})
}

// Other runs come between the slices: each keeps what the other needs.
func TestContract_C223_RunsBetweenSlices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		harness.Sync(t, f.machines[0], synced.In(1))
		f.Server.Advance(time.Hour)
		f.rentals.Delete(5)
		full := synced.Call{Strategy: strategy.Full{}}
		all, _ := f.slices(t, func(n int) {
			f.Server.Advance(time.Minute)
			switch n {
			case 1: // incremental ones beside the pass: they are not stopped
				for id := 6; id <= 11; id++ {
					f.rentals.Update(id, remotetest.Record{"name": "beside"})
				}
				result, _ := f.slice(t)
				require.Empty(t, result.Stopped, "the pass has the place of what is left")
				require.Equal(t, 2, result.Pages)
				require.Equal(t, 1, result.Removed, "the deletion of 5")
			case 2:
				f.put(50)
				require.Equal(t, 1, must(f.slice(t)).Created)
				f.rentals.Delete(50)
			}
		}, full)
		require.Len(t, all, 4)
		require.True(t, all[3].Resumed)
		require.Equal(t, 0, all[3].Removed, "50 was written beside the pass")
		f.Server.Advance(time.Minute)
		require.Equal(t, 1, harness.Sync(t, f.machines[0], synced.In(1)).Removed)
		f.inStep(t)

		// A complete run takes the place of an unfinished incremental one.
		f.Server.Advance(time.Hour)
		for id := 6; id <= 11; id++ {
			f.rentals.Update(id, remotetest.Record{"name": "again"})
		}
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		require.NotEmpty(t, must(f.slice(t, full)).Stopped)
		require.Empty(t, must(f.slice(t)).Stopped, "beside the pass")
		f.slices(t, nil, full)
		f.inStep(t)
	})
}

// A run that is not stopped resumes what one left that was.
func TestContract_C223_ANormalRunGoesOn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		f.Server.ResetLog()
		result := harness.Sync(t, f.machines[0], synced.In(1), synced.Call{Stop: make(chan struct{})})
		require.True(t, result.Resumed)
		require.Equal(t, []int{9, 3}, []int{result.Created, f.Server.Requests()})
		f.inStep(t)
	})
}

// After a Reset, nothing is resumed.
func TestContract_C223_Reset(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		require.NoError(t, f.machines[0].Reset(t.Context(), synced.In(1)))
		f.Server.OnRequest(func(remotetest.Request) {
			f.Server.OnRequest(nil)
			require.NoError(t, f.machines[0].Reset(t.Context(), synced.In(1)))
		})
		require.Equal(t, "the next run begins again, because the scope was reset", must(f.slice(t)).Stopped)
		result, _ := f.slice(t)
		require.False(t, result.Resumed)
		require.Equal(t, 3, result.Unchanged)
		f.slices(t, nil)
		f.inStep(t)
	})
}

// The share in quarantine is that of all slices.
func TestContract_C223_Quarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 0, func(d *synced.Synced[harness.Rental]) { d.Invalid = synced.Quarantine{Limit: 0.9} })
		for id := range 12 {
			f.rentals.Put(remotetest.Record{"id": id + 1, "name": []any{"good", 7}[id%2]})
		}
		all, _ := f.slices(t, nil)
		require.Len(t, all, 4)
		require.Equal(t, 6, total(all).Quarantined)
		require.Equal(t, []string{"6"}, f.Column(t, "SELECT COUNT(*) FROM synced_quarantine"))
		for id := range 12 {
			f.rentals.Update(id+1, remotetest.Record{"name": "good"})
		}
		f.Server.Advance(time.Minute)
		f.slices(t, nil)
		require.Equal(t, []string{"0"}, f.Column(t, "SELECT COUNT(*) FROM synced_quarantine"))
		names := f.Column(t, "SELECT name FROM rentals")
		require.Len(t, names, 12)
		require.Len(t, slices.Compact(names), 1)
	})
}
