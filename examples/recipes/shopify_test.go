package recipes

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

// shopify refuses a page_info beside anything but limit and fields, and lists open orders,
// which odd ids are not, unless it is asked for others.
func shopify(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	info := url.Values{}
	if at := q.Get("page_info"); at != "" {
		if q.Has("status") || q.Has("updated_at_min") {
			refuse(w, http.StatusBadRequest, "page_info: other filters must not be given")
			return
		}
		text, _ := base64.URLEncoding.DecodeString(at)
		info, _ = url.ParseQuery(string(text))
	} else {
		info.Set("status", q.Get("status"))
		info.Set("since", q.Get("updated_at_min"))
	}
	after, _ := time.Parse(time.RFC3339, info.Get("since"))
	last, _ := strconv.Atoi(info.Get("last_id"))
	var listed []entry
	for _, e := range f.live(after) {
		if e.id > last && (info.Get("status") == "any" || e.id%2 == 0) {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	if more {
		info.Set("last_id", strconv.Itoa(part[len(part)-1].id))
		link(w, r, url.Values{"limit": {"250"}, "page_info": {base64.URLEncoding.EncodeToString([]byte(info.Encode()))}})
	}
	answer(w, object{"orders": shown(part, func(e entry) object {
		return object{"id": e.id, "name": e.name, "total_price": "10.00"}
	})})
}

func TestShopify(t *testing.T) {
	against(t, api{
		header: "X-Shopify-Access-Token", credentials: "secret",
		known: known("limit", "page_info", "status", "updated_at_min"),
		serve: shopify,
		limited: tooMany(http.StatusTooManyRequests, http.Header{"Retry-After": {"1.0"}}, object{
			"errors": "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
		}),
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(Shopify(f.url, "secret"))(t), synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{}})
	})
}
