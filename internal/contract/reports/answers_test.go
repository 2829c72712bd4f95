package reports_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// hoard is a remote with the records 1 to 40, of which a handler shows what it wants.
type hoard struct {
	list http.HandlerFunc // what is wrong with it
	good atomic.Bool      // it shows all of them, whole
}

func (s *hoard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch id, one := strings.CutPrefix(r.URL.Path, "/things/"); {
	case one:
		if n, err := strconv.Atoi(id); err != nil || n < 1 || n > 40 {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"id":%s,"name":"thing %s"}`, id, id)
	case s.good.Load():
		fmt.Fprintf(w, `{"things":[%s]}`, listOf(1, 40))
	default:
		s.list(w, r)
	}
}

// listOf lists the things from one to another, as JSON.
func listOf(from, to int) string {
	var list []string
	for id := from; id <= to; id++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"name":"thing %d"}`, id, id))
	}
	return strings.Join(list, ",")
}

// model binds things to a table, by a config of their API.
func (s *hoard) model(t *testing.T, b *harness.Bundle, config rest.Config, srv *httptest.Server) *synced.Model[harness.Unscoped] {
	t.Helper()
	config.BaseURL, config.HTTP, config.Retry = srv.URL, srv.Client(), wire.Retry{Max: -1}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	m, err := synced.New(context.Background(), b.DB, synced.Synced[harness.Unscoped]{
		Table: "things", API: api, Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
		Remove: synced.Destroy{Limit: 1}, Tombstone: func(remote.Object) bool { return false },
	})
	require.NoError(t, err)
	return m
}

