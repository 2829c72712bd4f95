package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// PocketBasePost is a record of the collection posts.
type PocketBasePost struct {
	SyncedID string `json:"id" db:"synced_id"`
	Title    string `json:"title" db:"title"`
}

// PocketBase declares the posts; base is https://HOST/api.
func PocketBase(base, token string) (synced.Synced[PocketBasePost], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		PerPage:    500,
		RecordsKey: "items",
		Pagination: rest.PageNumber{PerPage: "perPage", TotalPagesPath: "totalPages"},
		TotalPath:  "totalItems",
		Since:      rest.Since{Param: "filter", Format: "2006-01-02 15:04:05.000Z", Filter: "updated>='%s'"},
		Record:     rest.Record{Key: rest.Root},
		IDs:        rest.IDs{Param: "filter", Each: "id='%s'", Join: "||"},
		Probe:      "collections", // a stranger gets an empty list of posts, and an error here
	})
	return synced.Synced[PocketBasePost]{
		Table:    "pocketbase_posts",
		Endpoint: "collections/posts/records",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"sort": {"id"}}},
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
