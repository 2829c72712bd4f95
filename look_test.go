package synced_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// listingPages is an API with these pages.
func listingPages(t *testing.T, pages ...[]map[string]any) remote.API {
	t.Helper()
	var list []*remote.Page
	for n, records := range pages {
		page := &remote.Page{Number: n + 1, More: n+1 < len(pages), Requests: 1}
		for _, record := range records {
			page.Objects = append(page.Objects, object(t, record))
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
		counts
	}{
		"as it is stored, after it was changed": {[][]map[string]any{{one("changed"), two}, {one("stored"), three}}, "stored", counts{updated: 1, unchanged: 2}},
		"changed, after it was as it is stored": {[][]map[string]any{{one("stored"), two}, {one("changed"), three}}, "changed", counts{updated: 1, unchanged: 2}},
		"as it is stored, twice":                {[][]map[string]any{{one("stored"), two}, {one("stored"), three}}, "stored", counts{unchanged: 3}},
		"three times":                           {[][]map[string]any{{one("changed")}, {one("stored"), two}, {one("again"), three}}, "again", counts{updated: 1, unchanged: 2}},
	} {
		for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
			t.Run(name+" "+map[synced.Commit]string{synced.PerPage: "page by page", synced.Atomic: "atomic"}[commit], func(t *testing.T) {
				onBoth(t, func(t *testing.T, b *bundle) {
					d := fullRentals()
					d.Commit, d.Remove = commit, synced.Destroy
					rentals := model(t, b, d)
					stored := synchronize(t, rentals, synced.In(1), synced.Call{API: listingPages(t, []map[string]any{one("stored"), two, three})})
					require.Equal(t, counts{created: 3}, countsOf(stored))

					result := synchronize(t, rentals, synced.In(1), synced.Call{API: listingPages(t, test.pages...)})
					require.Equal(t, []string{test.want, "two", "three"}, names(t, rentals, synced.In(1)))
					require.Equal(t, test.counts, countsOf(result))
					require.Equal(t, counts{unchanged: 3}, countsOf(synchronize(t, rentals, synced.In(1), synced.Call{API: listingPages(t, []map[string]any{one(test.want), two, three})})))
				})
			})
		}
	}
}
