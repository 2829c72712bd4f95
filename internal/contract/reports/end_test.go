package reports_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// notWhole expects of a list that it proves too little: an incremental run stores no
// time, and no run, no check and no diff of one removes what the list lacks.
func notWhole(t *testing.T, b *harness.Bundle, api remote.API, reason string, here_ ...int) {
	t.Helper()
	incremental := since()
	incremental.API = api
	m := here(t, b, incremental, here_...)
	result := harness.Sync(t, m, synced.NoScope)
	require.Zero(t, result.StoredTime, result)
	require.Contains(t, result.NotStored, reason)

	full := things()
	full.API = api
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		full.Commit = commit
		m = here(t, b, full, here_...)
		result = harness.Sync(t, m, synced.NoScope)
		require.Zero(t, result.Removed, result)
		require.NotNil(t, result.Refused)
		require.Contains(t, result.Refused.Reason, reason)
	}
	for _, call := range []synced.Call{{}, {DryRun: true}} {
		diff, err := m.Check(ctx, synced.NoScope, synced.Call{API: api})
		require.NoError(t, err)
		if call.DryRun {
			result, err := m.Synchronize(ctx, synced.NoScope, call)
			require.NoError(t, err)
			diff = result.Diff
		}
		require.Contains(t, diff.Doubt, reason)
		applied, err := m.Apply(ctx, synced.NoScope, diff)
		require.NoError(t, err)
		require.Zero(t, applied.Removed)
	}
	require.Subset(t, idsOf(t, m), here_)
}

func TestReport_R02_ASearchThatIsCapped(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			pagination rest.Pagination
			say        func(r *http.Request) answer
		}{
			"a cursor": {rest.Cursor{Param: "after", Path: "next"}, func(r *http.Request) answer {
				if r.URL.Query().Get("after") == "x3" {
					return answer{body: `{"total":9,"things":` + list(4, 5, 6) + `,"next":null}`}
				}
				return answer{body: `{"total":9,"things":` + list(1, 2, 3) + `,"next":"x3"}`}
			}},
			"a cursor that is left out": {rest.Cursor{Param: "after", Path: "paging.next.after", Omitted: true}, func(r *http.Request) answer {
				if r.URL.Query().Get("after") == "x3" {
					return answer{body: `{"total":9,"things":` + list(4, 5, 6) + `}`}
				}
				return answer{body: `{"total":9,"things":` + list(1, 2, 3) + `,"paging":{"next":{"after":"x3"}}}`}
			}},
			"page numbers": {rest.PageNumber{}, func(r *http.Request) answer {
				page := number(r.URL.Query().Get("page"), 1)
				return answer{body: `{"total":9,"things":` + list(cut(upTo(1, 6), 3*page-3, 3)...) + `}`}
			}},
			"offsets": {rest.Offset{}, func(r *http.Request) answer {
				return answer{body: `{"total":"9","things":` + list(cut(upTo(1, 6), number(r.URL.Query().Get("offset"), 0), 3)...) + `}`}
			}},
			"a next URL": {rest.NextURL{}, func(r *http.Request) answer {
				if r.URL.Query().Has("after") {
					return answer{body: `{"total":9,"things":` + list(4, 5, 6) + `,"next":null}`}
				}
				return answer{body: `{"total":9,"things":` + list(1, 2, 3) + `,"next":"/things?after=3"}`}
			}},
			"one page": {rest.OnePage{}, func(*http.Request) answer {
				return answer{body: `{"total":9,"things":` + list(upTo(1, 6)...) + `}`}
			}},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				api := served(t, rest.Config{Pagination: c.pagination, TotalPath: "total"}, c.say)
				notWhole(t, b, api, "9 records and listed 6", upTo(1, 9)...)
			})
		}
	})
}

