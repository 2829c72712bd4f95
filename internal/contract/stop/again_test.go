package stop_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

const again = "the next run begins again, and goes to its end"

// What can't be resumed begins again, once: the next run goes to its end.
func TestContract_C224_WhatCantBeResumed(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *synced.Synced[harness.Rental], *harness.Bundle){
		"pages that shift": func(t *testing.T, d *synced.Synced[harness.Rental], b *harness.Bundle) {
			d.API = client(t, b, rest.Cursor{Path: "meta.next_cursor", Shifting: true})
		},
		"atomic": func(_ *testing.T, d *synced.Synced[harness.Rental], _ *harness.Bundle) { d.Commit = synced.Atomic{} },
		"no checkpoints": func(_ *testing.T, d *synced.Synced[harness.Rental], _ *harness.Bundle) {
			d.Commit = synced.PerPage{Checkpoint: -1}
		},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				f := setup(t, b, 12, func(d *synced.Synced[harness.Rental]) { change(t, d, b) })
				first, _ := f.slice(t)
				require.Equal(t, again, first.Stopped)
				require.Zero(t, first.StoredTime)
				written := map[bool]string{true: "0", false: "3"}[name == "atomic"]
				require.Equal(t, []string{written}, f.Column(t, "SELECT COUNT(*) FROM rentals"))
				second, requests := f.slice(t)
				require.Empty(t, second.Stopped)
				require.False(t, second.Resumed)
				require.Equal(t, 4, requests)
				require.NotZero(t, second.StoredTime)
				f.inStep(t)

				// So it is with incremental runs.
				f.Server.Advance(time.Hour)
				for id := range 7 {
					f.rentals.Update(id+1, remotetest.Record{"name": "changed"})
				}
				f.rentals.Delete(12)
				result, _ := f.slice(t)
				require.Equal(t, again, result.Stopped)
				require.Zero(t, result.Removed)
				result, _ = f.slice(t)
				require.Empty(t, result.Stopped)
				require.Equal(t, 1, result.Removed)
				f.inStep(t)
			})
		})
	}
}

// A pass that could be resumed, and then can't, lets the next run go to its end.
func TestContract_C224_AResumptionThatFails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 12)
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		f.Server.Fault(remotetest.Fault{Page: 2, Status: 400}) // the cursor is forgotten
		result, requests := f.slice(t)
		require.Empty(t, result.Stopped)
		require.Equal(t, 5, requests)
		f.inStep(t)

		// Incremental ones as well.
		f.Server.Advance(time.Hour)
		for id := range 12 {
			f.rentals.Update(id+1, remotetest.Record{"name": "changed"})
		}
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		f.Server.Fault(remotetest.Fault{Page: 2, Status: 400})
		result, requests = f.slice(t)
		require.Empty(t, result.Stopped)
		require.Equal(t, []int{5, 9, 3}, []int{requests, result.Updated, result.Unchanged})
		f.inStep(t)

		// One that is too old.
		f.Server.Advance(time.Hour)
		for id := range 12 {
			f.rentals.Update(id+1, remotetest.Record{"name": "old"})
		}
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		f.Execute(t, "UPDATE synced_passes SET recorded_at = "+map[bool]string{true: "recorded_at - interval '2 days'", false: "'2020-01-01 00:00:00'"}[b.Pool != nil])
		require.Empty(t, must(f.slice(t)).Stopped)
		f.inStep(t)

		// One that asks from another time now.
		f.Server.Advance(time.Hour)
		for id := range 12 {
			f.rentals.Update(id+1, remotetest.Record{"name": "other"})
		}
		require.NotEmpty(t, must(f.slice(t)).Stopped)
		result, _ = f.slice(t, synced.Call{Strategy: strategy.UpdatedSince{Tolerance: time.Hour}})
		require.Equal(t, []any{"", false, 4}, []any{result.Stopped, result.Resumed, result.Pages})
		f.inStep(t)

		// One of which each run asks for something else.
		n := 0
		other := func() synced.Call {
			n++
			return synced.Call{Strategy: strategy.Full{}, Ask: synced.Ask{Query: url.Values{"now": {strconv.Itoa(n)}}}}
		}
		require.NotEmpty(t, must(f.slice(t, other())).Stopped)
		require.Empty(t, must(f.slice(t, other())).Stopped)
	})
}

