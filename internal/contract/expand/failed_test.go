package expand_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// failing answers single records with a status, as long as it is set.
type failing struct {
	http.RoundTripper
	of     atomic.Value // ids
	status atomic.Int64
}

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, id := range strings.Fields(f.of.Load().(string)) {
		if status := f.status.Load(); status != 0 && strings.HasSuffix(r.URL.Path, "/docs/"+id) {
			if r.Body != nil {
				r.Body.Close()
			}
			return &http.Response{StatusCode: int(status), Status: http.StatusText(int(status)), Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		}
	}
	return f.RoundTripper.RoundTrip(r)
}

// fail has some records answered with a status, or with 0 none.
func (f *failing) fail(status int, ids ...string) {
	f.of.Store(strings.Join(ids, " "))
	f.status.Store(int64(status))
}

// unsteady serves documents, some of which fail.
func unsteady(t *testing.T) (*remotetest.Server, *rest.Client, *failing) {
	t.Helper()
	srv, _ := shelf(t, remotetest.Style{})
	fails := &failing{RoundTripper: srv.Client().Transport}
	fails.fail(0)
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer(harness.Token), HTTP: &http.Client{Transport: fails}, Retry: wire.Retry{Max: -1}})
	require.NoError(t, err)
	return srv, api, fails
}

// A record that does not come costs itself alone, and is asked for again: it is in quarantine,
// so that the time may be stored.
func TestContract_C191_OneThatDoesNotCome(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				srv, api, fails := unsteady(t)
				m := docs(t, b, api, func(d *synced.Synced[doc]) {
					d.Commit, d.Strategy, d.Invalid = commit, strategy.UpdatedSince{}, synced.Quarantine{Limit: 1}
				})
				for id := 1; id <= 5; id++ {
					put(srv, id, 1, fmt.Sprint("t", id))
				}
				harness.Sync(t, m, synced.NoScope)
				put(srv, 2, 2, "T2")
				put(srv, 3, 2, "T3")
				put(srv, 6, 1, "t6")
				fails.fail(http.StatusForbidden, "3", "6")
				result := harness.Sync(t, m, synced.NoScope)
				require.Equal(t, 2, result.Quarantined)
				require.Equal(t, 1, result.Updated)
				require.False(t, result.StoredTime.IsZero(), "what waits is not forgotten")
				require.Equal(t, []string{"1 t1 10", "2 T2 20", "3 t3 30", "4 t4 40", "5 t5 50"}, read(t, m), "the row stays as it was")

				asked(srv)
				result = harness.Sync(t, m, synced.NoScope, synced.Call{Ask: synced.Ask{}})
				require.Equal(t, 2, result.Quarantined)
				for q, err := range m.Quarantined(ctx, synced.NoScope) {
					require.NoError(t, err)
					require.Contains(t, q.Error, "asking for the record did not bring it")
					require.Contains(t, q.Error, "403")
					require.Equal(t, 2, q.Attempts)
				}
				fails.fail(0)
				result = harness.Sync(t, m, synced.NoScope)
				require.Zero(t, result.Quarantined)
				require.Equal(t, []string{"1 t1 10", "2 T2 20", "3 T3 30", "4 t4 40", "5 t5 50", "6 t6 60"}, read(t, m), "though the list no longer shows them")
			})
		})
	}
	t.Run("gone while it waits", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			srv, api, fails := unsteady(t)
			m := docs(t, b, api, func(d *synced.Synced[doc]) {
				d.Strategy, d.Invalid, d.Tombstone = strategy.UpdatedSince{}, synced.Quarantine{Limit: 1}, func(remote.Object) bool { return false }
			})
			for id := 1; id <= 3; id++ {
				put(srv, id, 1, fmt.Sprint("t", id))
			}
			harness.Sync(t, m, synced.NoScope)
			put(srv, 2, 2, "T2")
			fails.fail(http.StatusForbidden, "2")
			require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Quarantined)
			srv.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
			srv.Collection("docs").Delete(2)
			fails.fail(0)
			result := harness.Sync(t, m, synced.NoScope)
			require.Equal(t, 1, result.Removed, "%s", result)
			require.Zero(t, result.Quarantined)
			require.Equal(t, []string{"1 t1 10", "3 t3 30"}, read(t, m))
			require.Empty(t, b.Column(t, "SELECT 1 FROM synced_quarantine"))
		})
	})
}

func TestContract_C191_TheRunFails(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				srv, api, fails := unsteady(t)
				m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Commit, d.Strategy = commit, strategy.UpdatedSince{} })
				for id := 1; id <= 5; id++ {
					put(srv, id, 1, fmt.Sprint("t", id))
				}
				for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
					fails.fail(status, "5")
					result, err := m.Synchronize(context.Background(), synced.NoScope)
					require.ErrorContains(t, err, "record 5")
					require.ErrorContains(t, err, fmt.Sprint(status))
					require.True(t, result.StoredTime.IsZero())
				}
				want := []string{"1 t1 10", "2 t2 20", "3 t3 30"}
				if commit == (synced.Atomic{}) {
					want = []string{}
				}
				require.Equal(t, want, read(t, m), "the page before stands")
				asked(srv)
				fails.fail(0)
				harness.Sync(t, m, synced.NoScope)
				for _, id := range asked(srv) {
					require.NotContains(t, want, fmt.Sprintf("%s t%s %s0", id, id, id), "what stands is not asked for again")
				}
				require.Len(t, read(t, m), 5)
			})
		})
	}
}

