package parents_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

type forge struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	FullName string `json:"full_name" db:"full_name"`
}

type remark struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	ForgeID  int64  `db:"forge_id"`
	Body     string `json:"body" db:"body"`
}

// One record may be elsewhere than below its list: it is asked for there, by SyncOne and
// before its row goes.
func TestContract_C163_TheAddressOfOneRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var mu sync.Mutex
		bodies := map[string]string{"1": "one", "2": "two", "3": "three"}
		listed := []string{"1", "2", "3"}
		var asked []string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			show := func(id string) string { return fmt.Sprintf(`{"id":%s,"body":%q}`, id, bodies[id]) }
			switch path := r.URL.EscapedPath(); {
			case path == "/forges":
				fmt.Fprint(w, `[{"id":7,"full_name":"acme/an app"}]`)
			case path == "/repos/acme/an%20app/issues/remarks":
				var list []string
				for _, id := range listed {
					list = append(list, show(id))
				}
				fmt.Fprint(w, "["+strings.Join(list, ",")+"]")
			default:
				asked = append(asked, path)
				id, here := strings.CutPrefix(path, "/repos/acme/an%20app/remarks/")
				if _, exists := bodies[id]; !here || !exists {
					http.NotFound(w, r)
					return
				}
				fmt.Fprint(w, show(id))
			}
		}))
		t.Cleanup(srv.Close)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), RecordsKey: rest.Root, Pagination: rest.OnePage{}})
		require.NoError(t, err)
		forges := harness.Model(t, b, synced.Synced[forge]{Table: "forges", API: api, Strategy: strategy.Full{}})
		declared := synced.Synced[remark]{Table: "remarks", Scope: "forge_id", API: api, Strategy: strategy.Full{}, Remove: synced.Destroy{},
			PerParent: synced.Each(forges, "repos/{+full_name}/issues/remarks", synced.EachOptions{Record: "repos/{+full_name}/remarks/%s"})}
		remarks := harness.Model(t, b, declared)
		harness.Sync(t, forges, synced.NoScope)
		require.Equal(t, 3, harness.Sync(t, remarks, synced.NoScope).Created)
		var parent synced.Scope
		for _, f := range harness.All(t, forges) {
			parent = synced.InParent(f.ID)
		}
		change := func(id, body string, list ...string) {
			mu.Lock()
			defer mu.Unlock()
			if bodies[id] = body; body == "" {
				delete(bodies, id)
			}
			listed = list
		}
		change("2", "TWO", "1", "3") // it is listed no more, and exists
		result := harness.Sync(t, remarks, synced.NoScope)
		require.Zero(t, result.Removed)
		require.Equal(t, 1, result.Updated, "%s %v", result, asked)
		change("3", "", "1")
		require.Equal(t, 1, harness.Sync(t, remarks, synced.NoScope).Removed)
		change("1", "ONE", "1", "2")
		one, err := remarks.SyncOne(ctx, parent, 1)
		require.NoError(t, err)
		require.Equal(t, 1, one.Updated)
		for _, path := range asked {
			require.Contains(t, path, "/repos/acme/an%20app/remarks/")
		}

		for record, want := range map[string]string{
			"repos/{+full_name}/remarks": "%s where the id goes", "repos/{full_name/%s": "brace without its other", "x/{nothing}/%s": `no column "nothing"`, "a?b=%s": "%s where the id goes",
		} {
			declared.PerParent = synced.Each(forges, "repos/{+full_name}/issues/remarks", synced.EachOptions{Record: record})
			_, err := synced.New(ctx, b.DB, declared)
			require.ErrorContains(t, err, want)
		}
	})
}
