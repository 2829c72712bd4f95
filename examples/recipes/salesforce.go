package recipes

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// SalesforceAccount is an account.
type SalesforceAccount struct {
	SyncedID   string    `db:"synced_id"` // 18 letters, by SalesforceID
	Name       string    `json:"Name" db:"name"`
	ModifiedAt time.Time `json:"SystemModstamp" db:"modified_at" time:"2006-01-02T15:04:05.000Z0700"`
}

// Salesforce declares the accounts; base is https://DOMAIN.my.salesforce.com/services/data/v62.0.
func Salesforce(base string, auth wire.Auth) (synced.Synced[SalesforceAccount], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       auth,
		RecordsKey: "records",
		Pagination: rest.NextURL{Path: "nextRecordsUrl", EndPath: "done", Stable: true}, // a locator of the query's result
		TotalPath:  "totalSize",
		Since:      rest.Since{Param: "q", Filter: " WHERE SystemModstamp >= %s", And: "%s%s"}, // after the declaration's query
		Record:     rest.Record{Path: "sobjects/Account/%s", Key: rest.Root, Query: url.Values{"fields": {"Id,Name,IsDeleted,SystemModstamp"}}},
		Limited: func(status int, _ http.Header, body []byte) bool {
			return status == http.StatusForbidden && bytes.Contains(body, []byte("REQUEST_LIMIT_EXCEEDED"))
		},
	})
	return synced.Synced[SalesforceAccount]{
		Table:    "salesforce_accounts",
		Endpoint: "queryAll", // query leaves out what was deleted
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"q": {"SELECT Id, Name, IsDeleted, SystemModstamp FROM Account"}}},
		IDOf:     SalesforceID,
		Strategy: strategy.UpdatedSince{
			Tolerance: 5 * time.Minute,
			Retention: 14 * 24 * time.Hour, // what was deleted stays in the recycle bin for 15 days
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
		Remove: synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			deleted, _ := remote.Get[bool](o, "IsDeleted")
			return deleted
		},
	}, err
}

// SalesforceID returns an id of 18 letters, also for one of 15: the last three say which of
// the others are capitals.
func SalesforceID(o remote.Object) (string, error) {
	id, err := remote.Get[string](o, "Id")
	if err != nil || len(id) == 18 {
		return id, err
	}
	if len(id) != 15 {
		return "", fmt.Errorf("the attribute Id is %q: want 15 or 18 letters", id)
	}
	for five := range 3 {
		capitals := 0
		for i, letter := range id[5*five : 5*five+5] {
			if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ", letter) {
				capitals |= 1 << i
			}
		}
		id += string("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals])
	}
	return id, nil
}
