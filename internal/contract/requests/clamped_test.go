package requests_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// clamping serves pages of two of the records 1 to n, and the last one for any that follows,
// and single records.
func clamping(t *testing.T, n *int) *rest.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		object := func(id int) map[string]any { return map[string]any{"id": id, "name": fmt.Sprint(id)} }
		var one int
		if _, err := fmt.Sscanf(r.URL.Path, "/rentals/%d", &one); err == nil {
			if one > *n {
				http.NotFound(w, r)
				return
			}
			_ = json.NewEncoder(w).Encode(object(one))
			return
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		first := 2*min(max(page, 1), (*n+1)/2) - 1
		list := []any{}
		for id := first; id <= min(first+1, *n); id++ {
			list = append(list, object(id))
		}
		_ = json.NewEncoder(w).Encode(list)
	}))
	t.Cleanup(srv.Close)
	c, err := rest.NewClient(rest.Config{BaseURL: srv.URL, RecordsKey: rest.Root, SyncedAtHeader: "Date", Pagination: rest.PageNumber{}, PerPage: 2})
	require.NoError(t, err)
	return c
}

// Without a total, a remote that shows its last page for ever proves nothing, and wedges nothing.
func TestContract_C436_TheLastPageIsShownForEver(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		n := 5
		d := harness.Incremental(strategy.UpdatedSince{})
		d.API, d.Remove = clamping(t, &n), synced.Destroy{}
		d.Strategy = strategy.Full{}
		rentals := harness.Model(t, b, d)
		require.Equal(t, harness.Counts{Created: 5}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		n = 4
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Unchanged: 4, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"1", "2", "3", "4"}, harness.Names(t, rentals, synced.In(1)))

		d.Strategy, d.Remove = strategy.UpdatedSince{}, synced.KeepRows{}
		since := harness.Bind(t, b, d)
		result = harness.Sync(t, since, synced.In(1))
		require.Contains(t, result.NotStored, "the remote showed a page again when the next one was asked for")
		require.True(t, result.StoredTime.IsZero())

		n = 2 // with one page, nothing tells it from a parameter that means nothing
		_, err := since.Synchronize(t.Context(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrPageRepeated)
		require.ErrorContains(t, err, "or shows its last page to those who ask for more")
	})
}
