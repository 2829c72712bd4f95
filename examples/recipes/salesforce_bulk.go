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

// SalesforceContact is a contact.
type SalesforceContact struct {
	SyncedID string `json:"Id" db:"synced_id"` // of 18 letters
	Name     string `json:"Name" db:"name"`
}

// SalesforceBulk declares the contacts; base is https://DOMAIN.my.salesforce.com/services/data/v62.0.
func SalesforceBulk(base, token string) (synced.Synced[SalesforceContact], error) {
	const contacts = "SELECT Id, Name, IsDeleted FROM Contact"
	api, err := rest.NewClient(rest.Config{
		BaseURL: base,
		Auth:    wire.Bearer(token),
		PerPage: 50_000,
		// A query job of the Bulk API 2.0; the query is replaced by that with a time.
		Parameters: rest.Parameters{JSON: `{"operation":"queryAll","query":"` + contacts + `"}`},
		Since:      rest.Since{Param: "query", Filter: contacts + " WHERE SystemModstamp >= %s"},
		Export: &rest.Export{
			Job:   "id",
			Poll:  rest.Step{Path: "jobs/query/%s"},
			State: "state", Done: []string{"JobComplete"}, Failed: []string{"Failed", "Aborted"}, Reason: "errorMessage",
			Download: rest.Step{Path: "jobs/query/%s/results"},
			Cancel:   rest.Step{Method: http.MethodPatch, Path: "jobs/query/%s", Parameters: rest.Parameters{JSON: `{"state":"Aborted"}`}},
			Delete:   rest.Step{Method: http.MethodDelete, Path: "jobs/query/%s"},
		},
		Body:         rest.CSV{},
		Pagination:   rest.Cursor{Header: "Sforce-Locator", Param: "locator", PerPage: "maxRecords"},
		TotalPath:    "numberRecordsProcessed",
		SyncedAtPath: "createdDate",
		Record:       rest.Record{Path: "sobjects/Contact/%s", Key: rest.Root},
	})
	return synced.Synced[SalesforceContact]{
		Table:    "salesforce_contacts",
		Endpoint: "jobs/query",
		API:      api,
		Strategy: strategy.UpdatedSince{Tolerance: 10 * time.Minute},
		Remove:   synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			deleted, _ := remote.Get[string](o, "IsDeleted")
			return deleted == "true"
		},
	}, err
}
