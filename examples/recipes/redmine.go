package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// RedmineIssue is an issue.
type RedmineIssue struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Subject  string `json:"subject" db:"subject"`
}

// Redmine declares the issues; base is the address of the installation.
func Redmine(base, key string) (synced.Synced[RedmineIssue], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.APIKeyHeader("X-Redmine-API-Key", key),
		PerPage:    100,
		Pagination: rest.Offset{},
		TotalPath:  "total_count",
		Since:      rest.Since{Param: "updated_on", Filter: ">=%s"},
		Record:     rest.Record{Key: "issue"},
		IDs:        rest.IDs{Param: "issue_id", Query: url.Values{"status_id": {"*"}}},
	})
	return synced.Synced[RedmineIssue]{
		Table:    "redmine_issues",
		Endpoint: "issues.json",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"status_id": {"*"}, "sort": {"id"}}}, // open ones only, else
		Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}, err
}
