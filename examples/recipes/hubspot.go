package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// HubSpotContact is a contact.
type HubSpotContact struct {
	SyncedID string `json:"id" db:"synced_id"` // a number, spelled as a string
	Email    string `json:"properties.email" db:"email"`
}

// HubSpot declares the contacts; base is https://api.hubapi.com/crm/v3/objects.
func HubSpot(base, token string) (synced.Synced[HubSpotContact], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		PerPage:    100,
		RecordsKey: "results",
		Pagination: rest.Cursor{Param: "after", PerPage: "limit", Path: "paging.next.after", Omitted: true},
		Limiter:    wire.NewLimiter(wire.LimiterConfig{PerSecond: 10, Burst: 100}),
	})
	return synced.Synced[HubSpotContact]{
		Table:    "hubspot_contacts",
		Endpoint: "contacts",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"properties": {"email"}}},
		Strategy: strategy.Full{},
		Remove:   synced.Destroy{},
	}, err
}
