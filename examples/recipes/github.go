package recipes

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// GitHubRepo is a repository of an organization.
type GitHubRepo struct {
	ID        int64     `db:"id"`
	SyncedID  int64     `json:"id" db:"synced_id"`
	FullName  string    `json:"full_name" db:"full_name"`
	UpdatedAt time.Time `json:"updated_at" db:"updated_at"`
}

// GitHubIssue is an issue or a pull request: GitHub lists both. Its number, not its id, is in
// its address, and is unique in its repository.
type GitHubIssue struct {
	SyncedID int64  `json:"number" db:"synced_id"`
	RepoID   int64  `db:"repo_id"`
	Title    string `json:"title" db:"title"`
	State    string `json:"state" db:"state"`
}

// GitHub returns a client; base is https://api.github.com.
func GitHub(base, token string) (*rest.Client, error) {
	return rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Bearer(token),
		Header:     http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}},
		PerPage:    100,
		RecordsKey: rest.Root,
		Pagination: rest.LinkHeader{},
		Since:      rest.Since{Param: "since", Exclusive: true},
		Limited: func(status int, _ http.Header, body []byte) bool { // a 403 that tells no wait
			return status == http.StatusForbidden && bytes.Contains(body, []byte("secondary rate limit"))
		},
	})
}

// GitHubRepos declares the repositories of an organization.
func GitHubRepos(api *rest.Client, org string) synced.Synced[GitHubRepo] {
	return synced.Synced[GitHubRepo]{
		Table:    "github_repos",
		Endpoint: "orgs/" + org + "/repos",
		API:      api,
		Strategy: strategy.Full{}, // the list knows no since
	}
}

// GitHubIssues declares the issues of each repository.
func GitHubIssues(api *rest.Client, repos *synced.Model[GitHubRepo]) synced.Synced[GitHubIssue] {
	return synced.Synced[GitHubIssue]{
		Table:     "github_issues",
		Scope:     "repo_id",
		PerParent: synced.Each(repos, "repos/{+full_name}/issues"),
		API:       api,
		Ask:       synced.Ask{Query: url.Values{"state": {"all"}}}, // open ones only, else
		Strategy:  strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
	}
}
