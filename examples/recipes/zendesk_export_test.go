package recipes

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// zendeskExport wants a start_time that is not within the last minute, and leaves out what
// changed within it. Deleted tickets are listed.
func zendeskExport(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var start, last int
	if cursor := q.Get("cursor"); cursor != "" {
		_, _ = fmt.Sscanf(cursor, "at-%d-%d", &start, &last)
	} else if start = number(r, "start_time", 0); start == 0 || int64(start) > f.now.Add(-time.Minute).Unix() {
		refuse(w, http.StatusBadRequest, "start_time must be more than a minute ago")
		return
	}
	var listed []entry
	for _, e := range f.entries {
		if e.id > last && e.at.Unix() >= int64(start) && e.at.Before(f.now.Add(-time.Minute)) {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	for _, e := range part {
		last = e.id
	}
	cursor := fmt.Sprintf("at-%d-%d", start, last)
	answer(w, object{
		"tickets": shown(part, func(e entry) object {
			return object{"id": e.id, "subject": e.name, "status": map[bool]string{true: "deleted", false: "open"}[e.deleted]}
		}),
		"after_cursor": cursor, "end_of_stream": !more,
		"after_url": "http://" + r.Host + r.URL.Path + "?cursor=" + cursor,
	})
}

func TestZendeskExport(t *testing.T) {
	against(t, api{
		credentials: basic("me@example.com/token", "secret"),
		known:       known("start_time", "cursor", "per_page"),
		serve:       zendeskExport,
		limited:     tooManyZendesk,
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(ZendeskExport(f.url, "me@example.com", "secret"))(t))
	})
}
