package recipes

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

// gitLab lists four projects, by keyset; the issues of the first are the fake's.
func gitLab(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.URL.Path == "/projects" {
		if q.Get("pagination") != "keyset" || q.Get("order_by") != "id" {
			refuse(w, http.StatusMethodNotAllowed, "keyset pagination is not available with this order")
			return
		}
		from := number(r, "id_after", 0)
		projects := []object{}
		for id := from + 1; id <= min(from+pageSize, 4); id++ {
			active := f.entries[0].at
			if id == 1 {
				active = f.now.Truncate(24 * time.Hour)
				for _, e := range f.entries {
					if e.at.After(active) {
						active = e.at
					}
				}
			}
			projects = append(projects, object{"id": id, "path_with_namespace": "acme/p" + string(rune('0'+id)), "last_activity_at": active})
		}
		if from == 0 {
			link(w, r, with(r, "id_after", pageSize))
		}
		answer(w, projects)
		return
	}
	shape := func(e entry) object {
		return object{"id": e.id, "iid": e.id - 100, "title": e.name, "state": "opened"}
	}
	if iid, one := strings.CutPrefix(r.URL.Path, "/projects/1/issues/"); one {
		for _, e := range f.live(time.Time{}) {
			if strconv.Itoa(e.id-100) == iid {
				answer(w, shape(e))
				return
			}
		}
		refuse(w, http.StatusNotFound, "404 Not found")
		return
	}
	if q.Get("scope") != "all" {
		answer(w, []object{}) // what the user created
		return
	}
	after, ok := since(w, r, "updated_after", time.RFC3339)
	if !ok {
		return
	}
	var listed []entry
	if r.URL.Path == "/projects/1/issues" {
		listed = f.live(after)
	}
	at := number(r, "page", 1)
	part, more := page(listed, (at-1)*pageSize)
	if more {
		link(w, r, with(r, "page", at+1))
	}
	answer(w, shown(part, shape))
}

func TestGitLab(t *testing.T) {
	against(t, api{
		header: "PRIVATE-TOKEN", credentials: "secret",
		known: known("per_page", "page", "updated_after", "scope", "membership", "pagination", "order_by", "sort", "id_after"),
		serve: gitLab,
		limited: tooMany(http.StatusTooManyRequests, http.Header{
			"Retry-After": {"1"}, "Ratelimit-Limit": {"600"}, "Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {strconv.FormatInt(time.Now().Unix()+1, 10)},
		}, "Retry later\n"),
	}, func(t *testing.T, f *fake) {
		api := must(GitLab(f.url, "secret"))(t)
		projects := create(t, f.db, GitLabProjects(api))
		issues := create(t, f.db, GitLabIssues(api, projects))
		both := synced.Together(projects, issues)
		run := func() synced.Result {
			results, err := both.Synchronize(t.Context(), synced.NoScope)
			require.NoError(t, err)
			return results[1]
		}
		require.Equal(t, synced.Counts{Created: 8}, changed(run()))
		idle := run()
		require.Zero(t, changed(idle))
		require.Equal(t, 4, idle.Parents.Skipped)
		f.change(6)
		busy := run()
		require.Equal(t, synced.Counts{Updated: 1}, changed(busy))
		require.Equal(t, 3, busy.Parents.Skipped)
		f.remove(1)
		result, err := issues.Synchronize(t.Context(), synced.NoScope, Nightly)
		require.NoError(t, err)
		require.Equal(t, 1, result.Removed, "it is asked for by its iid")
	})
}
