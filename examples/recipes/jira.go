package recipes

import (
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// JiraIssue is an issue of one project.
type JiraIssue struct {
	SyncedID string `json:"id" db:"synced_id"` // a number, spelled as a string
	Key      string `json:"key" db:"issue_key"`
	Summary  string `json:"fields.summary" db:"summary"`
}

// Jira declares the issues; base is https://SITE.atlassian.net/rest/api/3. The zone is that of
// the profile of the token's user.
func Jira(base, email, token, project string, zone *time.Location) (synced.Synced[JiraIssue], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Basic(email, token),
		PerPage:    100,
		RecordsKey: "issues",
		Pagination: rest.Cursor{Param: "nextPageToken", PerPage: "maxResults", Path: "nextPageToken", Omitted: true},
		Since:      rest.Since{Param: "jql", Format: "2006-01-02 15:04", Filter: `updated >= "%s"`, And: " AND ", Zone: zone},
		Record:     rest.Record{Path: "issue/%s", Key: rest.Root, Query: url.Values{"fields": {"summary"}}},
	})
	return synced.Synced[JiraIssue]{
		Table:    "jira_issues",
		Endpoint: "search/jql",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"jql": {"project = " + project}, "fields": {"summary"}}},
		Strategy: strategy.UpdatedSince{
			Tolerance: 5 * time.Minute, // the index lags
			Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}},
		},
	}, err
}
