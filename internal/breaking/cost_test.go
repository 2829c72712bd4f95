package breaking_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

// TestCost counts the requests of each guard, as docs/guarantees.md has them. A run with
// nothing to remove makes not one request more than its pages, but for the page after a
// full last one.
func TestCost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		manner
		records int
		gone    []int
		verify  synced.Verify
		first   int // requests of a run with nothing to remove
		then    int // of one that removes
	}{
		"one page":                         {manner: manner{Pages: "one", Single: "404"}, records: 7, gone: []int{7}, first: 1, then: 4},
		"stays put":                        {manner: manner{Pages: "cursor", Single: "404"}, records: 7, gone: []int{5}, first: 3, then: 2},
		"stays put, always verified":       {manner: manner{Pages: "cursor", Single: "404"}, records: 7, gone: []int{5}, verify: synced.VerifyAlways, first: 3, then: 5},
		"shifts, never verified":           {manner: manner{Pages: "link", Single: "404"}, records: 7, gone: []int{5}, verify: synced.VerifyNever, first: 3, then: 2},
		"shifts":                           {manner: manner{Pages: "link", Single: "404"}, records: 8, gone: []int{5, 6}, first: 3, then: 6},
		"lists of ids":                     {manner: manner{Pages: "link", Single: "404", IDs: true}, records: 8, gone: []int{5, 6}, first: 3, then: 8},
		"a total, the last page not full":  {manner: manner{Pages: "page", Single: "404", Total: "path", Count: "honest"}, records: 8, gone: []int{8}, first: 3, then: 6},
		"a total, the last page full":      {manner: manner{Pages: "page", Single: "404", Total: "path", Count: "honest"}, records: 9, gone: []int{9}, first: 4, then: 6},
		"ends with an empty page":          {manner: manner{Pages: "last id", Single: "404"}, records: 8, gone: []int{8}, first: 4, then: 7},
		"ends with an empty page, a probe": {manner: manner{Pages: "last id", Single: "404", Probe: true}, records: 8, gone: []int{8}, first: 5, then: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			w := newWitness(c.manner, c.records)
			defer w.srv.Close()
			api, err := w.client()
			require.NoError(t, err)
			db := opened(t, "sqlite", ":memory:")
			beliefs(t, db)
			m, err := synced.New(ctx, db, synced.Synced[Belief]{Table: "items", Scope: "account_id", API: api, Strategy: strategy.Full{}, Remove: synced.Destroy{Verify: c.verify}})
			require.NoError(t, err)
			run := func() synced.Result {
				ctx := w.prepare(ctx, plan{})
				result, err := m.Synchronize(ctx, synced.In(1))
				require.NoError(t, err)
				require.Equal(t, w.requests, result.Requests)
				return result
			}
			for range 2 {
				require.Equal(t, c.first, run().Requests)
			}
			for _, id := range c.gone {
				w.edit(change{Kind: "delete", ID: id})
			}
			result := run()
			require.Equal(t, len(c.gone), result.Removed)
			require.Equal(t, c.then, result.Requests)
		})
	}

	t.Run("one record", func(t *testing.T) {
		t.Parallel()
		ctx := context.Background()
		w := newWitness(manner{Pages: "one", Single: "404"}, 3)
		defer w.srv.Close()
		api, err := w.client()
		require.NoError(t, err)
		db := opened(t, "sqlite", ":memory:")
		beliefs(t, db)
		m, err := synced.New(ctx, db, synced.Synced[Belief]{Table: "items", Scope: "account_id", API: api, Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		require.NoError(t, err)
		_, err = m.Synchronize(w.prepare(ctx, plan{}), synced.In(1))
		require.NoError(t, err)
		result, err := m.SyncOne(ctx, synced.In(1), 3)
		require.NoError(t, err)
		require.Equal(t, 1, result.Requests)
		w.edit(change{Kind: "delete", ID: 3})
		result, err = m.SyncOne(ctx, synced.In(1), 3)
		require.NoError(t, err)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, 4, result.Requests)
	})
}
