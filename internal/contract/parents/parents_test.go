package parents_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

type repo struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	FullName  string `json:"full_name" db:"full_name"`
	PushedAt  string `json:"pushed_at" db:"pushed_at"`
}

type issue struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"number" db:"synced_id"`
	RepoID   int64  `db:"repo_id"`
	Title    string `json:"title" db:"title"`
}

type comment struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	IssueID  int64  `db:"issue_id"`
	Body     string `json:"body" db:"body"`
}

// world has repositories with issues, which have comments.
type world struct {
	*harness.Bundle
	repos    *synced.Model[repo]
	issues   *synced.Model[issue]
	comments *synced.Model[comment]
}

var account = synced.In(42)

func setup(t *testing.T, b *harness.Bundle, change ...func(*synced.Synced[issue])) *world {
	t.Helper()
	w := &world{Bundle: b}
	w.bind(t, synced.EachOptions{}, change...)
	return w
}

func (w *world) bind(t *testing.T, options synced.EachOptions, change ...func(*synced.Synced[issue])) {
	t.Helper()
	w.repos = harness.Model(t, w.Bundle, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
	d := synced.Synced[issue]{Table: "issues", Scope: "repo_id", Remove: synced.Destroy{},
		PerParent: synced.Each(w.repos, "repos/{+full_name}/issues", options)}
	for _, f := range change {
		f(&d)
	}
	w.issues = harness.Model(t, w.Bundle, d)
	w.comments = harness.Model(t, w.Bundle, synced.Synced[comment]{Table: "comments", Scope: "issue_id", Remove: synced.Destroy{},
		PerParent: synced.Each(w.issues, "repos/{+repos.full_name}/issues/{synced_id}/comments")})
}

func (w *world) putRepo(id int, pushed string) {
	w.Server.Collection("repos").Put(remotetest.Record{"id": id, "full_name": fmt.Sprintf("acme/r%d", id), "pushed_at": pushed})
	w.list(id)
}

func (w *world) list(id int) *remotetest.Collection {
	return w.Server.Collection(fmt.Sprintf("repos/acme/r%d/issues", id))
}

func (w *world) putIssues(id int, numbers ...int) {
	for _, n := range numbers {
		w.list(id).PutRaw(fmt.Sprintf(`{"id":%d,"number":%d,"title":"issue %d of %d"}`, n, n, n, id))
		w.Server.Collection(fmt.Sprintf("repos/acme/r%d/issues/%d/comments", id, n))
	}
}

func (w *world) sync(t *testing.T, call ...synced.Call) synced.Result {
	t.Helper()
	_, err := w.repos.Synchronize(t.Context(), account)
	require.NoError(t, err)
	return w.syncIssues(t, call...)
}

func (w *world) syncIssues(t *testing.T, call ...synced.Call) synced.Result {
	t.Helper()
	result, err := w.issues.Synchronize(t.Context(), account, call...)
	require.NoError(t, err)
	return result
}

func (w *world) stored(t *testing.T) []string {
	t.Helper()
	return w.Column(t, "SELECT r.synced_id || ':' || i.synced_id || ' ' || i.title FROM issues i JOIN repos r ON r.id = i.repo_id ORDER BY r.synced_id, i.synced_id")
}

func parentsOf(asked, skipped, failed, gone int) synced.Parents {
	return synced.Parents{Asked: asked, Skipped: skipped, Failed: failed, Gone: gone}
}

// in is the scope of a repository.
func (w *world) in(t *testing.T, id int) synced.Scope {
	t.Helper()
	key, err := strconv.ParseInt(w.key(t, id), 10, 64)
	require.NoError(t, err)
	return synced.InParent(key)
}

func (w *world) notes(id, number int) *remotetest.Collection {
	return w.Server.Collection(fmt.Sprintf("repos/acme/r%d/issues/%d/comments", id, number))
}

// key is the local key of a repository.
func (w *world) key(t *testing.T, id int) string {
	t.Helper()
	return w.Column(t, "SELECT CAST(id AS text) FROM repos WHERE synced_id = ?", id)[0]
}

func TestContract_C155_AListForEachParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		for id := 1; id <= 3; id++ {
			w.putRepo(id, "a")
		}
		w.putIssues(1, 1, 2, 3, 4)
		w.putIssues(2, 1)
		result := w.sync(t)
		require.Equal(t, parentsOf(3, 0, 0, 0), result.Parents)
		require.Equal(t, 5, result.Created)
		require.Equal(t, []string{"1:1 issue 1 of 1", "1:2 issue 2 of 1", "1:3 issue 3 of 1", "1:4 issue 4 of 1", "2:1 issue 1 of 2"}, w.stored(t))

		// Each parent is asked for what changed since its own time.
		w.Server.Advance(time.Minute)
		w.putIssues(2, 2)
		w.list(1).Delete(2)
		w.Server.ResetLog()
		result = w.syncIssues(t)
		require.Equal(t, []int{1, 1}, []int{result.Created, result.Removed})
		for _, r := range w.Server.Log() {
			require.NotEmpty(t, r.Query.Get("updated_since"), r.Path)
		}
		require.Equal(t, []string{"1:1 issue 1 of 1", "1:3 issue 3 of 1", "1:4 issue 4 of 1", "2:1 issue 1 of 2", "2:2 issue 2 of 2"}, w.stored(t))

		// One parent, by its key.
		w.Server.Advance(time.Minute)
		w.putIssues(1, 7)
		w.putIssues(2, 7)
		one := synced.InParent(w.Column(t, "SELECT id FROM repos WHERE synced_id = 1")[0])
		_, err := w.issues.Synchronize(t.Context(), one)
		require.ErrorContains(t, err, "is of type string, but column \"repo_id\" keeps an integer")
		result, err = w.issues.Synchronize(t.Context(), w.in(t, 1))
		require.NoError(t, err)
		require.Equal(t, 1, result.Created)
		require.Zero(t, result.Parents)
		_, err = w.issues.SyncOne(t.Context(), account, 1)
		require.ErrorContains(t, err, "pass synced.InParent(…)")
	})
}

// A run of which nothing is new costs its requests, and writes what the run of a scope
// writes.
func TestContract_C156_NothingNewWritesNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		for id := 1; id <= 20; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		w.sync(t)
		w.Server.Advance(time.Minute)
		times := func() []string {
			return w.Column(t, "SELECT CAST(synced_at AS text) FROM synced_times WHERE model = 'issues' ORDER BY scope_id, synced_at")
		}
		runs := func() []string {
			return w.Column(t, "SELECT number FROM synced_runs WHERE model = 'issues' AND scope_type = 'repo_id'")
		}
		before, ran := times(), runs()
		require.Len(t, before, 20)
		w.issues = harness.Bind(t, w.Bundle, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Remove: synced.Destroy{}, PerParent: synced.Each(w.repos, "repos/{+full_name}/issues")})
		count := b.Statements(t)
		w.rebind(t)
		count.Store(0)
		result := w.syncIssues(t)
		t.Log("statements:", count.Load())
		require.Less(t, count.Load(), int64(25))
		require.Equal(t, parentsOf(20, 0, 0, 0), result.Parents)
		require.Equal(t, before, times())
		require.Equal(t, ran, runs())

		// A time that grows old moves, and is stored once.
		w.Server.Advance(2 * time.Hour)
		count.Store(0)
		w.syncIssues(t)
		require.Less(t, count.Load(), int64(30))
		require.Len(t, times(), 20)
		require.NotEqual(t, before, times())

		f, err := w.issues.Freshness(t.Context(), account)
		require.NoError(t, err)
		for stale, err := range synced.Stale(t.Context(), w.DB, 0) {
			require.NoError(t, err)
			if stale.Model == "issues" {
				require.Equal(t, "42", stale.Scope)
				require.Equal(t, f.LastSuccess, stale.LastSuccess)
			}
		}
	})
}

func (w *world) rebind(t *testing.T) {
	t.Helper()
	w.bind(t, synced.EachOptions{})
}

func TestContract_C157_WhatMakesAParentDue(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.bind(t, synced.EachOptions{Due: "pushed_at"})
		for id := 1; id <= 3; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		require.Equal(t, parentsOf(3, 0, 0, 0), w.sync(t).Parents)
		require.Equal(t, parentsOf(0, 3, 0, 0), w.sync(t).Parents)
		w.putRepo(2, "b")
		w.Server.Advance(time.Minute)
		w.putIssues(2, 2)
		result := w.sync(t)
		require.Equal(t, parentsOf(1, 2, 0, 0), result.Parents)
		require.Equal(t, 1, result.Created)
		require.Equal(t, parentsOf(0, 3, 0, 0), w.sync(t).Parents)

		// A complete run asks for all, and so does one after a Reset.
		require.Equal(t, parentsOf(3, 0, 0, 0), w.sync(t, synced.Call{Strategy: strategy.Full{}}).Parents)
		require.Equal(t, parentsOf(0, 3, 0, 0), w.sync(t).Parents)
		require.NoError(t, w.issues.Reset(t.Context(), account))
		require.Equal(t, parentsOf(3, 0, 0, 0), w.sync(t).Parents)

		// One that failed is asked for again, even where it is not due.
		w.putRepo(1, "c")
		w.putRepo(2, "c")
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		w.fail(1, http.StatusInternalServerError)
		result, err = w.issues.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.ErrorContains(t, err, "1 of 2 parents failed")
		require.Equal(t, parentsOf(2, 1, 1, 0), result.Parents)
		w.heal()
		require.Equal(t, parentsOf(1, 2, 0, 0), w.syncIssues(t).Parents)
		require.Equal(t, parentsOf(0, 3, 0, 0), w.syncIssues(t).Parents)
	})
}

func TestContract_C158_AParentThatFailsCostsItsRowsAlone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		for id := 1; id <= 3; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		w.fail(2, http.StatusForbidden)
		result, err := w.issues.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		require.ErrorContains(t, err, "synced: issues (account_id 42): 1 of 3 parents failed; their rows stay, and the next run asks for them again; the first, repo_id "+w.key(t, 2)+": ")
		require.Equal(t, parentsOf(3, 0, 1, 0), result.Parents)
		require.Equal(t, 2, result.Created)
		f, err := w.issues.Freshness(t.Context(), account)
		require.NoError(t, err)
		require.Contains(t, f.Error, "1 of 3 parents failed")
		w.heal()
		result = w.syncIssues(t)
		require.Equal(t, 1, result.Created)

		// Credentials that are refused are refused for all.
		w.Server.Revoke(harness.Token)
		w.Server.ResetLog()
		result, err = w.issues.Synchronize(t.Context(), account)
		require.ErrorContains(t, err, "the others would fail as")
		require.LessOrEqual(t, w.Server.Requests(), 4)
		require.Len(t, w.stored(t), 3)
		require.Positive(t, result.Parents.Failed)
	})
}

// fail answers the issues of a repository with a status until heal is called.
func (w *world) fail(id, status int) {
	w.Server.Fault(remotetest.Fault{Collection: fmt.Sprintf("repos/acme/r%d/issues", id), Status: status, Times: -1})
}

func (w *world) heal() { w.Server.ClearFaults() }