// respond is an answer with a body and headers.
func respond(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for n := 0; n < len(headers); n += 2 {
			w.Header().Set(headers[n], headers[n+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}

// few is a list of the first things, with members beside it.
func few(n int, members string) string {
	return fmt.Sprintf(`{"things":[%s]%s}`, listOf(1, n), members)
}

// paged cuts a list of 40 by a parameter, from 0, in pages of 10, of which there are
// only two, and tells what follows.
func paged(param string, step int, tell func(w http.ResponseWriter, from int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get(param))
		from := n * 10 / step
		w.Header().Set("Content-Type", "application/json")
		if from >= 20 {
			fmt.Fprintf(w, `{"things":[]%s}`, tell(w, from))
			return
		}
		fmt.Fprintf(w, `{"things":[%s]%s}`, listOf(from+1, from+10), tell(w, from))
	}
}

// badAnswers are lists that lack records which exist.
var badAnswers = map[string]struct {
	config rest.Config
	list   http.HandlerFunc
}{
	"R4: a part, on one page":              {list: respond(206, few(7, ""), "Content-Range", "0-6/40")},
	"a part, of a list that comes whole":   {rest.Config{Pagination: rest.OnePage{}}, respond(206, few(7, ""), "Content-Range", "items 0-6/40")},
	"a part without a range":               {rest.Config{Pagination: rest.OnePage{}}, respond(206, few(7, ""))},
	"a part of an unknown total":           {rest.Config{Pagination: rest.OnePage{}}, respond(206, few(7, ""), "Content-Range", "0-6/*")},
	"a good answer with a range":           {rest.Config{Pagination: rest.OnePage{}}, respond(200, few(7, ""), "Content-Range", "things 0-6/40")},
	"R10: incomplete results":              {rest.Config{Pagination: rest.OnePage{}}, respond(200, few(7, `,"incomplete_results":true`))},
	"R10: incomplete, by a path":           {rest.Config{Pagination: rest.OnePage{}, Incomplete: rest.Incomplete{Path: "meta.shards.failed"}}, respond(200, few(7, `,"meta":{"shards":{"failed":2}}`))},
	"R10: incomplete, by a function":       {rest.Config{Pagination: rest.OnePage{}, Incomplete: rest.Incomplete{If: func(r *rest.Response) bool { return r.Header.Get("Warning") != "" }}}, respond(200, few(7, ""), "Warning", "199 - shard 3")},
	"R10: the declared member is missing":  {rest.Config{Pagination: rest.OnePage{}, Incomplete: rest.Incomplete{Path: "incomplet_results"}}, respond(200, few(7, `,"incomplete_results":false`))},
	"timed out":                            {rest.Config{Pagination: rest.OnePage{}}, respond(200, few(7, `,"timed_out":true`))},
	"an error beside records":              {rest.Config{Pagination: rest.OnePage{}}, respond(200, few(7, `,"errors":[{"message":"backend 2"}]`))},
	"no success":                           {rest.Config{Pagination: rest.OnePage{}}, respond(200, few(7, `,"success":false`))},
	"an error with an empty list":          {rest.Config{Pagination: rest.OnePage{}}, respond(200, `{"things":[],"error":"database"}`)},
	"an error in place of the list":        {list: respond(200, `{"error":"database"}`)},
	"an error, where lists are left out":   {rest.Config{RecordsOmitted: true}, respond(200, `{"message":"internal","code":13}`)},
	"GraphQL: no data":                     {rest.Config{RecordsKey: "data.things", RecordsOmitted: true}, respond(200, `{"data":null,"errors":[{"message":"x"}]}`)},
	"a login page":                         {list: respond(200, "<html><form>", "Content-Type", "text/html")},
	"an empty body":                        {list: respond(200, "")},
	"R43: null":                            {list: respond(200, `{"things":null}`)},
	"R44: nothing":                         {list: respond(200, `{}`)},
	"R45: no content":                      {list: respond(204, "")},
	"R45: not modified":                    {list: respond(304, "")},
	"accepted":                             {list: respond(202, few(0, ""))},
	"a redirect to a login page":           {list: respond(302, "", "Location", "/things/login")},
	"a body cut short":                     {list: respond(200, few(7, "")[:60])},
	"two bodies":                           {list: respond(200, few(7, "")+few(7, ""))},
	"a total above":                        {rest.Config{Pagination: rest.OnePage{}, TotalPath: "total"}, respond(200, few(7, `,"total":40`))},
	"a full page":                          {list: respond(200, few(10, ""))},
	"a full page, as asked":                {rest.Config{PerPage: 7}, respond(200, few(7, ""))},
	"more pages in a header":               {list: respond(200, few(7, ""), "X-Total-Pages", "6")},
	"a next page in a header":              {list: respond(200, few(7, ""), "X-Next-Page", "2")},
	"more pages in the body":               {list: respond(200, few(7, `,"meta":{"has_more":true}`))},
	"a next path with a mistake":           {rest.Config{Pagination: rest.NextURL{Path: "nxt"}}, respond(200, few(7, `,"next":"/things?page=2"`))},
	"an end with a mistake":                {rest.Config{Pagination: rest.Offset{EndPath: "is_lst"}}, respond(200, few(7, `,"is_last":true`))},
	"the page's own total, of pages of 10": {rest.Config{Pagination: rest.Offset{}, TotalPath: "count", PerPage: 10}, paged("offset", 10, func(_ http.ResponseWriter, from int) string { return `,"count":10,"total_all":40` })},
	"pages that fall":                      {rest.Config{Pagination: rest.PageNumber{ZeroBased: true, TotalPagesPath: "pages"}}, paged("page", 1, func(_ http.ResponseWriter, from int) string { return fmt.Sprintf(`,"pages":%d`, 4-2*(from/10)) })},
	"a total that falls":                   {rest.Config{Pagination: rest.Offset{}, TotalPath: "total"}, paged("offset", 10, func(_ http.ResponseWriter, from int) string { return fmt.Sprintf(`,"total":%d`, 40-from) })},
	"R14: a number as cursor":              {rest.Config{Pagination: rest.Cursor{Path: "next", Param: "at"}}, paged("at", 10, func(_ http.ResponseWriter, from int) string { return cursorOf(from, "%d") })},
	"a page that a cache kept":             {rest.Config{Pagination: rest.Cursor{Path: "next", Param: "at"}}, paged("at", 10, func(w http.ResponseWriter, from int) string { return keptBack(w, from) + cursorOf(from, "%d") })},
	"304 for a later page": {rest.Config{Pagination: rest.Offset{}, EmptyStatus: []int{304}}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "" {
			w.WriteHeader(304)
			return
		}
		respond(200, few(7, ""))(w, r)
	}},
}

func cursorOf(from int, format string) string {
	if from >= 10 {
		return `,"next":null`
	}
	return `,"next":"` + fmt.Sprintf(format, from+10) + `"`
}

// keptBack dates a later page before the first.
func keptBack(w http.ResponseWriter, from int) string {
	w.Header().Set("Age", strconv.Itoa(from*3600))
	w.Header().Set("Date", time.Now().Add(-time.Duration(from)*time.Hour).UTC().Format(http.TimeFormat))
	return ""
}

// No answer that lacks records removes a row whose record exists, and none of which the
// end is not proven stores a time.
func TestReport_R10_R43_R44_R45_BadAnswers(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		s := &hoard{}
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		require.NoError(t, (synced.Synced[harness.Unscoped]{Table: "things", API: b.API, Strategy: strategy.Full{}}).CreateTable(ctx, b.DB))
		whole := s.model(t, b, rest.Config{Pagination: rest.OnePage{}}, srv)
		names := make([]string, 0, len(badAnswers))
		for name := range badAnswers {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			c := badAnswers[name]
			s.good.Store(true)
			full := synced.Call{Strategy: strategy.Full{}}
			require.Nil(t, harness.Sync(t, whole, synced.NoScope, full).Refused, name)
			s.list = c.list
			s.good.Store(false)
			m := s.model(t, b, c.config, srv)
			for _, call := range []synced.Call{full, {Strategy: strategy.Full{}, Commit: synced.Atomic{}}} {
				if call.Remove = (synced.Destroy{Limit: 1, Verify: synced.VerifyNever}); asksAnyway(name) {
					call.Remove = nil
				}
				result, err := m.Synchronize(ctx, synced.NoScope, call)
				require.Zero(t, result.Removed, name)
				require.Len(t, harness.All(t, m), 40, "%s: %v", name, err)
			}
			diff, err := m.Check(ctx, synced.NoScope)
			if err == nil {
				_, _ = m.Apply(ctx, synced.NoScope, diff)
			}
			require.Len(t, harness.All(t, m), 40, "%s: after a check: %v", name, err)
			if asksAnyway(name) {
				continue // each page is what it says
			}
			result, err := m.Synchronize(ctx, synced.NoScope)
			require.True(t, err != nil || result.NotStored != "", "%s: %+v", name, result)
		}
	})
}

