package parents_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// three repositories have an issue each.
func three(t *testing.T, b *harness.Bundle, change ...func(*synced.Synced[issue])) *world {
	t.Helper()
	w := setup(t, b, change...)
	for id := 1; id <= 3; id++ {
		w.putRepo(id, "a")
		w.putIssues(id, 1)
	}
	w.sync(t)
	require.Len(t, w.stored(t), 3)
	w.Server.Advance(time.Minute)
	return w
}

func (w *world) issueRows(t *testing.T) string {
	t.Helper()
	return strings.Join(w.Column(t, "SELECT title FROM issues ORDER BY title"), ", ")
}

func TestContract_C159_AParentWhoseRowWent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var told []string
		w := three(t, b, func(d *synced.Synced[issue]) { d.OnChange = harness.Noting[issue](&told, "issue") })
		told = nil
		w.Server.Collection("repos").Delete(2)
		w.Server.Fault(remotetest.Fault{Collection: "repos/acme/r2/issues", Status: http.StatusNotFound, Times: -1})
		result := w.sync(t)
		require.Equal(t, parentsOf(2, 0, 0, 1), result.Parents)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, "issue 1 of 1, issue 1 of 3", w.issueRows(t))
		require.Len(t, told, 1)
		require.Equal(t, []string{"2"}, w.Column(t, "SELECT count(*) FROM synced_parents WHERE model = 'issues'"))

		result = w.sync(t)
		require.Equal(t, parentsOf(2, 0, 0, 0), result.Parents)

		// It comes back, and is asked for everything.
		w.heal()
		w.putRepo(2, "b")
		result = w.sync(t)
		require.Equal(t, parentsOf(3, 0, 0, 0), result.Parents)
		require.Equal(t, 1, result.Created)

		// Without removal, the rows stay.
		w.Server.Collection("repos").Delete(3)
		result = w.sync(t, synced.Call{Remove: synced.KeepRows{}})
		require.Equal(t, parentsOf(2, 0, 0, 0), result.Parents)
		require.Equal(t, "issue 1 of 1, issue 1 of 2, issue 1 of 3", w.issueRows(t))
	})
}

// A key that another record's row has now is another parent.
func TestContract_C159_AKeyOfAnotherRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		w.Execute(t, "UPDATE repos SET synced_id = 9, full_name = 'acme/r9' WHERE synced_id = 2")
		w.putRepo(9, "a")
		w.putIssues(9, 1, 5)
		result := w.syncIssues(t)
		require.Equal(t, 1, result.Created)
		require.Equal(t, "issue 1 of 1, issue 1 of 3, issue 1 of 9, issue 5 of 9", w.issueRows(t))
	})
}

func TestContract_C160_AListThatIsGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		for _, status := range []int{http.StatusNotFound, http.StatusGone} {
			w.fail(2, status)
			result := w.syncIssues(t)
			require.Equal(t, parentsOf(3, 0, 0, 1), result.Parents)
			require.Equal(t, 1, result.Removed)
			require.Equal(t, "issue 1 of 1, issue 1 of 3", w.issueRows(t))
			result = w.syncIssues(t)
			require.Equal(t, parentsOf(3, 0, 0, 1), result.Parents)
			w.heal()
			require.Equal(t, 1, w.syncIssues(t).Created)
		}

		// Most of the lists at once look like a lost permission.
		w.fail(1, http.StatusNotFound)
		w.fail(2, http.StatusNotFound)
		result, err := w.issues.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Equal(t, parentsOf(3, 0, 2, 0), result.Parents)
		require.NotNil(t, result.Refused)
		require.Equal(t, 2, result.Refused.Rows)
		require.Contains(t, result.Refused.Reason, "2 of 3 parents list nothing all of a sudden, more than 50 %")
		require.Equal(t, "issue 1 of 1, issue 1 of 2, issue 1 of 3", w.issueRows(t))

		// All of them, and there is no control.
		w.fail(3, http.StatusNotFound)
		result, err = w.issues.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Contains(t, result.Refused.Reason, "nor was it asked successfully for that of another")
		require.Equal(t, "issue 1 of 1, issue 1 of 2, issue 1 of 3", w.issueRows(t))

		// The credentials are refused by the time the control is asked for.
		w.heal()
		w.syncIssues(t)
		w.fail(3, http.StatusNotFound)
		asked := 0
		w.Server.OnRequest(func(r remotetest.Request) {
			if asked++; asked == 3 {
				w.Server.Revoke(harness.Token)
			}
		})
		_, err = w.issues.Synchronize(t.Context(), account)
		require.Error(t, err)
		require.Equal(t, "issue 1 of 1, issue 1 of 2, issue 1 of 3", w.issueRows(t))
	})
}

