package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// Where no pagination is declared, what shows other pages is an error.
func TestEnd_ShowsPages(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]string{
		`"next":"/api/rentals?page=2"`:                 `rest.NextURL{}`,
		`"next":"/api/rentals?page=2&limit=2"`:         `rest.NextURL{PerPage: "limit"}`,
		`"links":{"next":{"href":"/api"}}`:             `rest.NextURL{Path: "links.next.href"}`,
		`"links":{"next":"/api"},"meta":{"more":true}`: `rest.NextURL{Path: "links.next", MorePath: "meta.more"}`,
		`"@odata.nextLink":"https://example.com/x"`:    `rest.NextURL{Path: "@odata.nextLink", Omitted: true}`,
		`"next_page":2`:                                   `rest.Cursor{Param: "page", Path: "next_page"}`,
		`"nextPageToken":"abc"`:                           `rest.Cursor{Param: "pageToken", Path: "nextPageToken", Omitted: true}`,
		`"paging":{"next":{"after":"abc"}}`:               `rest.Cursor{Param: "after", Path: "paging.next.after", Omitted: true}`,
		`"next_cursor":"abc","has_more":true`:             `rest.Cursor{MorePath: "has_more"}`,
		`"meta":{"pagination":{"page":1,"next":2}}`:       `rest.Cursor{Param: "page", Path: "meta.pagination.next"}`,
		`"has_more":true`:                                 `rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"}`,
		`"page":0,"has_more":true`:                        `rest.PageNumber{ZeroBased: true, MorePath: "has_more"}`,
		`"pageInfo":{"endCursor":"x","hasNextPage":true}`: `rest.Cursor{Param: "after", Path: "pageInfo.endCursor", MorePath: "pageInfo.hasNextPage"}`,
		`"totalPages":167`:                                `rest.PageNumber{TotalPagesPath: "totalPages"}`,
		`"last":false,"number":0,"totalPages":9`:          `rest.PageNumber{ZeroBased: true, TotalPagesPath: "totalPages"}`,
		`"total_count":3`:                                 `rest.PageNumber{} or rest.Offset{}, with TotalPath: "total_count"`,
		`"total":3,"startAt":0`:                           `rest.Offset{Param: "startAt"}, with TotalPath: "total"`,
		`"offset":"itr1/rec2"`:                            `rest.Cursor{Param: "offset", Path: "offset", Omitted: true}`,
		`"done":false,"nextRecordsUrl":"/x/1-2"`:          `rest.NextURL{Path: "nextRecordsUrl", EndPath: "done"}`,
		`"done":true,"next":"/x"`:                         `rest.NextURL{}`,
		`"next":null`:                                     "",
		`"has_more":false,"total_pages":1,"total":2`:      "",
		`"meta":{"next":""},"links":{"self":"/x"}`:        "",
		`"filter":{"next":"x"},"deleted":[{"next":1}]`:    "",
	} {
		handler := func(w http.ResponseWriter, _ *http.Request) { body(w, `[{"id":1},{"id":2}]`, member) }
		pages, err := rentals(t, serve(t, rest.Config{}, handler))
		require.Len(t, pages, 1)
		if want == "" {
			require.NoError(t, err, member)
			require.Empty(t, pages[0].Unended)
			continue
		}
		require.ErrorIs(t, err, remote.ErrPagesUnread, member)
		require.ErrorContains(t, err, want)
		pages, err = rentals(t, serve(t, rest.Config{Pagination: rest.OnePage{}}, handler))
		require.NoError(t, err)
		require.Len(t, pages, 1)
		require.Empty(t, pages[0].Unended)
	}
}

// A full page of which nothing tells that it is the last proves nothing.
func TestEnd_FullPage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config  rest.Config
		n       int
		link    []string
		total   int
		unended bool
	}{
		"a usual size":          {n: 25, unended: true},
		"as asked":              {config: rest.Config{PerPage: 7}, n: 7, unended: true},
		"another number":        {n: 7},
		"none":                  {n: 0},
		"an empty Link":         {n: 25, link: []string{""}},
		"a Link of pages":       {n: 25, link: []string{`</x>; rel="last"`}},
		"another Link":          {n: 25, link: []string{`</x>; rel="https://api.w.org/"`}, unended: true},
		"an undeclared total":   {n: 25, total: 25, unended: true},
		"a declared total":      {config: rest.Config{TotalHeader: "X-Total-Count"}, n: 25, total: 25},
		"one page":              {config: rest.Config{Pagination: rest.OnePage{}}, n: 25},
		"a declared LinkHeader": {config: rest.Config{Pagination: rest.LinkHeader{}}, n: 25},
	} {
		client := serve(t, c.config, func(w http.ResponseWriter, _ *http.Request) {
			if c.link != nil {
				w.Header()["Link"] = c.link
			}
			if c.total > 0 {
				w.Header().Set("X-Total-Count", fmt.Sprint(c.total))
			}
			records, _ := shelf{c.n, 1000}.records(0, 1000)
			body(w, records)
		})
		pages, err := rentals(t, client)
		require.NoError(t, err, name)
		require.Len(t, pages, 1, name)
		require.Equal(t, c.unended, pages[0].Unended != "", name)
	}
}

// A page that only confirms the end may be refused, or be the last one again.
func TestEnd_Confirmed(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]http.HandlerFunc{
		"empty":     byOffset(shelf{0, 5}, 10),
		"refused":   with(400),
		"not found": with(404),
		"again": func(w http.ResponseWriter, r *http.Request) {
			r.URL.RawQuery = "offset=5"
			byOffset(shelf{10, 5}, 10)(w, r)
		},
	} {
		for _, inFlight := range []int{1, 3} {
			config := rest.Config{Pagination: rest.Offset{}, PerPage: 5, TotalHeader: "X-Total-Count", InFlight: inFlight}
			pages, err := rentals(t, serve(t, config, func(w http.ResponseWriter, r *http.Request) {
				if param(r, "offset", 0) >= 10 {
					after(w, r)
					return
				}
				byOffset(shelf{10, 5}, 10)(w, r)
			}))
			require.NoError(t, err, name)
			require.Len(t, pages, 3, name)
			requireAll(t, 10, pages)
		}
	}
}

// A total that counts the page seems to be reached after it. Where the answer names a
// next page all the same, that one must come.
func TestEnd_ANamedPageMustCome(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404, 410} {
		config := rest.Config{TotalPath: "total", PerPage: 1, Pagination: rest.Cursor{Path: "next"}}
		handler, _ := script(reply(`{"rentals":[{"id":1}],"total":1,"next":"b"}`), answer(status, jsonType, `{}`))
		_, err := rentals(t, serve(t, config, handler))
		require.ErrorContains(t, err, fmt.Sprint(status))
	}
}
