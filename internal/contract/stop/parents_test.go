package stop_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

type repo struct {
	ID        int64 `db:"id"`
	SyncedID  int64 `json:"id" db:"synced_id"`
	AccountID int64 `db:"account_id"`
}

type issue struct {
	SyncedID int64  `json:"number" db:"synced_id"`
	RepoID   int64  `db:"repo_id"`
	Title    string `json:"title" db:"title"`
}

var account = synced.In(42)

// forge has repositories with issues, a list for each, on two machines.
type forge struct {
	*harness.Bundle
	repos  *synced.Model[repo]
	issues [2]*synced.Model[issue]
	turn   int
}

func newForge(t *testing.T, b *harness.Bundle, repos, inFlight int) *forge {
	t.Helper()
	b.Server.Close()
	b.Server = remotetest.New(remotetest.Config{PerPage: 3, Token: harness.Token, Style: remotetest.Style{By: remotetest.ByCursor, NextParam: "meta.next_cursor"}})
	t.Cleanup(b.Server.Close)
	f := &forge{Bundle: b}
	api := client(t, b, rest.Cursor{Path: "meta.next_cursor"})
	f.repos = harness.Model(t, b, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}, API: api, Remove: synced.Destroy{}})
	d := synced.Synced[issue]{Table: "issues", Scope: "repo_id", API: api, Remove: synced.Destroy{},
		PerParent: synced.Each(f.repos, "repos/{synced_id}/issues", synced.EachOptions{InFlight: inFlight})}
	f.issues[0] = harness.Model(t, b, d)
	other := b.Other(t)
	d.PerParent = synced.Each(harness.Bind(t, other, synced.Synced[repo]{Table: "repos", Scope: "account_id", Strategy: strategy.Full{}, API: api, Remove: synced.Destroy{}}), "repos/{synced_id}/issues", synced.EachOptions{InFlight: inFlight})
	f.issues[1] = harness.Bind(t, other, d)
	for id := range repos {
		b.Server.Collection("repos").Put(remotetest.Record{"id": id + 1})
		f.open(id+1, 1)
	}
	_, err := f.repos.Synchronize(t.Context(), account)
	require.NoError(t, err)
	return f
}

// open opens issues of a repository.
func (f *forge) open(repo int, numbers ...int) {
	for _, n := range numbers {
		f.list(repo).PutRaw(fmt.Sprintf(`{"id":%d,"number":%d,"title":"issue %d"}`, n, n, n))
	}
}

func (f *forge) list(repo int) *remotetest.Collection {
	return f.Server.Collection(fmt.Sprintf("repos/%d/issues", repo))
}

func (f *forge) slice(t *testing.T, call synced.Call) (synced.Result, error) {
	t.Helper()
	f.turn++
	call.Stop = now()
	return f.issues[f.turn%2].Synchronize(t.Context(), account, call)
}

// slices goes on until a run is not stopped.
func (f *forge) slices(t *testing.T, call synced.Call, between func(n int)) (all []synced.Result, requests int) {
	t.Helper()
	f.Server.ResetLog()
	for n := 1; ; n++ {
		result, err := f.slice(t, call)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 100, "they end")
		require.Positive(t, result.Parents.Asked)
		if all = append(all, result); result.Stopped == "" {
			return all, f.Server.Requests()
		}
		if between != nil {
			between(n)
		}
	}
}

func (f *forge) stored(t *testing.T) []string {
	t.Helper()
	return f.Column(t, "SELECT r.synced_id || ':' || i.synced_id FROM issues i JOIN repos r ON r.id = i.repo_id ORDER BY r.synced_id, i.synced_id")
}

// A run of all parents is stopped between them, and within a list. The next one goes on with
// those that are left.
func TestContract_C225_ParentsInSlices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newForge(t, b, 5, 1)
		f.open(3, 2, 3, 4, 5, 6, 7) // three pages
		f.Server.Advance(time.Hour)
		all, requests := f.slices(t, synced.Call{}, nil)
		require.Len(t, all, 7, "one for each parent, and two more for the third")
		require.Equal(t, 7, requests, "as many as one run")
		require.Equal(t, "the next run asks for the parents that are left", all[0].Stopped)
		require.True(t, all[1].Resumed)
		require.Equal(t, []string{"1:1", "2:1", "3:1", "3:2", "3:3", "3:4", "3:5", "3:6", "3:7", "4:1", "5:1"}, f.stored(t))
		freshness, err := f.issues[0].Freshness(t.Context(), account)
		require.NoError(t, err)
		require.True(t, freshness.LastSuccess.Before(freshness.LastAttempt), "as fresh as the first of the runs")
		require.Equal(t, freshness.LastSuccess, freshness.LastComplete)

		// Incremental ones, where nothing is new but in two.
		f.Server.Advance(time.Hour)
		f.open(2, 2)
		f.open(4, 2, 3, 4, 5)
		all, requests = f.slices(t, synced.Call{}, nil)
		require.Len(t, all, 6)
		require.LessOrEqual(t, requests, 6+2, "of a parent whose first page is not all, it is asked for once more")
		require.Contains(t, f.stored(t), "2:2")
		require.Contains(t, f.stored(t), "4:5")
		require.Equal(t, []string{"0"}, f.Column(t, "SELECT COUNT(*) FROM synced_passes"))
	})
}

