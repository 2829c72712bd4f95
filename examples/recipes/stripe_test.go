package recipes

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// stripe lists newest first, at most 100, and refuses what it doesn't know.
func stripe(f *fake, w http.ResponseWriter, r *http.Request) {
	if number(r, "limit", 10) > 100 {
		refuse(w, http.StatusBadRequest, "limit must be at most 100")
		return
	}
	all := f.live(time.Time{})
	slices.Reverse(all)
	from := 0
	if after := r.URL.Query().Get("starting_after"); after != "" {
		from = slices.IndexFunc(all, func(e entry) bool { return fmt.Sprint("cus_", e.id) == after }) + 1
		if from == 0 {
			refuse(w, http.StatusBadRequest, "no such customer")
			return
		}
	}
	part, more := page(all, from)
	answer(w, object{"object": "list", "has_more": more, "data": shown(part, func(e entry) object {
		return object{"id": fmt.Sprint("cus_", e.id), "name": e.name, "created": 1767225600}
	})})
}

func TestStripe(t *testing.T) {
	against(t, api{credentials: "Bearer secret", known: known("limit", "starting_after"), serve: stripe, limited: tooManyStripe}, func(t *testing.T, f *fake) {
		follow(t, f, must(Stripe(f.url, "secret"))(t))
	})
}
