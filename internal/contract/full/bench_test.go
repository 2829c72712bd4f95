package full_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// shelf is a remote in memory: what it lists costs next to nothing.
type shelf struct {
	all     []remote.Object
	changed []remote.Object // what it lists to who asks for changes
}

func newShelf(b *testing.B, n int) *shelf {
	s := &shelf{}
	for i := range n {
		s.all = append(s.all, shelved(b, i, 0))
	}
	return s
}

func shelved(b *testing.B, i, version int) remote.Object {
	o, err := remote.ParseObject(fmt.Appendf(nil, `{"id":%d,"name":"villa %d","price":"%d.50","about":"%s"}`, i+1, version, i, strings.Repeat("sea view ", 20)))
	require.NoError(b, err)
	return o
}

// Pages implements [remote.API].
func (s *shelf) Pages(_ context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	list := s.all
	if !req.UpdatedSince.IsZero() {
		list = s.changed
	}
	return func(yield func(*remote.Page, error) bool) {
		pages := slices.Collect(slices.Chunk(list, 500))
		if len(pages) == 0 {
			pages = [][]remote.Object{{}}
		}
		for n, objects := range pages {
			page := &remote.Page{Number: n + 1, Objects: objects, DeletedIDs: []remote.Value{}, SyncedAt: time.Now(), More: n+1 < len(pages)}
			if !yield(page, nil) {
				return
			}
		}
	}
}

func benchOnBoth(b *testing.B, bench func(b *testing.B, d *harness.Bundle)) {
	for _, kind := range []string{"postgres", "sqlite"} {
		b.Run(kind, func(b *testing.B) { bench(b, harness.Setup(b, kind)) })
	}
}

// timed runs a synchronization, and says how long it took.
func timed(b *testing.B, rentals *synced.Model[harness.Rental], call synced.Call) (synced.Result, time.Duration) {
	b.Helper()
	began := time.Now()
	r, err := rentals.Synchronize(b.Context(), synced.In(1), call)
	require.NoError(b, err)
	return r, time.Since(began)
}

// BenchmarkRemoval removes 1 % of 100,000 rows. Of-best is the time of the fastest
// way that is known to the time that removing adds to a run: read the ids of the
// scope, leave out those that were listed, and delete the rest in one statement.
func BenchmarkRemoval(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *harness.Bundle) {
		const rows, gone = 100_000, 1000
		s := newShelf(b, rows)
		all := s.all
		rentals := harness.Model(b, d, synced.Synced[harness.Rental]{Table: "rentals", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}, API: s})
		timed(b, rentals, synced.Call{})
		d.Execute(b, "ANALYZE")
		var ours, best time.Duration
		for b.Loop() {
			b.StopTimer()
			s.all = all[:rows-gone]
			_, without := timed(b, rentals, synced.Call{Remove: synced.KeepRows{}})
			best += removeByHand(b, d, rows-gone)
			r, with := timed(b, rentals, synced.Call{})
			require.Equal(b, gone, r.Removed)
			ours += with - without
			s.all = all
			timed(b, rentals, synced.Call{})
			b.StartTimer()
		}
		b.ReportMetric(ours.Seconds()*1000/float64(b.N), "ms")
		b.ReportMetric(best.Seconds()*1000/float64(b.N), "ms-best")
		b.ReportMetric(ours.Seconds()/best.Seconds(), "of-best")
		b.ReportMetric(0, "ns/op")
	})
}

// removeByHand removes the rows past an id, as who knows the ids of the remote
// would, and takes it back.
func removeByHand(b *testing.B, d *harness.Bundle, last int64) time.Duration {
	listed := make(map[int64]bool, last)
	for id := range last {
		listed[id+1] = true
	}
	began := time.Now()
	tx, err := d.DB.Begin(b.Context())
	require.NoError(b, err)
	var gone []backend.ID
	require.NoError(b, store.Each(b.Context(), tx, squirrel.Select("synced_id").From("rentals").Where("account_id = 1"), func(rows store.Rows) error {
		var id int64
		err := rows.Scan(&id)
		if !listed[id] {
			gone = append(gone, backend.IntID(id))
		}
		return err
	}))
	n, err := tx.Exec(b.Context(), squirrel.Delete("rentals").Where("account_id = 1").Where(d.DB.Dialect().AnyID("synced_id", backend.Int, gone)))
	require.NoError(b, err)
	require.EqualValues(b, len(gone), n)
	took := time.Since(began)
	require.NoError(b, tx.Rollback(b.Context()))
	return took
}

// BenchmarkUpdatedSince changes 100 rows of tables of two sizes, and none: the time
// is that of the changes.
func BenchmarkUpdatedSince(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *harness.Bundle) {
		for _, rows := range []int{1000, 100_000} {
			s := newShelf(b, rows)
			table := fmt.Sprint("rentals_", rows)
			rentals := harness.Model(b, d, synced.Synced[harness.Rental]{Table: table, Scope: "account_id", Strategy: strategy.UpdatedSince{}, Remove: synced.Destroy{}, API: s})
			timed(b, rentals, synced.Call{})
			d.Execute(b, "ANALYZE")
			for _, changed := range []int{0, 100} {
				b.Run(fmt.Sprintf("%d of %d", changed, rows), func(b *testing.B) {
					for version := 1; b.Loop(); version++ {
						b.StopTimer()
						s.changed = nil
						for i := range changed {
							s.changed = append(s.changed, shelved(b, i*rows/100, version*1000+b.N))
						}
						b.StartTimer()
						timed(b, rentals, synced.Call{})
					}
				})
			}
		}
	})
}
