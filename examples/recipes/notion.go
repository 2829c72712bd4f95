package recipes

import (
	"net/http"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// NotionPage is a page of a database.
type NotionPage struct {
	SyncedID string `json:"id" db:"synced_id"`
	URL      string `json:"url" db:"url"`
	Status   string `json:"properties.Status.select.name" db:"status"`
}

// Notion declares the pages of a database; base is https://api.notion.com/v1. All clients of an
// integration share a limiter of 3 requests a second.
func Notion(base, token, database string, limiter *wire.Limiter) (synced.Synced[NotionPage], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		Header:     http.Header{"Notion-Version": {"2022-06-28"}},
		PerPage:    100,
		Parameters: rest.Parameters{JSON: "{}"},
		RecordsKey: "results",
		Pagination: rest.Cursor{Param: "start_cursor", PerPage: "page_size", Path: "next_cursor", MorePath: "has_more"},
		Since: rest.Since{
			Param:  "filter",
			Filter: `{"timestamp":"last_edited_time","last_edited_time":{"on_or_after":"%s"}}`,
		},
		Record:  rest.Record{Path: "pages/%s", Key: rest.Root},
		Limiter: limiter,
	})
	return synced.Synced[NotionPage]{
		Table:    "notion_pages",
		Endpoint: "databases/" + database + "/query",
		API:      api,
		Strategy: strategy.UpdatedSince{
			Tolerance: 5 * time.Minute, // last_edited_time is of whole minutes
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
		Tombstone: func(o remote.Object) bool { // what is in the trash still has an address
			trashed, _ := remote.Get[bool](o, "in_trash")
			return trashed
		},
	}, err
}
