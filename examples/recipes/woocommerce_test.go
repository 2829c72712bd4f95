package recipes

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// wooCommerce takes times for those of its site, unless it is told that they are in UTC.
func wooCommerce(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	listed, size := f.live(time.Time{}), number(r, "per_page", 10)
	if text := q.Get("modified_after"); text != "" {
		after, err := time.ParseInLocation("2006-01-02T15:04:05", text, map[bool]*time.Location{true: time.UTC, false: newYork}[q.Get("dates_are_gmt") == "true"])
		if err != nil {
			refuse(w, http.StatusBadRequest, "rest_invalid_param")
			return
		}
		listed = f.live(after.Add(time.Nanosecond))
	}
	if include := q.Get("include"); include != "" {
		ids := strings.Split(include, ",")
		listed = slices.DeleteFunc(listed, func(e entry) bool { return !slices.Contains(ids, strconv.Itoa(e.id)) })
	}
	at, pages := number(r, "page", 1), (len(listed)+pageSize-1)/pageSize
	if size > 100 || at > max(pages, 1) {
		refuse(w, http.StatusBadRequest, "rest_post_invalid_page_number")
		return
	}
	w.Header().Set("X-WP-Total", strconv.Itoa(len(listed)))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa(pages))
	part, _ := page(listed, (at-1)*pageSize)
	answer(w, shown(part, func(e entry) object {
		return object{"id": e.id, "name": e.name, "price": "9.90"}
	}))
}

func TestWooCommerce(t *testing.T) {
	against(t, api{
		credentials: basic("ck_key", "cs_secret"),
		known:       known("per_page", "page", "dates_are_gmt", "orderby", "order", "modified_after", "include"),
		serve:       wooCommerce,
		limited:     tooMany(http.StatusServiceUnavailable, http.Header{"Content-Type": {"text/html"}}, "<h1>503 Service Temporarily Unavailable</h1>"), // the host's
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(WooCommerce(f.url, "ck_key", "cs_secret"))(t), Nightly)
	})
}