func TestReport_R03_R05_PagesThatNobodyReads(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			config rest.Config
			beside string
			header map[string]string
		}{
			"PocketBase":      {rest.Config{TotalPath: "totalItems"}, `,"page":1,"perPage":30,"totalItems":5001,"totalPages":167`, nil},
			"Ghost":           {rest.Config{}, `,"meta":{"pagination":{"page":1,"limit":25,"pages":4,"total":90,"next":2,"prev":null}}`, nil},
			"a cursor":        {rest.Config{}, `,"next_cursor":"abc"`, nil},
			"Stripe":          {rest.Config{}, `,"has_more":true,"url":"/v1/things"`, nil},
			"OData":           {rest.Config{}, `,"@odata.nextLink":"https://example.com/things?$skip=25"`, nil},
			"Google":          {rest.Config{}, `,"nextPageToken":"abc"`, nil},
			"JSON:API":        {rest.Config{}, `,"links":{"next":"https://example.com/things?page=2"}`, nil},
			"HubSpot":         {rest.Config{}, `,"paging":{"next":{"after":"25"}}`, nil},
			"Django":          {rest.Config{}, `,"count":90,"next":"https://example.com/things?page=2","previous":null`, nil},
			"Laravel":         {rest.Config{}, `,"current_page":1,"last_page":4,"next_page_url":"https://example.com/things?page=2"`, nil},
			"Relay":           {rest.Config{}, `,"pageInfo":{"hasNextPage":true,"endCursor":"abc"}`, nil},
			"Salesforce":      {rest.Config{}, `,"done":false,"nextRecordsUrl":"/query/01g-25"`, nil},
			"pages in header": {rest.Config{}, ``, map[string]string{"X-Total-Pages": "4"}},
			"Slack":           {rest.Config{}, `,"response_metadata":{"next_cursor":"dGVhbTpD"}`, nil},
			"Zendesk":         {rest.Config{}, `,"meta":{"has_more":true,"after_cursor":"xxx"}`, nil},
			"Jira":            {rest.Config{}, `,"startAt":0,"maxResults":25,"total":90`, nil},
			"HAL":             {rest.Config{}, `,"_links":{"self":{"href":"/things"},"next":{"href":"/things?page=2"}}`, nil},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				c.config.RecordsKey = "items"
				api := served(t, c.config, func(*http.Request) answer {
					return answer{body: `{"items":` + list(upTo(1, 25)...) + c.beside + `}`, header: c.header}
				})
				for _, d := range []synced.Synced[thing]{since(), things()} {
					d.API = api
					m := here(t, b, d, upTo(1, 30)...)
					_, err := m.Synchronize(ctx, synced.NoScope)
					require.ErrorIs(t, err, remote.ErrPagesUnread)
					require.ErrorContains(t, err, "rest.OnePage{} where a list comes whole")
					_, err = m.Check(ctx, synced.NoScope)
					require.ErrorIs(t, err, remote.ErrPagesUnread)
					require.Equal(t, upTo(1, 30), idsOf(t, m))
				}
			})
		}
	})
}

