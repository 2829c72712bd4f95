package removal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
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

// Records that exist and are never listed are asked for in turns, so that those
// behind them are asked for as well.
func TestVerify_ManyUnlistedRecordsComeToAnEnd(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1)}, Single: map[string]remotetest.Record{}}
		rentals := harness.Model(t, b, harness.Stripped(s))
		given := []remote.Object{}
		for id := 1; id <= 1300; id++ {
			r := harness.Records(id)[0]
			given = append(given, s.Object(r))
			if id <= 1100 {
				s.Single[strconv.Itoa(id)] = r // 200 are gone, behind 1,099 that are not listed
			}
		}
		harness.Sync(t, rentals, synced.In(1), synced.Call{Records: given})
		call := synced.Call{Remove: synced.Destroy{Verify: synced.VerifyAlways}, AllowRemoval: true}
		removed := 0
		for range 3 {
			result := harness.Sync(t, rentals, synced.In(1), call)
			require.Equal(t, 1003, result.Requests, "1,000 records, a control before and after them, and the list")
			require.Equal(t, 1299-removed-1000, result.Refused.Rows)
			removed += result.Removed
			if removed == 200 {
				break
			}
		}
		require.Equal(t, 200, removed)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 1100)
	})
}

func TestVerify_ATombstoneIsGone(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3)}}
		d := harness.Stripped(s)
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		d.Tombstone = func(o remote.Object) bool { _, deleted := o.Lookup("deleted_at"); return deleted }
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = harness.Records(1)
		s.Single = map[string]remotetest.Record{"2": {"id": 2, "name": "2", "deleted_at": "now"}, "3": {"id": 3, "name": "three"}}
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
		require.Equal(t, []string{"1", "three"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// A record that came back after it was verified, and that SyncOne was given, stays.
func TestVerify_WhatCameBackMeanwhileStays(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 8, 9)}, Single: map[string]remotetest.Record{}}
		d := harness.Stripped(s)
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = harness.Records(1)
		s.OnGet = func(id string) {
			if id != "9" {
				return
			}
			s.OnGet = nil
			s.Single["8"] = harness.Records(8)[0]
			result, err := rentals.SyncOne(context.Background(), synced.In(1), 8)
			require.NoError(t, err)
			require.Equal(t, 1, result.Unchanged)
		}
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Removed)
		require.Equal(t, []string{"8", "9", "8"}, s.Asked)
		require.Equal(t, []string{"1", "8"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// An unclear answer keeps the row, and all that the run has written.
func TestContract_C81_AnUnclearAnswerKeepsTheRow(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		d := harness.Rentals()
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		rentals := harness.Model(t, b, d)
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 99, 'gone')")
		for _, commit := range []synced.Commit{synced.Atomic{}, synced.PerPage{}} {
			b.Server.Fault(remotetest.Fault{Collection: "rentals/99", Status: 403})
			result := harness.Sync(t, rentals, synced.In(1), synced.Call{Commit: commit})
			require.Equal(t, 1, result.Refused.Rows)
			require.Contains(t, result.Refused.Reason, "1 of 1 absent record could not be asked for, the first: record 99: ")
			require.Len(t, harness.Names(t, rentals, synced.In(1)), 5)
		}
	})
}

func TestVerify_ADryRunWritesNothingAndACheckAsksNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{{harness.PhotoOf(1, nil), harness.PhotoOf(2, nil), harness.PhotoOf(3, nil)}}}
		photos := harness.Model(t, b, synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", API: s, Strategy: strategy.Full{}, Remove: synced.Destroy{Verify: synced.VerifyAlways},
			BelongsTo: []synced.Parent{synced.BelongsTo(houses, "links.house", "house_id", synced.MissingFetch)}})
		harness.Sync(t, photos, synced.In(1))
		s.Listing[0] = s.Listing[0][:1]
		s.Single = map[string]remotetest.Record{"2": harness.PhotoOf(2, 7)}
		result := harness.Sync(t, photos, synced.In(1), synced.Call{DryRun: true})
		require.Equal(t, []string{"2", "3"}, s.Asked)
		require.Len(t, result.Diff.Additional, 1, "3")
		require.Empty(t, b.Column(t, "SELECT name FROM houses"))

		diff, err := photos.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Additional, 2)
		require.Len(t, s.Asked, 2)
		require.Equal(t, 1, harness.Sync(t, photos, synced.In(1)).Removed)
		require.Equal(t, []string{"seven"}, b.Column(t, "SELECT name FROM houses"))
	})
}

