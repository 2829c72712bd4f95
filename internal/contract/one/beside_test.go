package one_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Beside a run: a record that a page holds in an older version stays as it is,
// with Version, also when the page is the last to be written.
func TestContract_C73_SyncOneBesideARun(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Commit = commit })
				for id := 1; id <= 7; id++ {
					b.Server.Collection("villas").Put(harness.CabinOf(id, 1, "old", harness.PoolOf(id, 1, "p")))
				}
				b.Server.OnRequest(func(r remotetest.Request) {
					if r.Collection != "villas" || r.Page != 2 {
						return
					}
					// The first page is received, and its records change.
					b.Server.Collection("villas").Put(harness.CabinOf(1, 2, "new", harness.PoolOf(1, 2, "P")), harness.CabinOf(2, 2, "new", harness.PoolOf(2, 2, "P")))
					for id := 1; id <= 2; id++ {
						if _, err := m.SyncOne(context.Background(), synced.In(1), id); err != nil {
							t.Error(err)
						}
					}
				})
				result := harness.Sync(t, m, synced.In(1))
				require.Equal(t, 7, result.Created+result.Older)
				require.Equal(t, []string{"new new P", "new new P", "old old p", "old old p", "old old p", "old old p", "old old p"}, harness.ReadCabins(t, b))
			})
		})
	}
	t.Run("many at once", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			m := harness.Cabins(t, b, nil)
			for id := 1; id <= 6; id++ {
				b.Server.Collection("villas").Put(harness.CabinOf(id, 1, "v1", harness.PoolOf(id, 1, "v1")))
			}
			var wg sync.WaitGroup
			var runs error
			errs := make([]error, 3)
			for n := range errs {
				wg.Go(func() {
					for v := 2; v <= 8 && errs[n] == nil; v++ {
						id := 1 + (n+v)%6
						b.Server.Collection("villas").Update(id, harness.CabinOf(id, 100*v+n, "v", harness.PoolOf(id, 100*v+n, "v")))
						_, errs[n] = m.SyncOne(context.Background(), synced.In(1), id)
					}
				})
			}
			wg.Go(func() {
				for range 4 {
					_, err := m.Synchronize(context.Background(), synced.In(1), synced.Call{Remove: synced.KeepRows{}})
					runs = errors.Join(runs, err)
				}
			})
			wg.Wait()
			require.NoError(t, errors.Join(append(errs, runs)...))
			harness.Sync(t, m, synced.In(1))
			diff, err := m.Check(context.Background(), synced.In(1))
			require.NoError(t, err)
			require.True(t, diff.Passed(), diff)
		})
	})
}
