package parents_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

func TestContract_C275_ParentsOfAScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		b.Execute(t, "INSERT INTO repos (synced_id, account_id, full_name, pushed_at) VALUES (9, 43, 'other', 'a'), (NULL, 42, 'ours', 'a')")
		keys := func(m synced.Runnable, scope synced.Scope) (found []string, err error) {
			for parent, err := range synced.ParentsOf(t.Context(), m, scope) {
				if err != nil {
					return found, err
				}
				_, err = w.repos.Find(t.Context(), account, 1) // no query is open
				require.NoError(t, err)
				found = append(found, parent.String())
			}
			return found, nil
		}
		found, err := keys(w.issues, account)
		require.NoError(t, err)
		require.Equal(t, b.Column(t, "SELECT id FROM repos WHERE account_id = 42 AND synced_id IS NOT NULL ORDER BY id"), found)
		require.Len(t, found, 3)
		found, err = keys(w.comments, account)
		require.NoError(t, err)
		require.Equal(t, b.Column(t, "SELECT id FROM issues ORDER BY id"), found, "of parents that are listed for each")
		found, err = keys(w.issues, synced.In(7))
		require.NoError(t, err)
		require.Empty(t, found)

		for parent, err := range synced.ParentsOf(t.Context(), w.issues, account) {
			require.NoError(t, err)
			diff, err := w.issues.Check(t.Context(), parent)
			require.NoError(t, err)
			require.True(t, diff.Passed())
			break // it may be left
		}

		// More of them than are read at a time.
		for i := range 600 {
			w.putRepo(1000+i, "a")
		}
		_, err = w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		found, err = keys(w.issues, account)
		require.NoError(t, err)
		require.Len(t, found, 603)

		_, err = keys(w.repos, account)
		require.EqualError(t, err, "synced: repos (account_id 42): the model is not listed for each parent")
		one, err := strconv.ParseInt(found[0], 10, 64)
		require.NoError(t, err)
		_, err = keys(w.issues, synced.InParent(one))
		require.ErrorContains(t, err, "this is one parent already: give the scope of the topmost parents, synced.In(…)")
		_, err = keys(w.issues, synced.In("text"))
		require.ErrorContains(t, err, "synced: issues (account_id text): ")
		b.Execute(t, "DROP TABLE comments")
		b.Execute(t, "DROP TABLE issues")
		_, err = keys(w.comments, account)
		require.ErrorContains(t, err, "the parents in issues: ")
	})
}

// A parent is told by its account, also where its first run did not go well, or was of it
// alone.
func TestContract_C275_StaleYieldsNoParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		w.putRepo(4, "a")
		w.putRepo(5, "a")
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		w.Server.Fault(remotetest.Fault{Collection: "repos/acme/r5/issues", Status: http.StatusNotFound, Times: -1})
		key := func(record string) int64 {
			n, err := strconv.ParseInt(b.Column(t, "SELECT id FROM repos WHERE synced_id = "+record)[0], 10, 64)
			require.NoError(t, err)
			return n
		}
		stale := func() (found []string) {
			for s, err := range synced.Stale(t.Context(), b.DB, 0) {
				require.NoError(t, err)
				found = append(found, s.Model+" "+s.Scope)
			}
			slices.Sort(found)
			return found
		}
		_, err = w.issues.Synchronize(t.Context(), synced.InParent(key("4")))
		require.NoError(t, err)
		require.Equal(t, []string{"issues 42", "repos 42"}, stale(), "a run of one parent")
		_, err = w.issues.Synchronize(t.Context(), synced.InParent(key("5")))
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Equal(t, []string{"issues 42", "repos 42"}, stale(), "a run of one parent that fails")
		b.Execute(t, "DELETE FROM synced_runs WHERE scope_type = 'repo_id' AND scope_id = '"+strconv.FormatInt(key("5"), 10)+"'")
		_, err = w.issues.Synchronize(t.Context(), account)
		require.NoError(t, err)
		require.Equal(t, []string{"issues 42", "repos 42"}, stale(), "a list that is not found")
	})
}

// What waits in a parent that was only run by itself counts for its account, and its rows go
// with it.
func TestContract_C275_AParentThatWasRunByItself(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b, func(d *synced.Synced[issue]) { d.Invalid = synced.Quarantine{} })
		w.putRepo(1, "a")
		w.putRepo(2, "a")
		w.putIssues(1, 1)
		w.list(1).PutRaw(`{"id":2,"number":2,"title":["no","text"]}`)
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		keys := b.Column(t, "SELECT id FROM repos ORDER BY synced_id")
		one, err := strconv.ParseInt(keys[0], 10, 64)
		require.NoError(t, err)
		_, err = w.issues.Synchronize(t.Context(), synced.InParent(one))
		require.NoError(t, err)
		for s, err := range synced.Stale(t.Context(), b.DB, 0) {
			require.NoError(t, err)
			require.Equal(t, "repos 42", s.Model+" "+s.Scope)
		}
		w.Server.Fault(remotetest.Fault{Collection: "repos/acme/r1/issues", Status: http.StatusForbidden, Times: -1})
		_, err = w.issues.Synchronize(t.Context(), account)
		require.Error(t, err)
		waits := 0
		for s, err := range synced.Stale(t.Context(), b.DB, 0) {
			require.NoError(t, err)
			waits += s.Quarantined
		}
		require.Equal(t, 1, waits)
		w.Server.ClearFaults()
		w.Server.Collection("repos").Delete(1)
		w.sync(t)
		require.Empty(t, w.stored(t))
	})
}