// A server that caps its answers says so by status 206 and a range.
func TestReport_R04_APartOfAList(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			answer answer
			reason string // "" where the range is reached
		}{
			"a range":             {answer{status: 206, header: map[string]string{"Content-Range": "0-39/100"}}, "by Content-Range that the list has 100 records, and 40 were listed"},
			"a range of items":    {answer{status: 206, header: map[string]string{"Content-Range": "items 0-39/100"}}, "by Content-Range that the list has 100 records, and 40 were listed"},
			"with status 200":     {answer{header: map[string]string{"Content-Range": "0-39/100"}}, "by Content-Range that the list has 100 records, and 40 were listed"},
			"an unknown total":    {answer{status: 206, header: map[string]string{"Content-Range": "0-39/*"}}, "its Content-Range does not tell where the list ends"},
			"no range":            {answer{status: 206}, "its Content-Range does not tell where the list ends"},
			"a range of nothing":  {answer{status: 206, header: map[string]string{"Content-Range": "gibberish"}}, "its Content-Range does not tell where the list ends"},
			"a range of bytes":    {answer{status: 206, header: map[string]string{"Content-Range": "bytes 0-39/40"}}, "its Content-Range does not tell where the list ends"},
			"reached":             {answer{status: 206, header: map[string]string{"Content-Range": "0-39/40"}}, ""},
			"reached, with items": {answer{status: 206, header: map[string]string{"Content-Range": "items 0-39/40"}}, ""},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				c.answer.body = list(upTo(1, 40)...)
				for _, config := range []rest.Config{{}, {Pagination: rest.OnePage{}}} {
					config.RecordsKey = rest.Root
					api := served(t, config, func(r *http.Request) answer {
						if id := number(r.URL.Path, 0); id > 100 || c.reason == "" && id > 40 {
							return missing
						} else if id > 0 {
							return answer{body: record(id)}
						}
						return c.answer
					})
					fresh(t, b)
					if c.reason != "" {
						notWhole(t, b, api, c.reason, upTo(1, 100)...)
						continue
					}
					incremental, full := since(), things()
					incremental.API, full.API = api, api
					m := here(t, b, incremental, upTo(1, 40)...)
					require.NotZero(t, harness.Sync(t, m, synced.NoScope).StoredTime)
					m = here(t, b, full, upTo(1, 50)...)
					require.Equal(t, 10, harness.Sync(t, m, synced.NoScope).Removed)
					require.Equal(t, upTo(1, 40), idsOf(t, m))
				}
			})
		}
	})
}

// A page that is as full as pages are, with nothing that tells the end.
func TestReport_R05_AFullPageWithoutAWord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, size := range []int{7, 10, 20, 25, 30, 50, 100, 250, 500, 1000} {
			t.Run(fmt.Sprint(size), func(t *testing.T) {
				fresh(t, b)
				api := served(t, rest.Config{RecordsKey: rest.Root, PerPage: 7, Record: rest.Record{Path: rest.None}}, func(*http.Request) answer {
					return answer{body: list(upTo(1, size)...)}
				})
				notWhole(t, b, api, "nothing tells that the list ends there", upTo(1, size+5)...)
			})
		}
	})
}

func TestReport_R11_NotYet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		asked := 0
		ready := false
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}, Retry: wire.Retry{Max: 1}}, func(r *http.Request) answer {
			if asked++; ready && asked > 1 {
				return answer{body: list(1, 2)}
			}
			return answer{status: http.StatusAccepted, body: "[]", header: map[string]string{"Retry-After": "0"}}
		})
		for _, d := range []synced.Synced[thing]{since(), things()} {
			asked, ready = 0, false
			d.API = api
			m := here(t, b, d, 1, 2)
			_, err := m.Synchronize(ctx, synced.NoScope)
			require.ErrorContains(t, err, "202")
			require.Equal(t, 2, asked)
			require.Equal(t, []int{1, 2}, idsOf(t, m))
			asked, ready = 0, true
			require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Unchanged)
		}
	})
}

// A total may be capped, or the page's own.
func TestReport_R15_R23_TotalsThatCountSomethingElse(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			pagination rest.Pagination
			config     rest.Config
			total      func(page int) int
		}{
			"capped":                 {rest.Offset{}, rest.Config{TotalPath: "total"}, func(int) int { return 10 }},
			"capped, numbers":        {rest.PageNumber{}, rest.Config{TotalPath: "total"}, func(int) int { return 10 }},
			"capped, ahead":          {rest.Offset{}, rest.Config{TotalPath: "total", InFlight: 3}, func(int) int { return 10 }},
			"the page's":             {rest.Offset{}, rest.Config{}, func(page int) int { return page }},
			"the page's, numbers":    {rest.PageNumber{}, rest.Config{}, func(page int) int { return page }},
			"the page's, declared":   {rest.Offset{}, rest.Config{TotalPath: "total"}, func(page int) int { return page }},
			"the page's, in header":  {rest.Offset{}, rest.Config{TotalHeader: "X-Total-Count"}, func(page int) int { return page }},
			"the page's, in advance": {rest.Offset{}, rest.Config{TotalPath: "total", InFlight: 3}, func(page int) int { return page }},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				c.config.Pagination, c.config.PerPage, c.config.RecordsKey = c.pagination, 5, "items"
				api := served(t, c.config, func(r *http.Request) answer {
					q := r.URL.Query()
					offset := number(q.Get("offset"), 0) + 5*(number(q.Get("page"), 1)-1)
					ids := cut(upTo(1, 14), offset, 5)
					total := fmt.Sprint(c.total(len(ids)))
					return answer{body: `{"items":` + list(ids...) + `,"total":` + total + `}`, header: map[string]string{"X-Total-Count": total}}
				})
				d := since()
				d.API = api
				m := here(t, b, d)
				harness.Sync(t, m, synced.NoScope)
				require.Equal(t, upTo(1, 14), idsOf(t, m))
				d = things()
				d.API = api
				m = here(t, b, d, upTo(1, 14)...)
				require.Zero(t, harness.Sync(t, m, synced.NoScope).Removed)
				require.Equal(t, upTo(1, 14), idsOf(t, m))
			})
		}
	})
}

