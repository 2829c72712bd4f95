package recipes

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// GraphUser is a user of the directory.
type GraphUser struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"displayName" db:"name"`
}

// Graph declares the users; base is https://graph.microsoft.com/v1.0.
func Graph(base string, auth wire.Auth) (synced.Synced[GraphUser], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       auth,
		RecordsKey: "value",
		Pagination: rest.NextURL{Path: "@odata.nextLink", Omitted: true, Stable: true}, // a $skiptoken
		Position:   rest.Position{Path: "@odata.deltaLink"},
		Since: rest.Since{Rejected: func(e *remote.Error) bool { // the link is too old
			return e.Status == http.StatusGone || strings.Contains(e.Excerpt, "yncStateNotFound")
		}},
		EmptyPages: true,
	})
	return synced.Synced[GraphUser]{
		Table:    "graph_users",
		Endpoint: "users/delta",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"$select": {"displayName"}}},
		Strategy: strategy.Position{},
		Remove:   synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			_, removed := o.Lookup("@removed")
			return removed
		},
	}, err
}