// byIDs is an API that lists records by their ids, three on a page. The list as such
// has one record only, or two.
type byIDs struct {
	*httptest.Server
	mu     sync.Mutex
	lists  []int // how many ids each request had
	alive  map[string]bool
	ignore bool // the parameter
	two    bool // records are in the list
}

func newByIDs(t *testing.T) *byIDs {
	s := &byIDs{alive: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		ids := []string{"1"}
		if s.two {
			ids = []string{"1", "2"}
		}
		if q.Get("ids") != "" && !s.ignore {
			asked := strings.Split(q.Get("ids"), ",")
			s.mu.Lock()
			s.lists = append(s.lists, len(asked))
			s.mu.Unlock()
			ids = nil
			for _, id := range asked {
				if s.alive[id] {
					ids = append(ids, id)
				}
			}
		}
		from, _ := strconv.Atoi(q.Get("after"))
		to := min(from+3, len(ids))
		var list []string
		for _, id := range ids[from:to] {
			list = append(list, fmt.Sprintf(`{"id":%s,"name":"%s"}`, id, id))
		}
		next := "null"
		if to < len(ids) {
			q.Set("after", strconv.Itoa(to))
			next = strconv.Quote("/rentals?" + q.Encode())
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"rentals":[%s],"next":%s}`, strings.Join(list, ","), next)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestVerify_ByListsOfIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := newByIDs(t)
		c, err := rest.NewClient(rest.Config{BaseURL: s.URL, HTTP: s.Client(), IDs: rest.IDs{Param: "ids"}, Pagination: rest.NextURL{Stable: true, Omitted: true}})
		require.NoError(t, err)
		d := harness.Stripped(c)
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		rentals := harness.Model(t, b, d)
		given := []remote.Object{}
		for id := 1; id <= 121; id++ {
			o, err := remote.ParseObject(fmt.Appendf(nil, `{"id":%d,"name":"%d"}`, id, id))
			require.NoError(t, err)
			given = append(given, o)
			s.alive[strconv.Itoa(id)] = id < 112
		}
		harness.Sync(t, rentals, synced.In(1), synced.Call{Records: given})

		s.ignore = true
		ignored := harness.Sync(t, rentals, synced.In(1), synced.Call{AllowRemoval: true})
		require.Zero(t, ignored.Removed)
		require.Contains(t, ignored.Refused.Reason, "the remote answers with record 1, and it is not known that it answers with others at all")
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 121)

		s.ignore, s.two = false, true // with one control, it is not known whether an answer has room for two
		s.lists = nil
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{AllowRemoval: true})
		require.Equal(t, harness.Counts{Unchanged: 111, Removed: 10}, harness.CountsOf(result))
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 111)
		pages := 0
		for _, n := range s.lists {
			require.LessOrEqual(t, n, 50)
			pages++
		}
		require.Equal(t, 1+pages+2, result.Requests, "those of the list of ids and its pages, one of the list, and two controls by their own address")
		require.Equal(t, 1+17+17+4, pages, "one for the controls, and three on a page of lists of 50")
	})
}

// A pass that goes on asks for a record by its own URL, not by one that begins with
// the place in the list: the answer would be that it is gone.
func TestVerify_AfterAResume(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var broken, hides bool
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			switch {
			case r.URL.Path == "/rentals" && hides:
				_, _ = fmt.Fprint(w, `{"rentals":[{"id":1,"name":"1"}],"next":"/rentals/from/2"}`)
			case r.URL.Path == "/rentals":
				_, _ = fmt.Fprint(w, `{"rentals":[{"id":1,"name":"1"},{"id":9,"name":"9"}],"next":"/rentals/from/2"}`)
			case r.URL.Path == "/rentals/from/2" && broken:
				w.WriteHeader(http.StatusForbidden)
			case r.URL.Path == "/rentals/from/2":
				_, _ = fmt.Fprint(w, `{"rentals":[{"id":2,"name":"2"}],"next":null}`)
			case r.URL.Path == "/rentals/9":
				_, _ = fmt.Fprint(w, `{"rentals":[{"id":9,"name":"9"}]}`)
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		}))
		defer srv.Close()
		c, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Pagination: rest.NextURL{Stable: true, Omitted: true}, Retry: wire.Retry{Max: -1}})
		require.NoError(t, err)
		d := harness.Stripped(c)
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		broken, hides = true, true
		_, err = rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		broken = false
		result := harness.Sync(t, rentals, synced.In(1))
		require.True(t, result.Resumed)
		require.Zero(t, result.Removed)
		require.Equal(t, []string{"1", "2", "9"}, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestApproval_APlanOutlivesRunsThatRefuseTheSame(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3)}}
		d := harness.Stripped(s)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = nil
		full := synced.Call{Strategy: strategy.Full{}}
		plan := harness.Sync(t, rentals, synced.In(1), full).Refused.Plan
		kept := b.Column(t, "SELECT CAST(refused_at AS text) FROM synced_refusals")
		require.Equal(t, plan, harness.Sync(t, rentals, synced.In(1), full).Refused.Plan, "whoever looks at it may still approve it")
		require.Equal(t, kept, b.Column(t, "SELECT CAST(refused_at AS text) FROM synced_refusals"), "nothing is written")
		dry := harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}, DryRun: true})
		require.Empty(t, dry.Refused.Plan, "none is kept")

		s.Since = func() (*remote.Page, error) { return s.Page(harness.Records(2)...), nil }
		harness.Sync(t, rentals, synced.In(1))
		refused, err := rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, plan, refused.Plan)
		require.ElementsMatch(t, []string{"1", "3"}, refused.IDs)
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), plan, synced.Call{Remove: synced.KeepRows{}})
		require.ErrorContains(t, err, "removal is off")
		result, err := rentals.ApproveRemoval(ctx, synced.In(1), plan)
		require.NoError(t, err)
		require.Equal(t, 2, result.Removed)
		require.Equal(t, []string{"2"}, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestFreshness_WhenToComeBack(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Rentals())
		c, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), HTTP: b.Server.Client()})
		require.NoError(t, err)
		b.Server.Fault(remotetest.Fault{Status: 429, RetryAfter: 10 * time.Hour})
		before := time.Now()
		_, err = rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: c})
		require.ErrorIs(t, err, remote.ErrLimited)
		f, err := rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, f.NotBefore.After(before.Add(9*time.Hour)) && f.NotBefore.Before(time.Now().Add(11*time.Hour)), "%v", f.NotBefore)
		require.NotContains(t, f.Error, harness.Token)
		require.False(t, f.Unfinished)
		harness.Sync(t, rentals, synced.In(1))
		f, err = rentals.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, f.NotBefore.IsZero())
		require.Empty(t, f.Error)
	})
}

func TestFreshness_OnlyOfRunsThatAskForAll(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Rentals())
		harness.Sync(t, rentals, synced.In(1), synced.Call{Records: []remote.Object{}})
		harness.Sync(t, rentals, synced.In(1), synced.Call{Ask: synced.Ask{Query: map[string][]string{"name": {"one"}}}})
		fresh, err := rentals.Fresh(context.Background(), synced.In(1), time.Hour)
		require.NoError(t, err)
		require.False(t, fresh)

		houses, photos := harness.Album(t, b, synced.MissingFetch)
		b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7))
		harness.Sync(t, photos, synced.In(1))
		f, err := houses.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Zero(t, f, "a house was fetched, and no more")
	})
}
