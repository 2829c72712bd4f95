package recipes

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

// hubSpot lists contacts.
func hubSpot(f *fake, w http.ResponseWriter, r *http.Request) {
	hubSpotList(f, w, r, "/contacts/", "email")
}

// hubSpotList sends the properties that are asked for only, and no paging on the last page.
func hubSpotList(f *fake, w http.ResponseWriter, r *http.Request, path, property string) {
	if number(r, "limit", 10) > 100 {
		refuse(w, http.StatusBadRequest, "limit must be at most 100")
		return
	}
	show := func(e entry) object {
		properties := object{"hs_object_id": strconv.Itoa(e.id)}
		if r.URL.Query().Get("properties") == property {
			properties[property] = e.name
		}
		return object{"id": strconv.Itoa(e.id), "properties": properties, "archived": false}
	}
	if id, one := strings.CutPrefix(r.URL.Path, path); one {
		if e, ok := f.find(id); ok {
			answer(w, show(e))
		} else {
			refuse(w, http.StatusNotFound, "resource not found")
		}
		return
	}
	all := f.live(time.Time{})
	from := slices.IndexFunc(all, func(e entry) bool { return e.id >= number(r, "after", 0) })
	part, more := page(all, from)
	body := object{"results": shown(part, show)}
	if more {
		body["paging"] = object{"next": object{"after": strconv.Itoa(part[len(part)-1].id + 1)}}
	}
	answer(w, body)
}

// tooManyHubSpot tells nothing of how long to wait.
var tooManyHubSpot = tooMany(http.StatusTooManyRequests, nil, object{
	"status": "error", "message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "policyName": "SECONDLY",
})

func TestHubSpot(t *testing.T) {
	against(t, api{credentials: "Bearer secret", known: known("limit", "after", "properties"), serve: hubSpot, limited: tooManyHubSpot}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(HubSpot(f.url, "secret"))(t))
		row, err := model.Find(t.Context(), synced.NoScope, "101")
		require.NoError(t, err)
		require.Equal(t, "Name 101", row.Email)
	})
}
