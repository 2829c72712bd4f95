package synced_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

var errInterrupted = errors.New("interrupted")

// stripped are rentals of a strip, whose passes note each page.
func stripped(api remote.API) synced.Synced[Rental] {
	d := fullRentals()
	d.API, d.Checkpoint, d.Remove = api, time.Nanosecond, synced.Destroy
	return d
}

// interrupt runs a pass that fails.
func interrupt(t *testing.T, rentals *synced.Model[Rental], call ...synced.Call) {
	t.Helper()
	_, err := rentals.Synchronize(context.Background(), synced.In(1), call...)
	require.ErrorIs(t, err, errInterrupted)
}

func noProgress(t *testing.T, b *bundle) {
	t.Helper()
	require.Equal(t, []string{"0", "0"}, column(t, b, "SELECT COUNT(*) FROM synced_passes UNION ALL SELECT COUNT(*) FROM synced_seen"))
}

func TestResume_KnowsWhatWasGone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := &strip{t: t, pages: [][]remotetest.Record{records(1, 2, 3), records(4, 5), records(6)}}
		s.each = func(_ int, p *remote.Page) { p.Total, p.TotalKnown = 6, true }
		d := stripped(s)
		d.Tombstone = func(o remote.Object) bool { _, deleted := o.Lookup("deleted_at"); return deleted }
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		execute(t, b, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'gone'), (1, 98, 'deleted')")

		s.pages[0][1]["deleted_at"] = "now" // 2 is told by a tombstone, and 98 by its id
		s.pages[0][2]["deleted_at"] = "now" // and 3 was, but came back
		s.each = func(i int, p *remote.Page) {
			p.Total, p.TotalKnown = 6, true
			if i == 0 {
				p.DeletedIDs = []remote.Value{[]byte("98")}
			}
		}
		s.pages[1] = append(s.pages[1], records(3)...)
		s.fails = map[int]error{2: errInterrupted}
		interrupt(t, rentals)
		s.fails = nil
		result := synchronize(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Nil(t, result.Refused, "the total agrees, tombstones counted")
		require.Equal(t, 3, result.Removed)
		require.Equal(t, []string{"1", "3", "4", "5", "6"}, names(t, rentals, synced.In(1)))
		noProgress(t, b)
	})
}

func TestResume_NothingIsNotedWithoutTheFirstCursor(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := &strip{t: t, pages: [][]remotetest.Record{records(1, 2), records(3), records(4), records(5)}}
		rentals := model(t, b, stripped(s))
		synchronize(t, rentals, synced.In(1))
		s.each = func(i int, p *remote.Page) {
			if i == 0 {
				p.Cursor = "" // as where it holds what looks like a secret
			}
		}
		s.fails = map[int]error{3: errInterrupted}
		interrupt(t, rentals)
		s.fails = nil
		result := synchronize(t, rentals, synced.In(1))
		require.False(t, result.Resumed)
		require.Zero(t, result.Removed)
		require.Equal(t, []string{"1", "2", "3", "4", "5"}, names(t, rentals, synced.In(1)))
	})
}

func TestResume_AfterARejectedTime(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		s := &strip{t: t, pages: [][]remotetest.Record{records(1), records(2), records(3)}}
		d := stripped(s)
		d.Strategy = strategy.UpdatedSince{}
		rentals := model(t, b, d)
		synchronize(t, rentals, synced.In(1))
		s.since = func() (*remote.Page, error) { return nil, remote.ErrSinceRejected }
		s.fails = map[int]error{2: errInterrupted}
		interrupt(t, rentals)
		s.fails = nil
		s.takeListed()
		result := synchronize(t, rentals, synced.In(1))
		require.True(t, result.Resumed, "the complete pass that the rejection led to")
		require.Equal(t, []int{2}, s.takeListed())
		require.Contains(t, result.Complete, "rejected")
		noProgress(t, b)
	})
}

func TestResume_ResetBeginsAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		for _, how := range []strategy.Strategy{strategy.UpdatedSince{}, strategy.Full{}} {
			for _, scope := range []synced.Scope{synced.In(1), synced.NoScope} {
				s := &strip{t: t, pages: [][]remotetest.Record{records(1), records(2), records(3)}, fails: map[int]error{2: errInterrupted}}
				d := stripped(s)
				d.Strategy = how
				rentals := model(t, b, d)
				require.NoError(t, d.CreateTable(context.Background(), b.db))
				interrupt(t, rentals)
				require.NoError(t, rentals.Reset(context.Background(), scope))
				noProgress(t, b)
				s.fails = nil
				require.False(t, synchronize(t, rentals, synced.In(1)).Resumed)
				execute(t, b, "DELETE FROM synced_timestamps")
			}
		}
	})
}

