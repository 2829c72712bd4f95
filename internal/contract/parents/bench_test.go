package parents_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// BenchmarkNothingNew compares a run of parents of which nothing is new with its requests
// alone.
func BenchmarkNothingNew(b *testing.B) {
	const n = 1000
	for _, store := range []string{"sqlite", "postgres"} {
		w := &world{Bundle: harness.Setup(b, store)}
		for id := 1; id <= n; id++ {
			w.putRepo(id, "a")
		}
		w.repos = harness.Model(b, w.Bundle, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}})
		w.issues = harness.Model(b, w.Bundle, synced.Synced[issue]{Table: "issues", Scope: "repo_id",
			PerParent: synced.Each(w.repos, "repos/{+full_name}/issues", synced.EachOptions{InFlight: 1})})
		for _, m := range []*synced.Handle{w.repos.Handle, w.issues.Handle} {
			_, err := m.Synchronize(context.Background(), account)
			require.NoError(b, err)
		}
		b.Run(store, func(b *testing.B) {
			for b.Loop() {
				result, err := w.issues.Synchronize(context.Background(), account)
				require.NoError(b, err)
				require.Equal(b, parentsOf(n, 0, 0, 0), result.Parents)
			}
		})
		b.Run(store+"_requests_alone", func(b *testing.B) {
			since := w.Server.Now().Add(-time.Minute)
			for b.Loop() {
				for id := 1; id <= n; id++ {
					for _, err := range w.API.Pages(context.Background(), remote.Request{Endpoint: fmt.Sprintf("repos/acme/r%d/issues", id), UpdatedSince: since}) {
						require.NoError(b, err)
					}
				}
			}
		})
	}
}

// Memory is flat in the number of parents.
func TestContract_C164_Memory(t *testing.T) {
	b := harness.Setup(t, "sqlite")
	w := &world{Bundle: b}
	w.bind(t, synced.EachOptions{Due: "pushed_at"}, func(d *synced.Synced[issue]) { d.API = nothing{}; d.Remove = synced.KeepRows{} })
	heap := func(n int) uint64 {
		b.Execute(t, "DELETE FROM repos")
		b.Execute(t, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO repos (synced_id, account_id, full_name, pushed_at) SELECT i, 42, 'acme/r' || i, 'a' FROM n", n))
		var most uint64
		peak := func() {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for {
				peak()
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
			}
		}()
		result, err := w.issues.Synchronize(t.Context(), account, synced.Call{Strategy: strategy.UpdatedSince{Initial: time.Now().Add(-time.Hour), Fallbacks: []strategy.TimeSource{strategy.LocalClock{}}}})
		close(stop)
		<-done
		require.NoError(t, err)
		require.Equal(t, n, result.Parents.Asked)
		return most
	}
	few := heap(300)
	many := heap(3000)
	t.Logf("%d and %d KiB", few>>10, many>>10)
	require.Less(t, many, few+few/2+8<<20)
}

// nothing is an API whose lists are empty.
type nothing struct{}

func (nothing) Pages(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) { yield(&remote.Page{Number: 1, Date: time.Now()}, nil) }
}
