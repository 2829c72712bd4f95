package recipes

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// gitHub lists two repositories; the issues of one are the fake's. Odd ids are closed.
func gitHub(f *fake, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-RateLimit-Limit", "5000")
	w.Header().Set("X-RateLimit-Remaining", "4999")
	if r.URL.Path == "/orgs/other/repos" {
		refuse(w, http.StatusForbidden, "Resource not accessible by personal access token")
		return
	}
	if r.URL.Path == "/orgs/acme/repos" {
		answer(w, []object{
			{"id": 1, "full_name": "acme/one", "updated_at": "2026-01-01T00:00:00Z"},
			{"id": 2, "full_name": "acme/two", "updated_at": "2026-01-01T00:00:00Z"},
		})
		return
	}
	shape := func(e entry) object {
		return object{"id": e.id, "number": e.id - 100, "title": e.name, "state": map[bool]string{true: "open", false: "closed"}[e.id%2 == 0]}
	}
	if number, one := strings.CutPrefix(r.URL.Path, "/repos/acme/one/issues/"); one {
		for _, e := range f.live(time.Time{}) {
			if strconv.Itoa(e.id-100) == number {
				answer(w, shape(e))
				return
			}
		}
		refuse(w, http.StatusGone, "This issue was deleted")
		return
	}
	after, ok := since(w, r, "since", time.RFC3339)
	if !ok {
		return
	}
	var listed []entry
	for _, e := range f.live(after.Add(time.Nanosecond)) {
		if strings.HasPrefix(r.URL.Path, "/repos/acme/one/") && (r.URL.Query().Get("state") == "all" || e.id%2 == 0) {
			listed = append(listed, e)
		}
	}
	at := number(r, "page", 1)
	part, more := page(listed, (at-1)*pageSize)
	if more {
		link(w, r, with(r, "page", at+1))
	}
	answer(w, shown(part, shape))
}

func TestGitHub(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("per_page", "page", "since", "state"),
		serve:       gitHub,
		// A secondary limit may come without Retry-After.
		limited: tooMany(http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"4998"}}, object{
			"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		}),
	}, func(t *testing.T, f *fake) {
		api := must(GitHub(f.url, "secret"))(t)
		repos := create(t, f.db, GitHubRepos(api, "acme"))
		issues := create(t, f.db, GitHubIssues(api, repos))
		both := synced.Together(repos, issues)
		run := func() synced.Counts {
			results, err := both.Synchronize(t.Context(), synced.NoScope)
			require.NoError(t, err)
			return changed(results[1])
		}
		require.Equal(t, synced.Counts{Created: 8}, run(), "closed ones as well")
		require.Zero(t, run())
		f.change(6)
		require.Equal(t, synced.Counts{Updated: 1}, run())
		f.remove(1)
		require.Zero(t, run(), "deletions are not told")
		result, err := issues.Synchronize(t.Context(), synced.NoScope, Nightly)
		require.NoError(t, err)
		require.Nil(t, result.Refused)
		require.Equal(t, 1, result.Removed, "it is asked for by its number")

		other := GitHubRepos(api, "other")
		other.Table = "other_repos"
		asked := f.requests
		_, err = create(t, f.db, other).Synchronize(t.Context(), synced.NoScope)
		require.ErrorIs(t, err, remote.ErrUnauthorized, "not every 403 is a limit")
		require.Equal(t, asked+1, f.requests)
	})
}
