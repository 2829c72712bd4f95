package recipes

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// jira takes bounded queries only, in minutes of the user's zone, and sends ids without fields.
func jira(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	show := func(e entry) object {
		shown := object{"id": strconv.Itoa(e.id)}
		if q.Get("fields") == "summary" {
			shown["key"], shown["fields"] = fmt.Sprint("SYN-", e.id), object{"summary": e.name}
		}
		return shown
	}
	found := regexp.MustCompile(`^\(?project = SYN\)?(?: AND \(updated >= "([^"]+)"\))?$`).FindStringSubmatch(q.Get("jql"))
	if found == nil {
		refuse(w, http.StatusBadRequest, "unbounded JQL queries are not allowed here")
		return
	}
	after := time.Time{}
	if found[1] != "" {
		var err error
		if after, err = time.ParseInLocation("2006-01-02 15:04", found[1], newYork); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(q.Get("nextPageToken"), "token-"))
	var listed []entry
	for _, e := range f.live(after) {
		if e.id > from {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	body := object{"issues": shown(part, show), "isLast": !more}
	if more {
		body["nextPageToken"] = fmt.Sprint("token-", part[len(part)-1].id)
	}
	answer(w, body)
}

var newYork = time.FixedZone("UTC-5", -5*3600)

func TestJira(t *testing.T) {
	against(t, api{
		credentials: basic("me@example.com", "secret"),
		known:       known("jql", "fields", "maxResults", "nextPageToken"),
		serve:       jira,
		limited: tooMany(http.StatusTooManyRequests, http.Header{
			"Retry-After": {"1"}, "X-Ratelimit-Limit": {"350"}, "X-Ratelimit-Remaining": {"0"},
			"X-Ratelimit-Reset": {time.Now().Add(time.Second).UTC().Format("2006-01-02T15:04Z")}, "Ratelimit-Reason": {"jira-burst-based"},
		}, ""),
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(Jira(f.url, "me@example.com", "secret", "SYN", newYork))(t), Nightly)
	})
}