// Where times are kept in the rows, those that a stopped run creates have the scope's, so
// that the next one asks from it.
func TestContract_C224_TimesInRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type villa struct {
			SyncedID    int64      `json:"id" db:"synced_id"`
			AccountID   int64      `db:"account_id"`
			Name        string     `json:"name" db:"name"`
			SyncedAllAt *time.Time `db:"synced_all_at"`
		}
		f := setup(t, b, 6)
		d := synced.Synced[villa]{Table: "villas", Endpoint: "rentals", Scope: "account_id", API: client(t, b, rest.Cursor{Path: "meta.next_cursor"}), Timestamps: timestamp.PerRecord{}}
		villas := harness.Model(t, b, d)
		_, err := villas.Synchronize(t.Context(), synced.In(1))
		require.NoError(t, err)
		f.Server.Advance(time.Hour)
		for id := range 12 {
			f.put(id + 100)
		}
		stop := synced.Call{Stop: now()}
		since := time.Time{}
		for n := 0; ; n++ {
			result, err := villas.Synchronize(t.Context(), synced.In(1), stop)
			require.NoError(t, err)
			require.Empty(t, result.Complete)
			require.NotZero(t, result.Since)
			if n > 0 {
				require.Equal(t, since, result.Since)
			}
			if since = result.Since; result.Stopped == "" {
				break
			}
		}
		require.Equal(t, []string{"18"}, b.Column(t, "SELECT COUNT(*) FROM villas"))
	})
}

// A call that nobody could resume has no Stop.
func TestContract_C224_NoStop(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := setup(t, b, 1)
		m, stop := f.machines[0], synced.Call{Stop: now()}
		const message = "synced: rentals (account_id 1): no later call could resume this one: leave Stop out of its Call"
		_, err := m.Check(t.Context(), synced.In(1), stop)
		require.EqualError(t, err, message)
		_, err = m.Synchronize(t.Context(), synced.In(1), synced.Call{Stop: now(), DryRun: true})
		require.EqualError(t, err, message)
		_, err = m.Synchronize(t.Context(), synced.In(1), synced.Call{Stop: now(), Strategy: strategy.Check{}})
		require.EqualError(t, err, message)
		_, err = m.Synchronize(t.Context(), synced.In(1), synced.Call{Stop: now(), Records: harness.Parsed(t, `{"id":1,"name":"x"}`)})
		require.EqualError(t, err, message)
		_, err = m.Apply(t.Context(), synced.In(1), &synced.Diff{}, stop)
		require.EqualError(t, err, message)
		_, err = m.ApproveRemoval(t.Context(), synced.In(1), "x", stop)
		require.EqualError(t, err, message)
		for _, err := range m.Differences(t.Context(), synced.In(1), stop) {
			require.EqualError(t, err, message)
		}
	})
}

// Lists of deleted ids may come with the first page alone: a run that resumes knows them.
func TestContract_C223_DeletedIDsOfTheFirstPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2), harness.Records(3, 4), harness.Records(5)}}
		d := harness.Incremental(strategy.UpdatedSince{})
		d.API, d.Remove = s, synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing = [][]remotetest.Record{harness.Records(1), harness.Records(3), harness.Records(6)}
		s.Each = func(i int, p *remote.Page) {
			if p.DeletedIDs = nil; i == 0 {
				p.DeletedIDs = []remote.Value{[]byte("5")}
			}
		}
		s.TakeListed()
		for n := range 3 {
			result := harness.Sync(t, rentals, synced.In(1), synced.Call{Stop: now()})
			require.Equal(t, []int{n}, s.TakeListed())
			require.Equal(t, n < 2, result.Stopped != "")
			require.Equal(t, n == 2, result.Removed == 1, "at the end")
		}
		require.Equal(t, []string{"1", "2", "3", "4", "6"}, harness.Names(t, rentals, synced.In(1)))
	})
}