// With one parent, that itself is the control.
func TestContract_C160_TheListOfTheOnlyParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.putRepo(1, "a")
		w.putIssues(1, 1)
		w.sync(t)
		w.fail(1, http.StatusNotFound)
		w.Server.Fault(remotetest.Fault{Collection: "repos/1", Status: http.StatusNotFound, Times: 1})
		result, err := w.issues.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.NotNil(t, result.Refused)
		require.Equal(t, "issue 1 of 1", w.issueRows(t))

		result = w.syncIssues(t)
		require.Equal(t, parentsOf(1, 0, 0, 1), result.Parents)
		require.Empty(t, w.issueRows(t))
	})
}

// A list that is empty all of a sudden removes nothing, as in any scope.
func TestContract_C161_AListThatIsEmptyAllOfASudden(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		for id := 1; id <= 3; id++ {
			w.list(id).Delete(1)
		}
		result := w.syncIssues(t, synced.Call{Strategy: strategy.Full{}})
		require.True(t, result.ListedNothing)
		require.Equal(t, 3, result.Refused.Rows)
		require.Contains(t, result.Refused.Reason, "the remote listed nothing at all")
		require.Len(t, w.stored(t), 3)
		parent := w.in(t, 2)
		refused, err := w.issues.RefusedRemoval(t.Context(), parent)
		require.NoError(t, err)
		result, err = w.issues.ApproveRemoval(t.Context(), parent, refused.Plan)
		require.NoError(t, err)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, "issue 1 of 1, issue 1 of 3", w.issueRows(t))
	})
}

func TestContract_C162_ParentsOfParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		for id := 1; id <= 2; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1, 2)
			for n := 1; n <= 2; n++ {
				w.notes(id, n).Put(remotetest.Record{"id": 10*id + n, "body": "hello"})
			}
		}
		w.Server.Advance(time.Second)
		group := synced.Together(w.repos, w.issues, w.comments)
		results, err := group.Synchronize(t.Context(), account)
		require.NoError(t, err)
		require.Equal(t, []int{2, 4, 4}, []int{results[0].Created, results[1].Created, results[2].Created})
		require.Equal(t, parentsOf(4, 0, 0, 0), results[2].Parents)
		require.Equal(t, []string{"1/1/11", "1/2/12", "2/1/21", "2/2/22"}, w.Column(t, "SELECT r.synced_id || '/' || i.synced_id || '/' || c.synced_id FROM comments c JOIN issues i ON i.id = c.issue_id JOIN repos r ON r.id = i.repo_id ORDER BY 1"))

		// Of an account without repositories, nothing is asked.
		w.Server.ResetLog()
		result, err := w.comments.Synchronize(t.Context(), synced.In(43))
		require.NoError(t, err)
		require.Zero(t, result.Parents)
		require.Zero(t, w.Server.Requests())

		// A repository that goes takes what is below it.
		w.Server.Advance(time.Minute)
		w.Server.Collection("repos").Delete(2)
		results, err = group.Synchronize(t.Context(), account)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 2}, []int{results[0].Removed, results[1].Removed, results[2].Removed})

		// Where one fails, those below it are left out, and others run.
		w.Server.Fault(remotetest.Fault{Collection: "repos", Status: http.StatusInternalServerError, Times: 1})
		w.Server.ResetLog()
		results, err = group.Synchronize(t.Context(), account)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.ErrorContains(t, err, "synced: comments (account_id 42): left out, because the run of issues failed")
		require.Len(t, results, 3)
		require.Equal(t, 1, w.Server.Requests())

		_, err = synced.Together(w.issues, w.repos).Synchronize(t.Context(), account)
		require.EqualError(t, err, "synced: Together: issues is listed for each row of repos, which comes after it: name that first")
	})
}

func TestContract_C268_AllParentsOfAScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		kept := func() []string {
			return w.Column(t, "SELECT model || ' ' || count(*) FROM (SELECT model FROM synced_runs UNION ALL SELECT model FROM synced_times UNION ALL SELECT model FROM synced_parents) k WHERE model <> 'repos' GROUP BY model ORDER BY model")
		}
		require.NotEmpty(t, kept())
		require.NoError(t, synced.Forget(t.Context(), w.issues, w.in(t, 2)))
		require.Equal(t, []string{"2"}, w.Column(t, "SELECT count(*) FROM synced_parents WHERE model = 'issues'"))
		require.NoError(t, synced.Forget(t.Context(), w.issues, account))
		require.Empty(t, kept())
		require.Equal(t, parentsOf(3, 0, 0, 0), w.sync(t).Parents, "as at first")
	})
}
