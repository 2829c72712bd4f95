package versions_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// An older record writes nothing: not the row, nor its children, nor its
// translations, and says so.
func TestContract_C61_AnOlderRecordWritesNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var events []string
		m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.OnChange = harness.Noting[harness.Cabin](&events, "villa") })
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "five", harness.PoolOf(1, 5, "p5"), harness.PoolOf(2, 5, "q5")), harness.CabinOf(2, 5, "other"))
		harness.Sync(t, m, synced.In(1))
		changes := b.Column(t, "SELECT count(*) || '' FROM synced_changes")
		events = nil

		b.Server.Collection("villas").Put(harness.CabinOf(1, 4, "four", harness.PoolOf(1, 4, "p4"), harness.PoolOf(3, 4, "r4")))
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Unchanged: 1, Older: 1}, result.Counts)
		require.Contains(t, result.String(), "1 unchanged, 0 removed, 0 restored, 1 older; ")
		require.Equal(t, []string{"five five p5,q5", "other other -"}, harness.ReadCabins(t, b), "it counts as seen, and so do its children")
		require.Empty(t, events)
		require.Equal(t, changes, b.Column(t, "SELECT count(*) || '' FROM synced_changes"))

		// A check finds nothing to mend, and tells.
		diff, err := m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Len(t, diff.Older, 1)
		require.Equal(t, "villas (account_id 1): 2 compared, nothing differs, 1 older than their rows\nolder: record 1: its row has a newer version\n", diff.String())
		result = harness.Sync(t, m, synced.In(1), synced.Call{DryRun: true})
		require.Len(t, result.Diff.Older, 1)
		result, err = m.Apply(ctx, synced.In(1), diff)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{}, result.Counts)

		// The children have versions of their own.
		b.Server.Collection("villas").Put(harness.CabinOf(1, 6, "six", harness.PoolOf(1, 6, "p6"), harness.PoolOf(2, 4, "q4")))
		diff, err = m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.NotContains(t, diff.String(), "q4")
		result = harness.Sync(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 1}, result.Counts)
		require.Equal(t, synced.Counts{Updated: 1, Older: 1}, result.Children["pools"])
		require.Equal(t, "six six p6,q5", harness.ReadCabins(t, b)[0])

		// What an older record lists says nothing about another's children.
		b.Server.Collection("villas").Put(harness.CabinOf(1, 2, "two", harness.PoolOf(4, 1, "r1")), harness.CabinOf(2, 7, "seven", harness.PoolOf(4, 2, "r2")))
		b.Server.Collection("villas").Move(1, 1)
		diff, err = m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Older, 1)
		require.Contains(t, diff.String(), "pools[4]")
		result = harness.Sync(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Updated: 1, Older: 1}, result.Counts)
		require.Equal(t, []string{"six six p6,q5", "seven seven r2"}, harness.ReadCabins(t, b))
		b.Server.Collection("villas").Move(1, 0)

		// An equal version is written: it is of whole seconds.
		b.Server.Collection("villas").Put(harness.CabinOf(1, 6, "six and a half", harness.PoolOf(1, 6, "p6"), harness.PoolOf(2, 5, "q5")))
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1)).Updated)
		require.Equal(t, "six and a half six and a half p6,q5", harness.ReadCabins(t, b)[0])

		// Null takes the remote's word again.
		b.Server.Collection("villas").Put(harness.CabinOf(1, 1, "one", harness.PoolOf(2, 9, "q9")))
		b.Execute(t, "UPDATE villas SET changed_at = NULL WHERE synced_id = 1")
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1)).Updated)
		require.Equal(t, "one one q9", harness.ReadCabins(t, b)[0])
	})
}

func TestContract_C61_AnOlderRecordDoesNotRestore(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Cabins(t, b, nil)
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "five"), harness.CabinOf(2, 5, "other"))
		harness.Sync(t, m, synced.In(1))
		gone := harness.Objects(t, b, harness.CabinOf(2, 5, "other"))
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1), synced.Call{Records: gone}).Removed)
		older := harness.Objects(t, b, harness.CabinOf(1, 4, "four"), harness.CabinOf(2, 5, "other"))
		require.Equal(t, synced.Counts{Unchanged: 1, Older: 1}, harness.Sync(t, m, synced.In(1), synced.Call{Records: older}).Counts)
		require.Equal(t, "five five - canceled", harness.ReadCabins(t, b)[0])
		require.Equal(t, synced.Counts{Unchanged: 1, Restored: 1}, harness.Sync(t, m, synced.In(1)).Counts)
		require.Equal(t, "five five -", harness.ReadCabins(t, b)[0])
	})
}

