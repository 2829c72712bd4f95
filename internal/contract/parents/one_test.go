package parents_test

import (
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C163_CallsOfOneParent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := three(t, b)
		ctx, parent := t.Context(), w.in(t, 2)
		w.list(2).PutRaw(`{"id":1,"number":1,"title":"new"}`)
		diff, err := w.issues.Check(ctx, parent)
		require.NoError(t, err)
		require.Len(t, diff.Changed, 1)
		result, err := w.issues.SyncOne(ctx, parent, 1)
		require.NoError(t, err)
		require.Equal(t, 1, result.Updated)
		row, err := w.issues.Find(ctx, parent, 1)
		require.NoError(t, err)
		require.Equal(t, "new", row.Title)
		result, err = w.issues.Synchronize(ctx, parent, synced.Call{DryRun: true, Strategy: strategy.Full{}})
		require.NoError(t, err)
		require.Empty(t, result.Diff.Changed)
		require.NoError(t, w.issues.Reset(ctx, parent))
		result = w.syncIssues(t)
		require.Equal(t, 3, result.Parents.Asked)
		f, err := w.issues.Freshness(ctx, parent)
		require.NoError(t, err)
		all, err := w.issues.Freshness(ctx, account)
		require.NoError(t, err)
		require.False(t, f.LastSuccess.Before(all.LastSuccess))
		_, err = w.issues.Synchronize(ctx, synced.InParent(int64(999)))
		require.ErrorContains(t, err, "repos has no row with the key 999")
		for _, err := range []error{
			second(w.issues.Check(ctx, account)),
			second(w.issues.Synchronize(ctx, account, synced.Call{DryRun: true})),
			second(w.issues.Find(ctx, account, 1)),
		} {
			require.ErrorContains(t, err, "synced.InParent(…)")
		}

		// One lock is that of all parents, and of each.
		var held synced.Result
		var within error
		w.Server.OnRequest(func(remotetest.Request) { held, within = w.issues.Synchronize(ctx, parent) })
		_, err = w.issues.Synchronize(ctx, w.in(t, 1))
		require.NoError(t, err)
		require.ErrorIs(t, within, synced.ErrRunning)
		require.Zero(t, held.Requests)
	})
}

func second[T any](_ T, err error) error { return err }

func TestContract_C163_Endpoints(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.Server.Collection("repos").Put(remotetest.Record{"id": 7, "full_name": "a b/c&d?", "pushed_at": "x"})
		w.Server.Collection("issues")
		w.Server.Collection("repos/a b/c&d?/issues")
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		for endpoint, want := range map[string]string{
			"repos/{+full_name}/issues":                          "repos/a b/c&d?/issues?x=y",
			"repos/{full_name}/issues":                           "repos/a b/c&d?/issues?x=y",
			"issues?repo={full_name}&n={synced_id}&fixed=1+2%26": "issues?fixed=1+2%26&n=7&repo=a+b%2Fc%26d%3F&x=y",
		} {
			m := harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", PerParent: synced.Each(w.repos, endpoint), Strategy: strategy.Full{},
				Ask: synced.Ask{Query: url.Values{"x": {"y"}}}})
			w.Server.ResetLog()
			_, err := m.Synchronize(t.Context(), account)
			require.NoError(t, err, endpoint)
			r := w.Server.Log()[0]
			require.Equal(t, want, r.Collection+"?"+r.Query.Encode())
		}
		for _, name := range []string{"..", "a/../b", ""} {
			w.Execute(t, "UPDATE repos SET full_name = ?", name)
			_, err := w.issues.Synchronize(t.Context(), account)
			require.ErrorContains(t, err, "the parent")
		}
	})
}

func TestContract_C163_Mistakes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		type userless struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		keyless := harness.Model(t, b, synced.Synced[userless]{Table: "keyless"})
		for want, d := range map[string]synced.Synced[issue]{
			`names no column of the parent`:        {Scope: "repo_id", PerParent: synced.Each(w.repos, "issues")},
			`repos has no column "name"`:           {Scope: "repo_id", PerParent: synced.Each(w.repos, "repos/{name}/issues")},
			`repos has no column "pushed"`:         {Scope: "repo_id", PerParent: synced.Each(w.repos, "repos/{synced_id}/issues", synced.EachOptions{Due: "pushed"})},
			`the model has no Scope`:               {PerParent: synced.Each(w.repos, "repos/{synced_id}/issues")},
			`have no local key for their children`: {Scope: "repo_id", PerParent: synced.Each(keyless, "repos/{synced_id}/issues")},
			`the parent model is nil`:              {Scope: "repo_id", PerParent: synced.Each[repo](nil, "repos/{synced_id}/issues")},
			`InFlight is -1`:                       {Scope: "repo_id", PerParent: synced.Each(w.repos, "repos/{synced_id}/issues", synced.EachOptions{InFlight: -1})},
			`has a brace without its other`:        {Scope: "repo_id", PerParent: synced.Each(w.repos, "repos/{synced_id}/issues}")},
		} {
			d.Table, d.API = "issues", b.API
			_, err := synced.New(t.Context(), b.DB, d)
			require.ErrorContains(t, err, want)
		}
		type labeled struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Repo     string `db:"repo"`
		}
		d := synced.Synced[labeled]{Table: "labeled", Scope: "repo", API: b.API, PerParent: synced.Each(w.repos, "repos/{synced_id}/issues")}
		require.NoError(t, d.CreateTable(t.Context(), b.DB))
		_, err := synced.New(t.Context(), b.DB, d)
		require.ErrorContains(t, err, `the Scope column "repo" keeps a string, but the key of repos is an integer`)
	})
}

// As many parents are asked for at once as InFlight says, and no more.
func TestContract_C164_InFlight(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		w := setup(t, b)
		w.bind(t, synced.EachOptions{InFlight: 3})
		for id := 1; id <= 12; id++ {
			w.putRepo(id, "a")
			w.putIssues(id, 1, 2)
		}
		_, err := w.repos.Synchronize(t.Context(), account)
		require.NoError(t, err)
		var now, most atomic.Int64
		together := make(chan struct{})
		w.Server.OnRequest(func(remotetest.Request) {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			if n == 3 { // those that wait go on with this one
				now.Add(-3)
				together <- struct{}{}
				together <- struct{}{}
				return
			}
			select {
			case <-together:
			case <-time.After(harness.WaitLong):
			}
		})
		require.Equal(t, 24, w.syncIssues(t).Created)
		require.Equal(t, int64(3), most.Load())

		// A panic of the service's own function is the caller's.
		w.Server.OnRequest(nil)
		m := harness.Bind(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Strategy: strategy.Full{}, PerParent: synced.Each(w.repos, "repos/{+full_name}/issues"),
			Tombstone: func(remote.Object) bool { panic("of the service") }})
		require.PanicsWithValue(t, "of the service", func() { _, _ = m.Synchronize(t.Context(), account, synced.Call{Remove: synced.Destroy{}}) })
	})
}
