package resume_test

import (
	"context"
	"errors"
	"net/http"
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

var errInterrupted = errors.New("interrupted")

// interrupt runs a pass that fails.
func interrupt(t *testing.T, rentals *synced.Model[harness.Rental], call ...synced.Call) {
	t.Helper()
	_, err := rentals.Synchronize(context.Background(), synced.In(1), call...)
	require.ErrorIs(t, err, errInterrupted)
}

func noProgress(t *testing.T, b *harness.Bundle) {
	t.Helper()
	require.Equal(t, []string{"0", "0"}, b.Column(t, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"))
}

func TestResume_KnowsWhatWasGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3), harness.Records(4, 5), harness.Records(6)}}
		s.Each = func(_ int, p *remote.Page) { p.Total, p.TotalKnown = 6, true }
		d := harness.Stripped(s)
		d.Tombstone = func(o remote.Object) bool { _, deleted := o.Lookup("deleted_at"); return deleted }
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'gone'), (1, 98, 'deleted')")

		s.Listing[0][1]["deleted_at"] = "now" // 2 is told by a tombstone, and 98 by its id
		s.Listing[0][2]["deleted_at"] = "now" // and 3 was, but came back
		s.Each = func(i int, p *remote.Page) {
			p.Total, p.TotalKnown = 6, true
			if i == 0 {
				p.DeletedIDs = []remote.Value{[]byte("98")}
			}
		}
		s.Listing[1] = append(s.Listing[1], harness.Records(3)...)
		s.Fails = map[int]error{2: errInterrupted}
		interrupt(t, rentals)
		s.Fails = nil
		result := harness.Sync(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Nil(t, result.Refused, "the total agrees, tombstones counted")
		require.Equal(t, 3, result.Removed)
		require.Equal(t, []string{"1", "3", "4", "5", "6"}, harness.Names(t, rentals, synced.In(1)))
		noProgress(t, b)
	})
}

func TestResume_NothingIsNotedWithoutTheFirstCursor(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2), harness.Records(3), harness.Records(4), harness.Records(5)}}
		rentals := harness.Model(t, b, harness.Stripped(s))
		harness.Sync(t, rentals, synced.In(1))
		s.Each = func(i int, p *remote.Page) {
			if i == 0 {
				p.Cursor = "" // as where it holds what looks like a secret
			}
		}
		s.Fails = map[int]error{3: errInterrupted}
		interrupt(t, rentals)
		s.Fails = nil
		result := harness.Sync(t, rentals, synced.In(1))
		require.False(t, result.Resumed)
		require.Zero(t, result.Removed)
		require.Equal(t, []string{"1", "2", "3", "4", "5"}, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestResume_AfterARejectedTime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1), harness.Records(2), harness.Records(3)}}
		d := harness.Stripped(s)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Since = func() (*remote.Page, error) { return nil, remote.ErrSinceRejected }
		s.Fails = map[int]error{2: errInterrupted}
		interrupt(t, rentals)
		s.Fails = nil
		s.TakeListed()
		result := harness.Sync(t, rentals, synced.In(1))
		require.True(t, result.Resumed, "the complete pass that the rejection led to")
		require.Equal(t, []int{2}, s.TakeListed())
		require.Contains(t, result.Complete, "rejected")
		noProgress(t, b)
	})
}

func TestResume_ResetBeginsAnew(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, how := range []strategy.Strategy{strategy.UpdatedSince{}, strategy.Full{}} {
			for _, scope := range []synced.Scope{synced.In(1), synced.NoScope} {
				s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1), harness.Records(2), harness.Records(3)}, Fails: map[int]error{2: errInterrupted}}
				d := harness.Stripped(s)
				d.Strategy = how
				rentals := harness.Model(t, b, d)
				require.NoError(t, d.CreateTable(context.Background(), b.DB))
				interrupt(t, rentals)
				require.NoError(t, rentals.Reset(context.Background(), scope))
				noProgress(t, b)
				s.Fails = nil
				require.False(t, harness.Sync(t, rentals, synced.In(1)).Resumed)
				b.Execute(t, "DELETE FROM synced_times")
			}
		}
	})
}

// An answer that refuses the position begins the pass again; one that may pass does not.
func TestResume_WhichAnswersRefuseThePlace(t *testing.T) {
	for status, refuses := range map[int]bool{400: true, 404: true, 409: true, 410: true, 416: true, 422: true,
		401: false, 403: false, 408: false, 429: false, 500: false, 503: false} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, "sqlite")
			b.Put("1", "2", "3", "4", "5", "6", "7", "8")
			rentals := harness.Model(t, b, harness.Resumable(t, b))
			b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			require.ErrorIs(t, err, remote.ErrNotFound)
			d := harness.Resumable(t, b)
			d.API, err = rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), HTTP: b.Server.Client(),
				Pagination: rest.LinkHeader{Stable: true}, Retry: wire.Retry{Max: -1}})
			require.NoError(t, err)
			rentals = harness.Bind(t, b, d)
			b.Server.ResetLog()
			b.Server.Fault(remotetest.Fault{Page: 3, Status: status})
			result, err := rentals.Synchronize(context.Background(), synced.In(1))
			if refuses {
				require.NoError(t, err)
				require.False(t, result.Resumed)
				require.Equal(t, []int{3, 1, 2, 3}, pagesAsked(b))
				return
			}
			require.Error(t, err)
			require.True(t, harness.Sync(t, rentals, synced.In(1)).Resumed)
			require.NotContains(t, pagesAsked(b), 1)
		})
	}
}