// A record that is listed and not found is gone, if another one is found by the same question.
func TestContract_C191_NotFound(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				srv, api, fails := unsteady(t)
				m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Commit, d.Invalid = commit, synced.Quarantine{Limit: 1} })
				for id := 1; id <= 5; id++ {
					put(srv, id, 1, fmt.Sprint("t", id))
				}
				harness.Sync(t, m, synced.NoScope)
				for id := 1; id <= 3; id++ {
					put(srv, id, 2, fmt.Sprint("T", id))
				}
				fails.fail(http.StatusNotFound, "2")
				result := harness.Sync(t, m, synced.NoScope)
				require.Equal(t, 1, result.Removed)
				require.Equal(t, []string{"1 T1 10", "3 T3 30", "4 t4 40", "5 t5 50"}, read(t, m))

				// Where none is found, it is the address, or the credentials.
				put(srv, 1, 3, "TT1")
				put(srv, 4, 3, "TT4")
				fails.fail(http.StatusNotFound, "1", "2", "3", "4", "5")
				result = harness.Sync(t, m, synced.NoScope)
				require.Zero(t, result.Removed)
				require.Equal(t, 3, result.Quarantined)
				require.Equal(t, []string{"1 T1 10", "3 T3 30", "4 t4 40", "5 t5 50"}, read(t, m))
				fails.fail(0)
				result = harness.Sync(t, m, synced.NoScope)
				require.Zero(t, result.Quarantined)
				require.Equal(t, []string{"1 TT1 10", "2 T2 20", "3 T3 30", "4 TT4 40", "5 t5 50"}, read(t, m))
			})
		})
	}
}

// A span of time that is asked for once more leaves out a record that is listed and gone. Its
// row stays, and the call does not fail.
func TestContract_C274_NotFoundInASpanOfTime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api, fails := unsteady(t)
		m := docs(t, b, api, func(d *synced.Synced[doc]) { d.Strategy = strategy.UpdatedSince{} })
		for id := 1; id <= 3; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		harness.Sync(t, m, synced.NoScope)
		b.Execute(t, "UPDATE docs SET title = 'x'")
		fails.fail(http.StatusNotFound, "2")
		result := harness.Sync(t, m, synced.NoScope, synced.Call{From: remotetest.Start})
		require.Equal(t, []any{2, 0}, []any{result.Updated, result.Removed})
		require.Equal(t, []string{"1 t1 10", "2 x 20", "3 t3 30"}, read(t, m))
	})
}

// An answer that is older than the list is not the record that was listed.
func TestContract_C191_AnswersThatLag(t *testing.T) {
	type versioned struct {
		SyncedID int64       `json:"id" db:"synced_id"`
		Title    string      `json:"title" db:"title"`
		Rev      *time.Time  `json:"rev" db:"rev"`
		Data     synced.Data `db:"synced_data"`
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var lags atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			rev := lags.Load()
			if r.URL.Path == "/docs" {
				fmt.Fprintf(w, `[{"id":1,"rev":"2026-01-0%dT12:00:00Z"}]`, max(rev, -rev))
				return
			}
			if rev < 0 {
				rev = -rev - 1 // of yesterday
			}
			fmt.Fprintf(w, `{"id":1,"rev":"2026-01-0%dT13:00:00+01:00","title":"t%[1]d"}`, rev)
		}))
		t.Cleanup(srv.Close)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), RecordsKey: rest.Root, Pagination: rest.OnePage{}})
		require.NoError(t, err)
		m := harness.Model(t, b, synced.Synced[versioned]{Table: "docs", API: api, Expand: 2, Strategy: strategy.Full{}, Version: "rev", Invalid: synced.Quarantine{Limit: 1}})
		title := func() []string { return b.Column(t, "SELECT title FROM docs") }
		lags.Store(2)
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
		lags.Store(-4)
		for range 2 {
			require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Quarantined)
			require.Equal(t, []string{"t2"}, title())
		}
		for q, err := range m.Quarantined(context.Background(), synced.NoScope) {
			require.NoError(t, err)
			require.Contains(t, q.Error, "older than the list")
		}
		lags.Store(4)
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Updated)
		require.Equal(t, []string{"t4"}, title())
	})
}

// Tombstones count in the list, and where a record is asked for.
func TestContract_C191_Tombstones(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{})
		m := docs(t, b, api, func(d *synced.Synced[doc]) {
			d.Tombstone = func(o remote.Object) bool {
				trashed, _ := remote.Get[bool](o, "trashed")
				hidden, _ := remote.Get[bool](o, "hidden")
				return trashed || hidden
			}
		})
		for id := 1; id <= 4; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		harness.Sync(t, m, synced.NoScope)
		asked(srv)
		srv.Collection("docs").Update(1, remotetest.Record{"trashed": true})
		srv.Collection("docs").Update(2, remotetest.Record{"hidden": true, "rev": 2})
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 2, result.Removed)
		require.Equal(t, []string{"2"}, asked(srv))
		require.Equal(t, []string{"3 t3 30", "4 t4 40"}, read(t, m))
	})
}
