package parents_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
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
