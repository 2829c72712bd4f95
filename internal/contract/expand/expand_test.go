package expand_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// doc is a document, of which the list shows only a revision.
type doc struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	Title    string      `json:"title" db:"title" validate:"ne=bad"`
	Size     int         `json:"size"`
	Data     synced.Data `db:"synced_data"`
}

// shelf serves documents whose lists show revisions alone.
func shelf(t testing.TB, style remotetest.Style) (*remotetest.Server, *rest.Client) {
	t.Helper()
	if style.Summary == nil {
		style.Summary = []string{"rev", "trashed"}
	}
	srv := remotetest.New(remotetest.Config{PerPage: 3, Token: harness.Token, Style: style})
	t.Cleanup(srv.Close)
	return srv, harness.Client(t, srv, harness.Token)
}

func docs(t testing.TB, b *harness.Bundle, api *rest.Client, change func(*synced.Synced[doc])) *synced.Model[doc] {
	t.Helper()
	d := synced.Synced[doc]{Table: "docs", API: api, Expand: 4, Strategy: strategy.Full{}, Remove: synced.Destroy{}}
	if change != nil {
		change(&d)
	}
	return harness.Model(t, b, d)
}

func put(srv *remotetest.Server, id, rev int, title string) {
	srv.Collection("docs").Put(remotetest.Record{"id": id, "rev": rev, "title": title, "size": 10 * id})
}

// asked returns which single records were asked for since, in order.
func asked(srv *remotetest.Server) []string {
	list := []string{}
	for _, r := range srv.Log() {
		if _, id, one := strings.Cut(r.Collection, "/"); one {
			list = append(list, id)
		}
	}
	srv.ResetLog()
	slices.Sort(list)
	return list
}

func read(t testing.TB, m *synced.Model[doc]) []string {
	t.Helper()
	list := []string{}
	for _, d := range harness.All(t, m) {
		list = append(list, fmt.Sprint(d.SyncedID, " ", d.Title, " ", d.Size))
	}
	return list
}

func TestContract_C190_ChangedRecordsAreAskedFor(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, invalid := range []synced.WhenInvalid{synced.Fail{}, synced.Quarantine{Limit: 1}} {
			t.Run(fmt.Sprintf("%T %T", commit, invalid), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					ctx := context.Background()
					srv, api := shelf(t, remotetest.Style{})
					m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Commit, d.Invalid = commit, invalid })
					for id := 1; id <= 7; id++ {
						put(srv, id, 1, fmt.Sprint("t", id))
					}
					require.Equal(t, harness.Counts{Created: 7}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
					require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, asked(srv))
					require.Equal(t, []string{"1 t1 10", "2 t2 20", "3 t3 30", "4 t4 40", "5 t5 50", "6 t6 60", "7 t7 70"}, read(t, m))

					before := b.Written(t, "docs")
					result := harness.Sync(t, m, synced.NoScope)
					require.Equal(t, harness.Counts{Unchanged: 7}, harness.CountsOf(result))
					require.Empty(t, result.Unknown, "a summary does not tell what records lack")
					require.Empty(t, asked(srv), "nothing is new")
					require.Equal(t, before, b.Written(t, "docs"))
					diff, err := m.Check(ctx, synced.NoScope)
					require.NoError(t, err)
					require.True(t, diff.Passed(), "%s", diff)
					require.Empty(t, asked(srv), "the stored objects are what the summaries stand for")

					put(srv, 3, 2, "T3")
					b.Execute(t, "UPDATE docs SET title = 'x' WHERE synced_id = 5")
					diff, err = m.Check(ctx, synced.NoScope)
					require.NoError(t, err)
					require.Len(t, diff.Changed, 2)
					require.Equal(t, []string{"3", "5"}, asked(srv))
					require.Equal(t, harness.Counts{Updated: 2, Unchanged: 5}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
					require.Equal(t, []string{"3", "5"}, asked(srv))
					require.Empty(t, harness.Sync(t, m, synced.NoScope).Updated)
					require.Empty(t, asked(srv))

					// Only the summary changed: the row is as it was.
					srv.Collection("docs").Update(6, remotetest.Record{"rev": 9})
					require.Equal(t, harness.Counts{Updated: 1, Unchanged: 6}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)), "the stored object has the revision")
					require.Equal(t, []string{"6"}, asked(srv))
					require.Equal(t, harness.Counts{Unchanged: 7}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
					require.Empty(t, asked(srv))

					srv.Collection("docs").Delete(7)
					require.Equal(t, harness.Counts{Unchanged: 6, Removed: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
				})
			})
		}
	}
}