// asksAnyway are answers that only asking for the absent records unmasks.
func asksAnyway(name string) bool {
	return strings.Contains(name, "R14") || strings.Contains(name, "own total")
}

// A cursor that is an offset in disguise, or is declared to be one, shifts: each absent
// record is asked for.
func TestReport_R14_OffsetsInDisguise(t *testing.T) {
	encoded := func(format string) func(from int) string {
		return func(from int) string { return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, format, from)) }
	}
	for name, c := range map[string]struct {
		cursor   func(from int) string
		declared bool
	}{
		"a number":         {cursor: strconv.Itoa},
		"base64":           {cursor: encoded("%d")},
		"base64 of a text": {cursor: encoded("offset:%d")},
		"base64 of JSON":   {cursor: encoded(`{"offset":%d,"limit":10}`)},
		"a page":           {cursor: func(from int) string { return strconv.Itoa(from/10 + 1) }},
		"declared":         {cursor: func(from int) string { return fmt.Sprintf("x%xz", from*7919) }, declared: true},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				var skip atomic.Int32 // records that went before the list
				s := &hoard{}
				s.list = func(w http.ResponseWriter, r *http.Request) {
					from := 0
					for n := 10; n < 40; n += 10 {
						if r.URL.Query().Get("cursor") == c.cursor(n) {
							from = n
						}
					}
					next := "null"
					if from < 30 {
						next = strconv.Quote(c.cursor(from + 10))
					}
					first := from + 1
					if from > 0 {
						first += int(skip.Load())
					}
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprintf(w, `{"things":[%s],"next_cursor":%s}`, listOf(first, min(40, first+9)), next)
				}
				srv := httptest.NewServer(s)
				t.Cleanup(srv.Close)
				require.NoError(t, (synced.Synced[harness.Unscoped]{Table: "things", API: b.API, Strategy: strategy.Full{}}).CreateTable(ctx, b.DB))
				m := s.model(t, b, rest.Config{Pagination: rest.Cursor{Shifting: c.declared}}, srv)
				require.Equal(t, 40, harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}}).Created)
				skip.Store(1) // 11 moves to the page that was read
				result := harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}})
				require.Zero(t, result.Removed)
				require.Len(t, harness.All(t, m), 40)
			})
		})
	}
}

// A member tells the end where the cursor is always there.
func TestReport_R42_EndPath(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s := &hoard{}
		s.list = paged("cursor", 10, func(_ http.ResponseWriter, from int) string {
			return fmt.Sprintf(`,"next_cursor":"%d","end_of_stream":%t`, from+10, from >= 10)
		})
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		require.NoError(t, (synced.Synced[harness.Unscoped]{Table: "things", API: b.API, Strategy: strategy.Full{}}).CreateTable(context.Background(), b.DB))
		m := s.model(t, b, rest.Config{Pagination: rest.Cursor{EndPath: "end_of_stream"}}, srv)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 20, result.Created)
		require.Equal(t, 2, result.Requests)
		require.Empty(t, result.NotStored)
	})
}

// What is declared to be an empty list is one, and an incremental run goes on from it.
func TestReport_R43_R44_R45_DeclaredEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		config rest.Config
		list   http.HandlerFunc
	}{
		"R43": {rest.Config{RecordsOmitted: true}, respond(200, `{"things":null}`)},
		"R44": {rest.Config{RecordsOmitted: true}, respond(200, `{}`)},
		"R45": {rest.Config{EmptyStatus: []int{204}}, respond(204, "")},
		"R45: If-Modified-Since": {rest.Config{Since: rest.Since{Header: "If-Modified-Since"}}, func(w http.ResponseWriter, r *http.Request) {
			if _, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err != nil {
				http.Error(w, "when?", http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusNotModified)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				s := &hoard{list: c.list}
				srv := httptest.NewServer(s)
				t.Cleanup(srv.Close)
				require.NoError(t, (synced.Synced[harness.Unscoped]{Table: "things", API: b.API, Strategy: strategy.Full{}}).CreateTable(context.Background(), b.DB))
				s.good.Store(true)
				harness.Sync(t, s.model(t, b, rest.Config{Pagination: rest.OnePage{}}, srv), synced.NoScope)
				s.good.Store(false)
				result := harness.Sync(t, s.model(t, b, c.config, srv), synced.NoScope)
				require.Empty(t, result.NotStored)
				require.Zero(t, result.Records)
				require.Zero(t, result.Removed)
			})
		})
	}
}
