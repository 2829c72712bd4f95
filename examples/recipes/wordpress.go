package recipes

import (
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// WordPressPost is a post.
type WordPressPost struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Title    string `json:"title.rendered" db:"title"`
	Status   string `json:"status" db:"status"`
}

// WordPress declares the posts; base is https://SITE/wp-json/wp/v2.
func WordPress(base, user, applicationPassword string, zone *time.Location) (synced.Synced[WordPressPost], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:     base,
		Auth:        wire.Basic(user, applicationPassword),
		PerPage:     100,
		RecordsKey:  rest.Root,
		Pagination:  rest.PageNumber{TotalPagesHeader: "X-WP-TotalPages"},
		TotalHeader: "X-WP-Total",
		Since:       rest.Since{Param: "modified_after", Format: "2006-01-02T15:04:05", Zone: zone, Exclusive: true},
		IDs:         rest.IDs{Param: "include", KeepQuery: true},
	})
	return synced.Synced[WordPressPost]{
		Table:    "wordpress_posts",
		Endpoint: "posts",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"status": {"any"}, "orderby": {"id"}, "order": {"asc"}}},
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}

// Nightly is the call that removes what is gone: the list does not tell it.
var Nightly = synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{}}
