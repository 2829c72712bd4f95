package recipes

import (
	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// AirtableTask is a record of a table.
type AirtableTask struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"fields.Name" db:"name"`
}

// Airtable declares the table Tasks; base is https://api.airtable.com/v0/BASE.
// All clients of a base share a limiter of 5 requests a second.
func Airtable(base, token string, limiter *wire.Limiter) (synced.Synced[AirtableTask], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		PerPage:    100,
		RecordsKey: "records",
		Pagination: rest.Cursor{Param: "offset", PerPage: "pageSize", Path: "offset", Omitted: true},
		Since:      rest.Since{Param: "filterByFormula", Filter: `IS_AFTER(LAST_MODIFIED_TIME(), DATETIME_PARSE("%s"))`, Exclusive: true},
		Record:     rest.Record{Key: rest.Root},
		Limiter:    limiter,
	})
	return synced.Synced[AirtableTask]{
		Table:    "airtable_tasks",
		Endpoint: "Tasks",
		API:      api,
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