// Several in flight: those that are done after one that is not, are not asked for again.
func TestContract_C225_SeveralInFlight(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newForge(t, b, 8, 3)
		f.open(1, 2, 3, 4, 5, 6, 7)
		f.open(5, 2, 3, 4)
		all, requests := f.slices(t, synced.Call{Strategy: strategy.Full{}}, nil)
		require.Equal(t, 8+2+1, requests, "as many as one run")
		require.Greater(t, len(all), 2)
		require.Len(t, f.stored(t), 8+6+3)
		require.Equal(t, []string{"0"}, f.Column(t, "SELECT COUNT(*) FROM synced_passes"))
	})
}

// Lists that are not found are decided about at the end, for all together: the share that
// may go is that of all parents, whatever the slices.
func TestContract_C225_ListsThatAreGone(t *testing.T) {
	for _, limit := range []float64{0.2, 0.5} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				f := newForge(t, b, 6, 1)
				f.slices(t, synced.Call{}, nil)
				f.Server.Fault(remotetest.Fault{Collection: "repos/1/issues", Status: 404, Times: -1})
				f.Server.Fault(remotetest.Fault{Collection: "repos/4/issues", Status: 404, Times: -1})
				call := synced.Call{Strategy: strategy.Full{}, Remove: synced.Destroy{Limit: limit}}
				if limit == 0.5 {
					all, requests := f.slices(t, call, func(int) { require.Len(t, f.stored(t), 6, "nothing goes before the end") })
					require.Equal(t, 2, all[len(all)-1].Parents.Gone)
					require.LessOrEqual(t, requests, 6+2+1, "those are asked for once more, and a control")
					require.Equal(t, []string{"2:1", "3:1", "5:1", "6:1"}, f.stored(t))
					return
				}
				for {
					result, err := f.slice(t, call)
					if result.Stopped != "" {
						require.NoError(t, err)
						continue
					}
					require.ErrorIs(t, err, remote.ErrNotFound)
					require.Contains(t, result.Refused.Reason, "2 of 6 parents list nothing all of a sudden")
					break
				}
				require.Len(t, f.stored(t), 6)
			})
		})
	}
}

// A parent that fails is asked for again at the end of the round, and its failure told.
func TestContract_C225_AParentThatFails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newForge(t, b, 4, 1)
		f.Server.Fault(remotetest.Fault{Collection: "repos/1/issues", Status: 400, Times: 1})
		result, err := f.slice(t, synced.Call{})
		require.ErrorContains(t, err, "1 of 1 parent failed")
		require.NotEmpty(t, result.Stopped)
		all, _ := f.slices(t, synced.Call{}, nil)
		require.Len(t, all, 3)
		require.Equal(t, []string{"1:1", "2:1", "3:1", "4:1"}, f.stored(t))

		// All fail alike: the round stays where it was.
		f.Server.Advance(time.Hour)
		_, err = f.slice(t, synced.Call{})
		require.NoError(t, err)
		f.Server.Fault(remotetest.Fault{Status: 401})
		result, err = f.slice(t, synced.Call{})
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		require.Empty(t, result.Stopped)
		all, requests := f.slices(t, synced.Call{}, nil)
		require.Len(t, all, 3)
		require.Equal(t, 3, requests)
	})
}

// Runs of another strategy leave the round where it is, and a Reset begins it again.
func TestContract_C225_BetweenTheSlices(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		f := newForge(t, b, 4, 1)
		f.slices(t, synced.Call{}, nil)
		f.Server.Advance(time.Hour)
		full := synced.Call{Strategy: strategy.Full{}}
		all, requests := f.slices(t, full, func(n int) {
			if n == 2 {
				f.open(1, 2)
				result, err := f.slice(t, synced.Call{})
				require.NoError(t, err)
				require.Equal(t, []any{"", 4, 1}, []any{result.Stopped, result.Parents.Asked, result.Created}, "not stopped: the round has the place of what is left")
			}
		})
		require.Len(t, all, 4)
		require.Equal(t, 4+4, requests)

		_, err := f.slice(t, full)
		require.NoError(t, err)
		require.NoError(t, f.issues[0].Reset(t.Context(), account))
		f.Server.OnRequest(func(remotetest.Request) {
			f.Server.OnRequest(nil)
			require.NoError(t, f.issues[0].Reset(t.Context(), account))
		})
		for n := range 2 { // the second one comes after a Reset that came while the first was under way
			result, err := f.slice(t, full)
			require.NoError(t, err)
			require.False(t, result.Resumed)
			require.Contains(t, []string{"the next run begins again, because the scope was reset", "the next run asks for the parents that are left"}[n], result.Stopped)
		}
		f.slices(t, full, nil)
	})
}
