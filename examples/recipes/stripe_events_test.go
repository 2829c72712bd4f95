package recipes

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/wire"
)

// stripeEvent is what became of a product.
type stripeEvent struct {
	kind string
	of   entry
}

// stripeProducts lists products, and events of all kinds, both the newest first. Events are
// kept for 30 days, and a list of types is that of names.
func stripeProducts(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if number(r, "limit", 10) > 100 || r.URL.Path != "/events" && (q.Has("types[]") || q.Has("created[gte]")) {
		refuse(w, http.StatusBadRequest, "parameter_unknown")
		return
	}
	show := func(e entry) object {
		return object{"id": fmt.Sprint("prod_", e.id), "object": "product", "name": e.name, "active": true}
	}
	var listed []object
	for _, e := range f.live(time.Time{}) {
		listed = append(listed, show(e))
	}
	if r.URL.Path == "/events" {
		listed = nil
		for i, e := range stripeHistory(f) {
			if e.of.at.Unix() >= int64(number(r, "created[gte]", 0)) && f.now.Sub(e.of.at) < 30*24*time.Hour && slices.Contains(q["types[]"], e.kind) {
				listed = append(listed, object{"id": fmt.Sprint("evt_", i), "object": "event", "type": e.kind, "created": e.of.at.Unix(), "data": object{"object": show(e.of)}})
			}
		}
	}
	slices.Reverse(listed)
	from := 0
	if after := q.Get("starting_after"); after != "" {
		from = slices.IndexFunc(listed, func(o object) bool { return o["id"] == after }) + 1
	}
	to := min(from+pageSize, len(listed))
	answer(w, object{"object": "list", "has_more": to < len(listed), "data": append([]object{}, listed[from:to]...)})
}

// stripeHistory is what became of products, in order, and of a customer.
func stripeHistory(f *fake) []stripeEvent {
	list := []stripeEvent{{"customer.updated", entry{id: 1, at: f.now.Add(-time.Minute)}}}
	for _, e := range f.entries {
		created := e
		created.at, created.name = f.began, fmt.Sprint("Name ", e.id)
		list = append(list, stripeEvent{"product.created", created})
		switch {
		case e.deleted:
			list = append(list, stripeEvent{"product.deleted", e})
		case e.at.After(f.began):
			before := e
			before.name = "before"
			list = append(list, stripeEvent{"product.updated", before}, stripeEvent{"product.updated", e})
		}
	}
	slices.SortStableFunc(list, func(a, b stripeEvent) int { return cmp.Compare(a.of.at.Unix(), b.of.at.Unix()) })
	return list
}

// tooManyStripe tells nothing of how long to wait.
var tooManyStripe = tooMany(http.StatusTooManyRequests, nil, object{
	"error": object{"code": "rate_limit", "message": "Request rate limit exceeded.", "type": "invalid_request_error"},
})

// stripeSince is a fake whose products were made so long ago: how old a time is is judged by
// this machine's clock.
func stripeSince(age time.Duration) api {
	return api{
		credentials: "Bearer secret",
		known:       known("limit", "starting_after", "created[gte]", "types[]"),
		serve:       stripeProducts,
		began:       time.Now().Add(-age).UTC(),
		limited:     tooManyStripe,
	}
}

func TestStripeEvents(t *testing.T) {
	against(t, stripeSince(2*24*time.Hour), func(t *testing.T, f *fake) {
		follow(t, f, must(StripeEvents(f.url, "secret", wire.NewLimiter(wire.LimiterConfig{})))(t))
		require.Equal(t, 3, f.asked["/products"], "the pages of the first run; the events tell the rest")
	})
}

func TestStripeEvents_Forgotten(t *testing.T) {
	against(t, stripeSince(40*24*time.Hour), func(t *testing.T, f *fake) {
		model := create(t, f.db, must(StripeEvents(f.url, "secret", wire.NewLimiter(wire.LimiterConfig{})))(t))
		_, err := model.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err)
		f.remove(1)
		f.wait(35 * 24 * time.Hour)
		result, err := model.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err)
		require.NotEmpty(t, result.Complete)
		require.Equal(t, synced.Counts{Removed: 1}, changed(result))
	})
}
