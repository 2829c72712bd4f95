package recipes

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// redmine lists open issues, which odd ids are not, unless it is asked for all.
func redmine(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after := time.Time{}
	if text, ok := strings.CutPrefix(q.Get("updated_on"), ">="); ok {
		var err error
		if after, err = time.Parse(time.RFC3339, text); err != nil {
			refuse(w, http.StatusUnprocessableEntity, "Updated is invalid")
			return
		}
	}
	listed := slices.DeleteFunc(f.live(after), func(e entry) bool {
		return q.Get("status_id") != "*" && e.id%2 == 1 ||
			q.Has("issue_id") && !slices.Contains(strings.Split(q.Get("issue_id"), ","), strconv.Itoa(e.id))
	})
	part, _ := page(listed, number(r, "offset", 0))
	answer(w, object{
		"issues":      shown(part, func(e entry) object { return object{"id": e.id, "subject": e.name} }),
		"total_count": len(listed), "offset": number(r, "offset", 0), "limit": pageSize,
	})
}

func TestRedmine(t *testing.T) {
	against(t, api{
		header: "X-Redmine-API-Key", credentials: "secret",
		known:   known("limit", "offset", "status_id", "sort", "updated_on", "issue_id"),
		serve:   redmine,
		limited: tooMany(http.StatusServiceUnavailable, http.Header{"Content-Type": {"text/html"}}, "<h1>503 Service Unavailable</h1>"), // the host's
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(Redmine(f.url, "secret"))(t), Nightly)
	})
}