func TestResume_AnAPIThatIsDeclaredOtherwiseBeginsAnew(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		d := harness.Resumable(t, b)
		rentals := harness.Model(t, b, d)
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 404})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		d.API = b.API // whose pages shift
		result := harness.Sync(t, harness.Bind(t, b, d), synced.In(1))
		require.False(t, result.Resumed)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 8)
		noProgress(t, b)
	})
}

func TestResume_TheShareInQuarantineIsThePasss(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var pages [][]remotetest.Record
		for p := range 4 {
			var page []remotetest.Record
			for i := range 10 {
				page = append(page, harness.Records(10*p+i)...)
				if i == 0 {
					page[0]["name"] = 7 // one of ten
				}
			}
			pages = append(pages, page)
		}
		pages[3][1]["name"], pages[3][2]["name"] = 7, 7
		s := &harness.Strip{T: t, Listing: pages, Fails: map[int]error{3: errInterrupted}}
		d := harness.Stripped(s)
		d.Invalid = synced.Quarantine{Limit: 0.1}
		rentals := harness.Model(t, b, d)
		interrupt(t, rentals)
		s.Fails = nil
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.ErrorContains(t, err, "6 of 40 records")
		pages[3][1]["name"], pages[3][2]["name"] = "good", "good"
		result := harness.Sync(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, 1, result.Quarantined, "of this run")
		require.Len(t, b.Column(t, "SELECT remote_id FROM synced_quarantine"), 4)
	})
}

// A record that an incremental run was just given exists, whatever the pass that
// goes on has listed: also where its row was here before.
func TestResume_WhatAnotherRunWasGivenIsNotAbsent(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, by := range []string{"run", "SyncOne"} {
			s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1), harness.Records(2, 9), harness.Records(3)}}
			d := harness.Stripped(s)
			d.Strategy = strategy.UpdatedSince{}
			rentals := harness.Model(t, b, d)
			harness.Sync(t, rentals, synced.In(1))

			s.Listing[1] = harness.Records(2) // 9 was deleted,
			s.Fails = map[int]error{2: errInterrupted}
			interrupt(t, rentals, synced.Call{Strategy: strategy.Full{}})
			s.Fails = nil
			s.Since = func() (*remote.Page, error) { return s.Page(harness.Records(9)...), nil } // and came back
			s.Single = map[string]remotetest.Record{"9": harness.Records(9)[0]}
			if by == "run" {
				require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Unchanged)
			} else {
				result, err := rentals.SyncOne(context.Background(), synced.In(1), 9)
				require.NoError(t, err)
				require.Equal(t, 1, result.Unchanged)
			}
			result := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
			require.True(t, result.Resumed)
			require.Zero(t, result.Removed)
			require.Equal(t, []string{"1", "2", "3", "9"}, harness.Names(t, rentals, synced.In(1)))
			noProgress(t, b)
		}
	})
}

// Ids of any kind, without scopes, under one table name in two schemas.
func TestResume_TextIDsWithoutScopes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type Tag struct {
			SyncedID string `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		tags := func(ids ...string) (list []remotetest.Record) {
			for _, id := range ids {
				list = append(list, remotetest.Record{"id": id, "name": id})
			}
			return list
		}
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{tags("a", "b, c"), tags("日本"), tags("d")}, Fails: map[int]error{2: errInterrupted}}
		m := harness.Model(t, b, synced.Synced[Tag]{Table: "tags", API: s, Strategy: strategy.Full{}, Commit: synced.PerPage{Checkpoint: time.Nanosecond}, Remove: synced.Destroy{}})
		b.Execute(t, "INSERT INTO tags (synced_id, name) VALUES ('x', 'x')")
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.ErrorIs(t, err, errInterrupted)
		s.Fails = nil
		result := harness.Sync(t, m, synced.NoScope)
		require.True(t, result.Resumed)
		require.Equal(t, harness.Counts{Created: 1, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"a", "b, c", "d", "日本"}, b.Column(t, `SELECT synced_id FROM tags ORDER BY CAST(synced_id AS text) `+collate(b)))
	})
}

// collate sorts by bytes.
func collate(b *harness.Bundle) string {
	if b.Pool != nil {
		return `COLLATE "C"`
	}
	return ""
}
