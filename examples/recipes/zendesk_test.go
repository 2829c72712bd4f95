package recipes

import (
	"net/http"
	"testing"
	"time"
)

// zendesk gives a link on the last page too, which leads to an empty one.
func zendesk(f *fake, w http.ResponseWriter, r *http.Request) {
	if number(r, "page[size]", 0) != 100 {
		refuse(w, http.StatusBadRequest, "page[size] must be at most 100")
		return
	}
	last := number(r, "page[after]", 0)
	var listed []entry
	for _, e := range f.live(time.Time{}) {
		if e.id > last {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	for _, e := range part {
		last = e.id
	}
	answer(w, object{
		"users": shown(part, func(e entry) object { return object{"id": e.id, "name": e.name} }),
		"meta":  object{"has_more": more},
		"links": object{"next": "http://" + r.Host + r.URL.Path + "?" + with(r, "page[after]", last).Encode()},
	})
}

var tooManyZendesk = tooMany(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, object{
	"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded",
})

func TestZendesk(t *testing.T) {
	against(t, api{
		credentials: basic("me@example.com/token", "secret"),
		known:       known("page[size]", "page[after]"),
		serve:       zendesk,
		limited:     tooManyZendesk,
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(Zendesk(f.url, "me@example.com", "secret"))(t))
	})
}