// What refuses the place begins anew, and what may pass does not.
func TestResume_WhichAnswersRefuseThePlace(t *testing.T) {
	for status, refuses := range map[int]bool{400: true, 404: true, 409: true, 410: true, 416: true, 422: true,
		401: false, 403: false, 408: false, 429: false, 500: false, 503: false} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			b := setup(t, "sqlite")
			put(b, "1", "2", "3", "4", "5", "6", "7", "8")
			rentals := model(t, b, resumable(t, b))
			b.srv.Fault(remotetest.Fault{Page: 3, Status: 404})
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			require.ErrorIs(t, err, remote.ErrNotFound)
			d := resumable(t, b)
			d.API, err = remote.NewClient(remote.Config{BaseURL: b.srv.URL(), Auth: remote.Bearer(token), HTTP: b.srv.Client(),
				Pagination: remote.LinkHeader{Stable: true}, Retry: remote.Retry{Max: -1}})
			require.NoError(t, err)
			rentals = bind(t, b, d)
			b.srv.ResetLog()
			b.srv.Fault(remotetest.Fault{Page: 3, Status: status})
			result, err := rentals.Synchronize(context.Background(), synced.In(1))
			if refuses {
				require.NoError(t, err)
				require.False(t, result.Resumed)
				require.Equal(t, []int{3, 1, 2, 3}, pagesAsked(b))
				return
			}
			require.Error(t, err)
			require.True(t, synchronize(t, rentals, synced.In(1)).Resumed)
			require.NotContains(t, pagesAsked(b), 1)
		})
	}
}

func TestResume_AnAPIThatIsDeclaredOtherwiseBeginsAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "1", "2", "3", "4", "5", "6", "7", "8")
		d := resumable(t, b)
		rentals := model(t, b, d)
		b.srv.Fault(remotetest.Fault{Page: 3, Status: 404})
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		d.API = b.api // whose pages shift
		result := synchronize(t, bind(t, b, d), synced.In(1))
		require.False(t, result.Resumed)
		require.Len(t, names(t, rentals, synced.In(1)), 8)
		noProgress(t, b)
	})
}

func TestResume_TheShareInQuarantineIsThePasss(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		var pages [][]remotetest.Record
		for p := range 4 {
			var page []remotetest.Record
			for i := range 10 {
				page = append(page, records(10*p+i)...)
				if i == 0 {
					page[0]["name"] = 7 // one of ten
				}
			}
			pages = append(pages, page)
		}
		pages[3][1]["name"], pages[3][2]["name"] = 7, 7
		s := &strip{t: t, pages: pages, fails: map[int]error{3: errInterrupted}}
		d := stripped(s)
		d.Invalid, d.QuarantineLimit = synced.Quarantine, 0.1
		rentals := model(t, b, d)
		interrupt(t, rentals)
		s.fails = nil
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrTooManyInvalid)
		require.ErrorContains(t, err, "6 of 40 records")
		pages[3][1]["name"], pages[3][2]["name"] = "good", "good"
		result := synchronize(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, 1, result.Quarantined, "of this run")
		require.Len(t, column(t, b, "SELECT remote_id FROM synced_quarantine"), 4)
	})
}

// A record that an incremental run was just given exists, whatever the pass that
// goes on has listed: also where its row was here before.
func TestResume_WhatAnotherRunWasGivenIsNotAbsent(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		for _, by := range []string{"run", "SyncOne"} {
			s := &strip{t: t, pages: [][]remotetest.Record{records(1), records(2, 9), records(3)}}
			d := stripped(s)
			d.Strategy = strategy.UpdatedSince{}
			rentals := model(t, b, d)
			synchronize(t, rentals, synced.In(1))

			s.pages[1] = records(2) // 9 was deleted,
			s.fails = map[int]error{2: errInterrupted}
			interrupt(t, rentals, synced.Call{Strategy: strategy.Full{}})
			s.fails = nil
			s.since = func() (*remote.Page, error) { return s.page(records(9)...), nil } // and came back
			s.single = map[string]remotetest.Record{"9": records(9)[0]}
			if by == "run" {
				require.Equal(t, 1, synchronize(t, rentals, synced.In(1)).Unchanged)
			} else {
				result, err := rentals.SyncOne(context.Background(), synced.In(1), 9)
				require.NoError(t, err)
				require.Equal(t, 1, result.Unchanged)
			}
			result := synchronize(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}})
			require.True(t, result.Resumed)
			require.Zero(t, result.Removed)
			require.Equal(t, []string{"1", "2", "3", "9"}, names(t, rentals, synced.In(1)))
			noProgress(t, b)
		}
	})
}

// Ids of any kind, without scopes, under one table name in two schemas.
func TestResume_TextIDsWithoutScopes(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
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
		s := &strip{t: t, pages: [][]remotetest.Record{tags("a", "b, c"), tags("日本"), tags("d")}, fails: map[int]error{2: errInterrupted}}
		m := model(t, b, synced.Synced[Tag]{Table: "tags", API: s, Strategy: strategy.Full{}, Checkpoint: time.Nanosecond, Remove: synced.Destroy})
		execute(t, b, "INSERT INTO tags (synced_id, name) VALUES ('x', 'x')")
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.ErrorIs(t, err, errInterrupted)
		s.fails = nil
		result := synchronize(t, m, synced.NoScope)
		require.True(t, result.Resumed)
		require.Equal(t, counts{created: 1, removed: 1}, countsOf(result))
		require.Equal(t, []string{"a", "b, c", "d", "日本"}, column(t, b, `SELECT synced_id FROM tags ORDER BY CAST(synced_id AS text) `+collate(b)))
	})
}

// collate sorts by bytes.
func collate(b *bundle) string {
	if b.pool != nil {
		return `COLLATE "C"`
	}
	return ""
}
