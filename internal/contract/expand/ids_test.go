package expand_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// story is known by its id alone, until it is asked for.
type story struct {
	SyncedID string      `json:"key" db:"synced_id"`
	Title    string      `json:"title" db:"title"`
	Data     synced.Data `db:"synced_data"`
}

func TestContract_C190_ListsOfIDsAlone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var list atomic.Value
		var ones atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			id, one := strings.CutPrefix(r.URL.EscapedPath(), "/stories/")
			switch {
			case !one:
				fmt.Fprint(w, list.Load())
			case strings.Contains(list.Load().(string), id):
				ones.Add(1)
				fmt.Fprintf(w, `{"key":%q,"title":"t-%s"}`, id, id)
			default:
				http.NotFound(w, r)
			}
		}))
		t.Cleanup(srv.Close)
		config := rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), RecordsKey: "data.ids", BareIDs: "key", Pagination: rest.OnePage{}}
		api, err := rest.NewClient(config)
		require.NoError(t, err)
		m := harness.Model(t, b, synced.Synced[story]{Table: "stories", API: api, Expand: 3, Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		list.Store(`{"data":{"ids":["a1","b2","c3","d4"]}}`)
		require.Equal(t, 4, harness.Sync(t, m, synced.NoScope).Created)
		require.Equal(t, []string{"t-a1", "t-b2", "t-c3", "t-d4"}, b.Column(t, "SELECT title FROM stories ORDER BY title"))
		ones.Store(0)
		require.Equal(t, 4, harness.Sync(t, m, synced.NoScope).Unchanged)
		require.Zero(t, ones.Load())
		list.Store(`{"data":{"ids":["e5","c3","a1","d4"]}}`)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, harness.Counts{Created: 1, Unchanged: 3, Removed: 1}, harness.CountsOf(result), "%v", result.Refused)

		list.Store(`{"data":{"ids":[{"key":"a1"}]}}`)
		_, err = m.Synchronize(t.Context(), synced.NoScope)
		require.ErrorContains(t, err, "rest.Config.BareIDs")
		for _, c := range []func(*rest.Config){
			func(c *rest.Config) { c.RecordPath = "node" },
			func(c *rest.Config) { c.Body, c.RecordsKey, c.Pagination = rest.NDJSON{}, "", nil },
			func(c *rest.Config) { c.BareIDs = `a"b` },
		} {
			bad := config
			c(&bad)
			_, err := rest.NewClient(bad)
			require.ErrorContains(t, err, "bare ids")
		}
	})
}
