package full_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
)

// listingPages is an API with these pages, which are cut by position.
func listingPages(t *testing.T, pages ...[]map[string]any) remote.API {
	t.Helper()
	var list []*remote.Page
	for n, records := range pages {
		page := &remote.Page{Number: n + 1, More: n+1 < len(pages), Shifting: len(pages) > 1, Requests: 1}
		for _, record := range records {
			page.Objects = append(page.Objects, harness.Object(t, record))
		}
		list = append(list, page)
	}
	return remote.Func(func(ctx context.Context, _ remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			for _, page := range list {
				if !yield(page, ctx.Err()) {
					return
				}
			}
		}
	})
}

// Pages are compared with the database before the pages before them are written.
// A record that is listed again is written as it was listed last all the same.
func TestRecordsListedAgainAfterAllWereLookedAt(t *testing.T) {
	one := func(name string) map[string]any { return map[string]any{"id": 1, "name": name} }
	two, three := map[string]any{"id": 2, "name": "two"}, map[string]any{"id": 3, "name": "three"}
	for name, test := range map[string]struct {
		pages [][]map[string]any
		want  string
		harness.Counts
	}{
		"as it is stored, after it was changed": {[][]map[string]any{{one("changed"), two}, {one("stored"), three}}, "stored", harness.Counts{Updated: 1, Unchanged: 2}},
		"changed, after it was as it is stored": {[][]map[string]any{{one("stored"), two}, {one("changed"), three}}, "changed", harness.Counts{Updated: 1, Unchanged: 2}},
		"as it is stored, twice":                {[][]map[string]any{{one("stored"), two}, {one("stored"), three}}, "stored", harness.Counts{Unchanged: 3}},
		"three times":                           {[][]map[string]any{{one("changed")}, {one("stored"), two}, {one("again"), three}}, "again", harness.Counts{Updated: 1, Unchanged: 2}},
	} {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			t.Run(name+" "+fmt.Sprintf("%T", commit), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					d := harness.Rentals()
					d.Commit, d.Remove = commit, synced.Destroy{}
					rentals := harness.Model(t, b, d)
					stored := harness.Sync(t, rentals, synced.In(1), synced.Call{API: listingPages(t, []map[string]any{one("stored"), two, three})})
					require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(stored))

					result := harness.Sync(t, rentals, synced.In(1), synced.Call{API: listingPages(t, test.pages...)})
					require.Equal(t, []string{test.want, "two", "three"}, harness.Names(t, rentals, synced.In(1)))
					require.Equal(t, test.Counts, harness.CountsOf(result))
					require.Equal(t, harness.Counts{Unchanged: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1), synced.Call{API: listingPages(t, []map[string]any{one(test.want), two, three})})))
				})
			})
		}
	}
}
