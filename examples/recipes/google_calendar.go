package recipes

import (
	"net/http"
	"regexp"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// GoogleEvent is an event of one calendar.
type GoogleEvent struct {
	SyncedID string `json:"id" db:"synced_id"`
	Summary  string `json:"summary" db:"summary"`
}

// limitExceeded matches the reasons of a 403 that blames too many requests.
var limitExceeded = regexp.MustCompile(`"(rateLimit|userRateLimit|quota)Exceeded"`)

// GoogleCalendar declares the events; base is https://www.googleapis.com/calendar/v3.
func GoogleCalendar(base string, auth wire.Auth) (synced.Synced[GoogleEvent], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       auth,
		PerPage:    2500,
		RecordsKey: "items",
		Pagination: rest.Cursor{Param: "pageToken", PerPage: "maxResults", Path: "nextPageToken", Omitted: true},
		Position:   rest.Position{Path: "nextSyncToken", Param: "syncToken"}, // a forgotten one is a 410, and everything is asked for
		EmptyPages: true,
		Limited: func(status int, _ http.Header, body []byte) bool {
			return status == http.StatusForbidden && limitExceeded.Match(body)
		},
	})
	return synced.Synced[GoogleEvent]{
		Table:    "google_events",
		Endpoint: "calendars/primary/events",
		API:      api,
		Strategy: strategy.Position{},
		Remove:   synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			status, _ := remote.Get[string](o, "status")
			return status == "cancelled"
		},
	}, err
}