// What changed since a time is asked for as well, and what is listed again for the
// tolerance's sake is not.
func TestContract_C190_IncrementalRuns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{})
		m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Strategy = strategy.UpdatedSince{} })
		for id := 1; id <= 4; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		harness.Sync(t, m, synced.NoScope)
		asked(srv)
		put(srv, 2, 2, "T2")
		put(srv, 5, 1, "t5")
		srv.Collection("docs").Delete(4)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 1, result.Created)
		require.Equal(t, 1, result.Updated)
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"2", "5"}, asked(srv))
		require.Equal(t, []string{"1 t1 10", "2 T2 20", "3 t3 30", "5 t5 50"}, read(t, m))

		_, err := m.SyncOne(context.Background(), synced.NoScope, 3)
		require.NoError(t, err)
		asked(srv)
		full := synced.Call{Strategy: strategy.Full{}}
		require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, m, synced.NoScope, full)))
		require.Subset(t, []string{"3"}, asked(srv), "SyncOne has seen no summary")
		harness.Sync(t, m, synced.NoScope, full)
		require.Empty(t, asked(srv))
		_, err = m.Remap(context.Background(), synced.NoScope)
		require.NoError(t, err)
	})
}

// Another mapping needs no request: the stored objects are mapped again.
func TestContract_C190_AnotherMapping(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		srv, api := shelf(t, remotetest.Style{Summary: []string{"title"}})
		for id := 1; id <= 4; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		d := synced.Synced[doc]{Table: "docs", API: api, Expand: 4, Strategy: strategy.Full{}}
		harness.Sync(t, harness.Model(t, b, d), synced.NoScope)
		asked(srv)
		for version, remap := range []bool{true, false} {
			d.MapVersion = version + 1 // run maps, or Remap
			m := harness.Bind(t, b, d)
			if remap {
				_, err := m.Remap(ctx, synced.NoScope)
				require.NoError(t, err)
			}
			require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			require.Empty(t, asked(srv))
			needs, err := m.NeedsRemap(ctx)
			require.NoError(t, err)
			require.False(t, needs)
		}
		// Where the list was taken for the whole before, each record is asked for once.
		plain := d
		plain.Expand = 0
		harness.Sync(t, harness.Bind(t, b, plain), synced.NoScope)
		asked(srv)
		m := harness.Bind(t, b, d)
		_, err := m.Remap(ctx, synced.NoScope)
		require.NoError(t, err)
		harness.Sync(t, m, synced.NoScope)
		require.Equal(t, []string{"1", "2", "3", "4"}, asked(srv))
		require.Equal(t, "1 t1 10", read(t, m)[0])
	})
}

func TestContract_C190_SeveralAtOnce(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{Whole: true})
		m := docs(t, b, api, nil)
		const n = 1203 // more than are asked for before some are written
		for id := 1; id <= n; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		var mu sync.Mutex
		now, most := 0, 0
		meet := make(chan struct{})
		srv.OnRequest(func(r remotetest.Request) {
			if !strings.Contains(r.Collection, "/") {
				return
			}
			mu.Lock()
			now++
			if most = max(most, now); now == 4 {
				select {
				case <-meet:
				default:
					close(meet)
				}
			}
			mu.Unlock()
			<-meet // until four are under way
			mu.Lock()
			now--
			mu.Unlock()
			if open := b.OpenTransactions(t); len(open) > 0 {
				t.Error("a transaction is open: ", open)
			}
		})
		require.Equal(t, n, harness.Sync(t, m, synced.NoScope).Created)
		require.Equal(t, 4, most)
		require.Len(t, asked(srv), n)
		require.Equal(t, n, harness.Sync(t, m, synced.NoScope).Unchanged)
		require.Empty(t, asked(srv))
	})
}
