package recipes

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/syncedgo/synced/remote/wire"
)

// graph gives links with a $skiptoken, and none on the last page.
func graph(f *fake, w http.ResponseWriter, r *http.Request) {
	if number(r, "$top", 100) > 999 {
		refuse(w, http.StatusBadRequest, "Invalid page size")
		return
	}
	last := strings.TrimPrefix(r.URL.Query().Get("$skiptoken"), "after-")
	var listed []entry
	for _, e := range f.live(time.Time{}) {
		if strconv.Itoa(e.id) > last {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	body := object{"value": shown(part, func(e entry) object {
		return object{"id": fmt.Sprint("u-", e.id), "displayName": e.name}
	})}
	if more {
		query := with(r, "$skiptoken", fmt.Sprint("after-", part[len(part)-1].id))
		body["@odata.nextLink"] = "http://" + r.Host + r.URL.Path + "?" + query.Encode()
	}
	answer(w, body)
}

func TestGraph(t *testing.T) {
	t.Parallel()
	f := newFake(t, "Authorization", "Bearer secret", known("$select", "$top", "$skiptoken", "per_page"), graph)
	follow(t, f, must(Graph(f.url, wire.Bearer("secret")))(t))
}
