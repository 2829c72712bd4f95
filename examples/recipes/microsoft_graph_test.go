package recipes

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/wire"
)

// graph gives links with a $skiptoken, and one with a $deltatoken on the last page. It knows
// changes of a week, lists deleted users among them, and a changed one twice.
func graph(f *fake, w http.ResponseWriter, r *http.Request) {
	after, ok := since(w, r, "$deltatoken", time.RFC3339)
	last, round, _ := strings.Cut(r.URL.Query().Get("$skiptoken"), "~")
	if round != "" {
		after, _ = time.Parse(time.RFC3339, round)
	}
	switch {
	case !ok:
		return
	case !after.IsZero() && f.now.Sub(after) > 7*24*time.Hour:
		if f.refused++; f.refused%2 == 1 { // both are documented
			w.WriteHeader(http.StatusGone)
			answer(w, object{"error": object{"code": "resyncRequired", "message": "Resync required."}})
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		answer(w, object{"error": object{"code": "syncStateNotFound", "message": "The sync state generation is not found. The delta token is expired and data must be synchronized again."}})
		return
	}
	var listed []entry
	for _, e := range f.entries {
		if strconv.Itoa(e.id) <= last || e.at.Before(after) || e.deleted && after.IsZero() {
			continue
		}
		if !after.IsZero() && !e.deleted {
			listed = append(listed, entry{id: e.id, name: "before"})
		}
		listed = append(listed, e)
	}
	part, more := page(listed, 0)
	body := object{"value": shown(part, func(e entry) object {
		if e.deleted {
			return object{"id": fmt.Sprint("u-", e.id), "@removed": object{"reason": "changed"}}
		}
		return object{"id": fmt.Sprint("u-", e.id), "displayName": e.name}
	})}
	name, token := "@odata.deltaLink", "$deltatoken="+f.now.Format(time.RFC3339)
	if more {
		name, token = "@odata.nextLink", fmt.Sprintf("$skiptoken=%d~%s", part[len(part)-1].id, after.Format(time.RFC3339))
	}
	body[name] = "http://" + r.Host + r.URL.Path + "?" + token
	answer(w, body)
}

func TestGraph(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("$select", "$skiptoken", "$deltatoken", "per_page"),
		serve:       graph,
		limited: tooMany(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, object{"error": object{
			"code": "TooManyRequests", "message": "Please retry again later.", "innerError": object{"code": "429"},
		}}),
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(Graph(f.url, wire.Bearer("secret")))(t))
		for _, i := range []int{2, 3} {
			f.remove(i)
			f.wait(30 * 24 * time.Hour)
			result, err := model.Synchronize(t.Context(), synced.NoScope)
			require.NoError(t, err)
			require.Equal(t, synced.Counts{Removed: 1}, changed(result), "too long ago: everything is listed, and what is not goes")
			require.NotEmpty(t, result.Complete)
		}
	})
}
