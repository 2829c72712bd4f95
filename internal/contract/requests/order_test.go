package requests_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// A list that is not sorted by what its next page is asked with leaves a record out.
func TestContract_C437_RecordsComeInAnotherOrder(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		pages := map[string]string{} // by the id after which a page is asked for
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if one, single := strings.CutPrefix(r.URL.Path, "/rentals/"); single {
				id, _ := strconv.Atoi(one)
				asked++
				if id > 5 {
					http.NotFound(w, r)
					return
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"id": id, "name": "x"})
				return
			}
			after := r.URL.Query().Get("after")
			list := []any{}
			for _, one := range strings.Fields(pages[after]) {
				id, _ := strconv.Atoi(one)
				list = append(list, map[string]any{"id": id, "name": "x"})
			}
			_, more := pages[after+" more"]
			_ = json.NewEncoder(w).Encode(map[string]any{"items": list, "more": more})
		}))
		t.Cleanup(srv.Close)
		var err error
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		d.API, err = rest.NewClient(rest.Config{BaseURL: srv.URL, RecordsKey: "items", SyncedAtHeader: "Date",
			Pagination: rest.Cursor{Param: "after", LastRecord: "id", MorePath: "more"}})
		require.NoError(t, err)
		rentals := harness.Model(t, b, d)
		set := func(first, second string) {
			clear(pages)
			words := strings.Fields(first)
			pages[""], pages[" more"] = first, ""
			pages[words[len(words)-1]] = second
		}
		set("1 2 3", "4 5 6")
		require.Equal(t, 6, harness.Sync(t, rentals, synced.In(1)).Created)
		require.Zero(t, asked)

		set("1 5 3", "4") // after 3, the remote sees no 2
		require.Equal(t, harness.Counts{Unchanged: 5, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"1", "2", "3", "4", "5"}, b.Column(t, "SELECT CAST(synced_id AS text) FROM rentals ORDER BY synced_id"))

		for _, sorted := range []string{"5 4 3|2 1", "1 2 3|4 5"} { // in both directions it is proof enough
			first, second, _ := strings.Cut(sorted, "|")
			set(first, second)
			asked = 0
			require.Equal(t, 5, harness.Sync(t, rentals, synced.In(1)).Unchanged)
			require.Zero(t, asked)
		}
		d.Strategy, d.Remove = strategy.UpdatedSince{}, synced.KeepRows{}
		set("1 5 3", "4 5") // which lists 5 again
		result := harness.Sync(t, harness.Bind(t, b, d), synced.In(1))
		require.Contains(t, result.NotStored, "the list shifted while it was read: record 5 came on two pages")
	})
}
