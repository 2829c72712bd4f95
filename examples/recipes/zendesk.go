package recipes

import (
	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// ZendeskUser is a user.
type ZendeskUser struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// Zendesk declares the users; base is https://SUBDOMAIN.zendesk.com/api/v2.
func Zendesk(base, email, token string) (synced.Synced[ZendeskUser], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Basic(email+"/token", token),
		PerPage:    100,
		Pagination: rest.NextURL{Path: "links.next", PerPage: "page[size]", MorePath: "meta.has_more", Stable: true},
	})
	return synced.Synced[ZendeskUser]{
		Table:    "zendesk_users",
		Endpoint: "users.json",
		API:      api,
		Strategy: strategy.Full{},
		Remove:   synced.Destroy{},
	}, err
}
