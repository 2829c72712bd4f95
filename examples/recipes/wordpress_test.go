package recipes

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// wordPress lists published posts, which odd ids are not, unless it is asked for any.
func wordPress(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	listed, size := f.live(time.Time{}), number(r, "per_page", 10)
	if text := q.Get("modified_after"); text != "" {
		after, err := time.ParseInLocation("2006-01-02T15:04:05", text, newYork)
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
	if q.Get("status") != "any" {
		listed = slices.DeleteFunc(listed, func(e entry) bool { return e.id%2 == 1 })
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
		return object{"id": e.id, "title": object{"rendered": e.name}, "status": map[bool]string{true: "publish", false: "draft"}[e.id%2 == 0]}
	}))
}

func TestWordPress(t *testing.T) {
	against(t, api{
		credentials: basic("sync", "secret"),
		known:       known("per_page", "page", "status", "orderby", "order", "modified_after", "include"),
		serve:       wordPress,
		limited:     tooMany(http.StatusTooManyRequests, http.Header{"Content-Type": {"text/html"}}, "<h1>429 Too Many Requests</h1>"), // the host's
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(WordPress(f.url, "sync", "secret", newYork))(t), Nightly)
	})
}
