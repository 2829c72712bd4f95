package recipes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/wire"
)

// notionID is that of a page: a UUID, as cursors are.
func notionID(e entry) string { return fmt.Sprintf("59833787-2cf9-4fdf-8782-e53db20768%02x", e.id) }

// notion refuses members that it doesn't know, and a filter without a condition.
func notion(f *fake, w http.ResponseWriter, r *http.Request) {
	show := func(e entry) object {
		return object{
			"id": notionID(e), "url": "https://notion.so/" + strings.ReplaceAll(e.name, " ", "-"), "in_trash": e.deleted,
			"properties": object{"Status": object{"type": "select", "select": object{"name": "Done"}}},
		}
	}
	if id, one := strings.CutPrefix(r.URL.Path, "/pages/"); one {
		for _, e := range f.entries {
			if notionID(e) == id {
				answer(w, show(e))
			}
		}
		return
	}
	type condition struct {
		OnOrAfter time.Time `json:"on_or_after"`
	}
	var body struct {
		PageSize int    `json:"page_size"`
		Start    string `json:"start_cursor"`
		Filter   *struct {
			Timestamp string    `json:"timestamp"`
			Edited    condition `json:"last_edited_time"`
		} `json:"filter"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	after := time.Time{}
	err := decoder.Decode(&body)
	if body.Filter != nil {
		after = body.Filter.Edited.OnOrAfter
	}
	if err != nil || r.Method != http.MethodPost || body.PageSize > 100 || body.Filter != nil && after.IsZero() ||
		r.Header.Get("Notion-Version") == "" || r.URL.Path != "/databases/d1/query" {
		refuse(w, http.StatusBadRequest, "validation_error")
		return
	}
	var listed []entry
	for _, e := range f.live(after) {
		if notionID(e) >= body.Start {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	next := any(nil)
	if more {
		next = notionID(listed[len(part)])
	}
	answer(w, object{"object": "list", "has_more": more, "next_cursor": next, "results": shown(part, show)})
}

func TestNotion(t *testing.T) {
	against(t, api{credentials: "Bearer secret", serve: notion, limited: tooMany(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, object{
		"object": "error", "status": 429, "code": "rate_limited", "message": "You have been rate limited. Please try again in a few minutes.",
	})}, func(t *testing.T, f *fake) {
		follow(t, f, must(Notion(f.url, "secret", "d1", wire.NewLimiter(wire.LimiterConfig{})))(t), Nightly)
		require.Len(t, f.asked, 1, "no page is asked for by itself: cursors stay put")
	})
}
