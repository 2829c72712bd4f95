package parents_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A run that did not see all of a list leaves its parent due.
func TestContract_C157_AListThatWasNotSeenWholeStaysDue(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.bind(t, synced.EachOptions{Due: "pushed_at"})
		for id := 1; id <= 2; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		require.Equal(t, parentsOf(2, 0, 0, 0), w.sync(t).Parents)
		w.putRepo(1, "b")
		w.sync(t, synced.Call{Ask: synced.Ask{Query: url.Values{"label": {"bug"}}}})
		require.Equal(t, parentsOf(1, 1, 0, 0), w.syncIssues(t).Parents)

		w.putIssues(1, 1, 2, 3, 4, 5)
		w.Server.Fault(remotetest.Fault{Collection: "repos/acme/r1/issues", Times: -1, Header: map[string][]string{"X-Total-Count": {"9"}}})
		require.NoError(t, w.issues.Reset(t.Context(), w.in(t, 1)))
		result := w.syncIssues(t)
		require.Contains(t, result.NotStored, "repo_id "+w.key(t, 1)+": ")
		require.Equal(t, parentsOf(1, 1, 0, 0), result.Parents)
		require.Equal(t, parentsOf(1, 1, 0, 0), w.syncIssues(t).Parents)
		w.heal()
		require.Equal(t, parentsOf(1, 1, 0, 0), w.syncIssues(t).Parents)
		require.Equal(t, parentsOf(0, 2, 0, 0), w.syncIssues(t).Parents)
	})
}

// A run that dies leaves what is done: the next one asks for the rest.
func TestContract_C157_ARunThatDied(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.bind(t, synced.EachOptions{Due: "pushed_at", InFlight: 1})
		for id := 1; id <= 5; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		w.Server.Fault(remotetest.Fault{Collection: "repos/acme/r4/issues", Status: 401})
		_, err = w.issues.Synchronize(t.Context(), account)
		require.Error(t, err)
		result := w.syncIssues(t)
		require.Equal(t, parentsOf(2, 3, 0, 0), result.Parents)
		require.Len(t, w.stored(t), 5)
	})
}

// Reset beside a run is not undone by it.
func TestContract_C156_ResetBesideARun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		for id := 1; id <= 2; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1)
		}
		w.Server.Advance(time.Minute)
		w.sync(t)
		for _, news := range []bool{false, true} {
			w.Server.Advance(2 * time.Hour)
			if news {
				w.putIssues(1, 2)
			}
			w.Server.OnRequest(func(remotetest.Request) {
				w.Server.OnRequest(nil)
				if err := w.issues.Reset(t.Context(), account); err != nil {
					t.Error(err)
				}
			})
			w.Server.ResetLog()
			w.syncIssues(t)
			w.syncIssues(t)
			whole := map[string]bool{}
			for _, r := range w.Server.Log() {
				whole[r.Collection] = whole[r.Collection] || r.Query.Get("updated_since") == ""
			}
			require.Equal(t, map[string]bool{"repos/acme/r1/issues": true, "repos/acme/r2/issues": true}, whole, "news: %t", news)
		}
	})
}

// A parent that is canceled is gone, and back when it is restored.
func TestContract_C159_AParentThatIsCanceled(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type cancelable struct {
			ID         int64      `db:"id"`
			SyncedID   int64      `json:"id" db:"synced_id"`
			CanceledAt *time.Time `db:"canceled_at"`
		}
		type child struct {
			SyncedID   int64      `json:"id" db:"synced_id"`
			ParentID   int64      `db:"parent_id"`
			CanceledAt *time.Time `db:"canceled_at"`
		}
		for i := range 2 {
			b.Server.Collection("tops").Put(remotetest.Record{"id": i + 1})
			b.Server.Collection([]string{"tops/1/list", "tops/2/list"}[i]).Put(remotetest.Record{"id": 1})
		}
		tops := harness.Model(t, b, synced.Synced[cancelable]{Table: "tops", Strategy: strategy.Full{}, Remove: synced.Cancel{Column: "canceled_at"}})
		children := harness.Model(t, b, synced.Synced[child]{Table: "children", Scope: "parent_id", Remove: synced.Cancel{Column: "canceled_at"}, PerParent: synced.Each(tops, "tops/{synced_id}/list")})
		both := synced.Together(tops, children.Handle)
		run := func() (live []string) {
			t.Helper()
			_, err := both.Synchronize(t.Context(), synced.NoScope)
			require.NoError(t, err)
			return b.Column(t, "SELECT parent_id FROM children WHERE canceled_at IS NULL ORDER BY 1")
		}
		require.Len(t, run(), 2)
		b.Server.Advance(time.Minute)
		b.Server.Collection("tops").Delete(2)
		require.Len(t, run(), 1)
		require.Len(t, b.Column(t, "SELECT 1 FROM children"), 2)
		b.Server.Collection("tops").Put(remotetest.Record{"id": 2})
		require.Len(t, run(), 2)
	})
}

func TestContract_C162_OneParentFurtherDown(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.putRepo(1, "a")
		w.putIssues(1, 1)
		w.sync(t)
		w.notes(1, 1).Put(remotetest.Record{"id": 5, "body": "hello"})
		var key int64
		for row, err := range w.issues.All(t.Context(), synced.NoScope) {
			require.NoError(t, err)
			key = row.ID
		}
		result, err := w.comments.Synchronize(t.Context(), synced.InParent(key))
		require.NoError(t, err)
		require.Equal(t, 1, result.Created)
	})
}
