package recipes

import (
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// GitLabProject is a project that the token's user is a member of.
type GitLabProject struct {
	ID             int64  `db:"id"`
	SyncedID       int64  `json:"id" db:"synced_id"`
	Path           string `json:"path_with_namespace" db:"path"`
	LastActivityAt string `json:"last_activity_at" db:"last_activity_at"`
}

// GitLabIssue is an issue of a project. Its iid, not its id, is in its address, and is unique in
// its project.
type GitLabIssue struct {
	SyncedID  int64  `json:"iid" db:"synced_id"`
	ProjectID int64  `db:"project_id"`
	Title     string `json:"title" db:"title"`
	State     string `json:"state" db:"state"`
}

// GitLab returns a client; base is https://gitlab.com/api/v4.
func GitLab(base, token string) (*rest.Client, error) {
	return rest.NewClient(rest.Config{
		BaseURL:     base,
		Auth:        wire.APIKeyHeader("PRIVATE-TOKEN", token),
		PerPage:     100,
		RecordsKey:  rest.Root,
		Pagination:  rest.LinkHeader{},
		Since:       rest.Since{Param: "updated_after"},
		TotalHeader: "X-Total", // left out above 10,000 records
	})
}

// GitLabProjects declares the projects.
func GitLabProjects(api *rest.Client) synced.Synced[GitLabProject] {
	return synced.Synced[GitLabProject]{
		Table:    "gitlab_projects",
		Endpoint: "projects",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"membership": {"true"}, "pagination": {"keyset"}, "order_by": {"id"}, "sort": {"asc"}}},
		Strategy: strategy.Full{},
		Remove:   synced.Destroy{},
	}
}

// GitLabIssues declares the issues of each project that had some activity.
func GitLabIssues(api *rest.Client, projects *synced.Model[GitLabProject]) synced.Synced[GitLabIssue] {
	return synced.Synced[GitLabIssue]{
		Table:     "gitlab_issues",
		Scope:     "project_id",
		PerParent: synced.Each(projects, "projects/{synced_id}/issues", synced.EachOptions{Due: "last_activity_at"}),
		API:       api,
		Ask:       synced.Ask{Query: url.Values{"scope": {"all"}}},
		Strategy:  strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}
}