// A record that a run lists in two versions, in either order, is the newer one in
// the end, and counts once.
func TestContract_C17_OlderAndNewerInOneRun(t *testing.T) {
	newer, older := harness.CabinOf(1, 5, "five"), harness.CabinOf(1, 4, "four")
	for name, c := range map[string]struct {
		before []remotetest.Record
		pages  []remotetest.Record
		want   synced.Counts
	}{
		"newer first":            {nil, []remotetest.Record{newer, older}, synced.Counts{Created: 1}},
		"older first":            {nil, []remotetest.Record{older, newer}, synced.Counts{Created: 1}},
		"older first, unchanged": {[]remotetest.Record{newer}, []remotetest.Record{older, newer}, synced.Counts{Unchanged: 1}},
		"newer first, unchanged": {[]remotetest.Record{newer}, []remotetest.Record{newer, older}, synced.Counts{Unchanged: 1}},
		"older first, updated":   {[]remotetest.Record{harness.CabinOf(1, 5, "FIVE")}, []remotetest.Record{older, newer}, synced.Counts{Updated: 1}},
		"older twice":            {[]remotetest.Record{newer}, []remotetest.Record{older, harness.CabinOf(1, 3, "three")}, synced.Counts{Older: 1}},
	} {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			t.Run(fmt.Sprint(name, commit), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Commit = commit })
					if c.before != nil {
						harness.Sync(t, m, synced.In(1), synced.Call{Records: harness.Objects(t, b, c.before...)})
					}
					var pages []*remote.Page
					for i, r := range c.pages {
						pages = append(pages, &remote.Page{Number: i + 1, More: i == 0, Objects: harness.Objects(t, b, r)})
					}
					require.Equal(t, c.want, harness.Sync(t, m, synced.In(1), synced.Call{API: listed(pages...)}).Counts)
					require.Contains(t, harness.ReadCabins(t, b)[0], "five five")
				})
			})
		}
	}
}

// A bad record in a newer version stays in quarantine when an older one comes, and
// an older one in quarantine does not come back over a newer row.
func TestContract_C60_QuarantineAndVersions(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Cabins(t, b, nil)
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "five"))
		harness.Sync(t, m, synced.In(1))
		b.Server.Collection("villas").Put(harness.CabinOf(1, 9, "bad"))
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1)).Quarantined)
		aside := func() []string {
			return b.Column(t, "SELECT remote_id || ' ' || attempts || ' ' || error FROM synced_quarantine ORDER BY remote_id")
		}
		before := aside()
		require.Len(t, before, 1)
		b.Server.Collection("villas").Put(harness.CabinOf(1, 4, "four"))
		require.Equal(t, synced.Counts{Older: 1}, harness.Sync(t, m, synced.In(1)).Counts)
		require.Equal(t, before, aside())
		require.Equal(t, []string{"five five -"}, harness.ReadCabins(t, b))

		// Mappable now, but older than what came meanwhile.
		lenient := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Strategy = strategy.UpdatedSince{} })
		b.Execute(t, "UPDATE synced_quarantine SET object = replace(replace(object, 'bad', 'good'), ?, ?)", harness.At(9), harness.At(3))
		b.Server.Collection("villas").Delete(1)
		result := harness.Sync(t, lenient, synced.In(1), synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, synced.Counts{Older: 1}, result.Counts)
		require.Empty(t, aside(), "dealt with")
		require.Equal(t, []string{"five five -"}, harness.ReadCabins(t, b))
	})
}

// A run writes what it was sent before others were.
func TestContract_C73_TheOlderRunEndsLast(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Cabins(t, b, nil)
		old := harness.Objects(t, b, harness.CabinOf(1, 4, "four", harness.PoolOf(1, 4, "p4")), harness.CabinOf(2, 4, "FOUR"))
		b.Server.Collection("villas").Put(harness.CabinOf(1, 5, "five", harness.PoolOf(1, 5, "p5")), harness.CabinOf(2, 5, "FIVE"))
		harness.Sync(t, m, synced.In(1), synced.Call{Records: harness.Objects(t, b, harness.CabinOf(1, 3, "three", harness.PoolOf(1, 3, "p3")))})
		slow := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
			return func(yield func(*remote.Page, error) bool) {
				// The page is here; the newer records come before it is written.
				for _, id := range []int{1, 2} {
					_, err := m.SyncOne(context.Background(), synced.In(1), id)
					require.NoError(t, err)
				}
				yield(&remote.Page{Number: 1, Objects: old}, nil)
			}
		})
		require.Equal(t, synced.Counts{Older: 2}, harness.Sync(t, m, synced.In(1), synced.Call{API: slow}).Counts)
		require.Equal(t, []string{"five five p5", "FIVE FIVE -"}, harness.ReadCabins(t, b))
	})
}

// listed is an API of the given pages.
func listed(pages ...*remote.Page) remote.API {
	return remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			for _, p := range pages {
				if !yield(p, nil) {
					return
				}
			}
		}
	})
}