// A list that is cut by position, and in which a record comes twice, has shifted.
func TestReport_R19_APageThatShifted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			pagination rest.Pagination
			records    func(ids ...int) string
		}{
			"page numbers": {rest.PageNumber{}, list},
			"other bytes":  {rest.PageNumber{}, nil},
			"offsets":      {rest.Offset{}, list},
			"Link headers": {rest.LinkHeader{}, list},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				pages := [][]int{{1, 2, 3}, {3, 5, 6}, {}}
				api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: c.pagination, PerPage: 3, Record: rest.Record{Path: rest.None}}, func(r *http.Request) answer {
					page := max(number(r.URL.Query().Get("page"), 1), number(r.URL.Query().Get("offset"), 0)/3+1)
					a := answer{header: map[string]string{}}
					if page < 3 {
						a.header["Link"] = fmt.Sprintf(`</things?page=%d>; rel="next"`, page+1)
					}
					a.body = list(pages[min(page, 3)-1]...)
					if name == "other bytes" && page == 2 {
						a.body = `[{"id":3,"name":"changed"},` + record(5) + `,` + record(6) + `]`
					}
					return a
				})
				notWhole(t, b, api, "record 3 came on two pages", upTo(1, 6)...)
			})
		}
	})
}

// In a list that stays put, one id has one record.
func TestReport_R18_OneIDOfSeveralRecords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ids := map[string]string{"numbers": `1`, "texts": `"0071"`, "UUIDs": `"7a1f6a0e-3d0e-4b0e-9f7e-0a1b2c3d4e5f"`}
		for name, id := range ids {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
					fresh(t, b)
					api := served(t, rest.Config{RecordsKey: "items", Pagination: rest.Cursor{}}, func(r *http.Request) answer {
						n := number(r.URL.Query().Get("cursor"), 0)
						next := fmt.Sprintf(`"after-%d"`, n+1)
						if c := r.URL.Query().Get("cursor"); c != "" {
							n = int(c[len(c)-1] - '0')
							next = fmt.Sprintf(`"after-%d"`, n+1)
						}
						if n == 2 {
							next = "null"
						}
						return answer{body: fmt.Sprintf(`{"items":[{"id":%s,"name":"order %d"}],"next_cursor":%s}`, id, 10+n, next)}
					})
					type row struct {
						SyncedID string `json:"id" db:"synced_id"`
						Name     string `json:"name" db:"name"`
					}
					d := synced.Synced[row]{Table: "texts", API: api, Commit: commit, Strategy: things().Strategy}
					sync := func() (synced.Result, error) { return harness.Model(t, b, d).Synchronize(ctx, synced.NoScope) }
					if name == "numbers" {
						d := things()
						d.API, d.Commit = api, commit
						sync = func() (synced.Result, error) { return harness.Model(t, b, d).Synchronize(ctx, synced.NoScope) }
					}
					for range 2 {
						_, err := sync()
						require.ErrorContains(t, err, "make the id of more attributes")
						require.ErrorContains(t, err, "record ")
					}
				})
			}
		}
	})
}
