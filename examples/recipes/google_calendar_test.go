package recipes

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/wire"
)

// googleCalendar lists deleted events among changes only, and knows sync tokens of 28 days.
func googleCalendar(f *fake, w http.ResponseWriter, r *http.Request) {
	after, ok := since(w, r, "syncToken", time.RFC3339)
	switch {
	case !ok:
		return
	case number(r, "maxResults", 250) > 2500:
		refuse(w, http.StatusBadRequest, "maxResults")
		return
	case !after.IsZero() && f.now.Sub(after) > 28*24*time.Hour:
		w.WriteHeader(http.StatusGone)
		answer(w, object{"error": object{"code": 410, "errors": []object{{"reason": "fullSyncRequired"}}}})
		return
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("pageToken"), "token-"))
	var listed []entry
	for _, e := range f.entries {
		if e.id > from && !e.at.Before(after) && (!e.deleted || !after.IsZero()) {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	body := object{"kind": "calendar#events", "items": shown(part, func(e entry) object {
		if e.deleted {
			return object{"id": fmt.Sprint("ev", e.id), "status": "cancelled"}
		}
		return object{"id": fmt.Sprint("ev", e.id), "status": "confirmed", "summary": e.name}
	})}
	if more {
		body["nextPageToken"] = fmt.Sprint("token-", part[len(part)-1].id)
	}
	if !more {
		body["nextSyncToken"] = f.now.Format(time.RFC3339)
	}
	answer(w, body)
}

func TestGoogleCalendar(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("maxResults", "pageToken", "syncToken"),
		serve:       googleCalendar,
		limited: tooMany(http.StatusForbidden, nil, object{"error": object{
			"code": 403, "message": "Rate Limit Exceeded",
			"errors": []object{{"domain": "usageLimits", "reason": "rateLimitExceeded", "message": "Rate Limit Exceeded"}},
		}}),
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(GoogleCalendar(f.url, wire.Bearer("secret")))(t))
		f.remove(2)
		f.wait(60 * 24 * time.Hour)
		result, err := model.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{Removed: 1}, changed(result), "too long ago: everything is listed, and what is not goes")
		require.NotEmpty(t, result.Complete)
	})
}
