package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// byNumber serves a shelf by page numbers from first on. Tell sets headers and
// returns members.
func byNumber(s shelf, first int, tell func(h http.Header, pages int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		size := min(s.max, param(r, "per_page", s.max))
		records, _ := s.records((param(r, "page", first)-first)*size, size)
		members := []string{`"links":{}`}
		if tell != nil {
			if m := tell(w.Header(), (s.n+size-1)/size); m != "" {
				members = append(members, m)
			}
		}
		body(w, records, members...)
	}
}

func TestPageNumber(t *testing.T) {
	t.Parallel()
	totalHeader := func(n int) func(http.Header, int) string {
		return func(h http.Header, _ int) string { h.Set("X-Total-Count", strconv.Itoa(n)); return "" }
	}
	totalIn := func(v string) func(http.Header, int) string {
		return func(http.Header, int) string { return `"meta":{"total":` + v + `,"other":1}` }
	}
	pagesHeader := func(h http.Header, pages int) string { h.Set("X-Pages", strconv.Itoa(pages)); return "" }
	pagesIn := func(_ http.Header, pages int) string { return fmt.Sprintf(`"meta":{"last.page":"%d"}`, pages) }
	inBody := rest.Config{TotalPath: "meta.total"}
	inHeader := rest.Config{TotalHeader: "X-Total-Count"}

	for name, c := range map[string]struct {
		style  rest.PageNumber
		config rest.Config
		shelf  shelf
		tell   func(http.Header, int) string
		pages  int
	}{
		"nothing told":               {shelf: shelf{25, 100}, pages: 4},
		"nothing told, at an edge":   {shelf: shelf{20, 100}, pages: 3},
		"nothing told, empty":        {shelf: shelf{0, 100}, pages: 1},
		"nothing told, capped":       {shelf: shelf{25, 4}, pages: 8},
		"total":                      {config: inHeader, shelf: shelf{25, 100}, tell: totalHeader(25), pages: 3},
		"total, at an edge":          {config: inHeader, shelf: shelf{20, 100}, tell: totalHeader(20), pages: 3},
		"total, undeclared":          {shelf: shelf{25, 100}, tell: totalHeader(25), pages: 4},
		"total, pages capped":        {config: inHeader, shelf: shelf{20, 4}, tell: totalHeader(20), pages: 6},
		"a capped total":             {config: inHeader, shelf: shelf{25, 100}, tell: totalHeader(20), pages: 4},
		"total 0":                    {config: inHeader, shelf: shelf{0, 100}, tell: totalHeader(0), pages: 1},
		"total too high":             {config: inHeader, shelf: shelf{25, 100}, tell: totalHeader(99), pages: 4},
		"total too low":              {config: inHeader, shelf: shelf{25, 100}, tell: totalHeader(15), pages: 4},
		"total in the body":          {config: inBody, shelf: shelf{20, 100}, tell: totalIn("20"), pages: 3},
		"total in the body, text":    {config: inBody, shelf: shelf{20, 100}, tell: totalIn(`"20"`), pages: 3},
		"total in the body, null":    {config: inBody, shelf: shelf{20, 100}, tell: totalIn("null"), pages: 3},
		"number of pages":            {style: rest.PageNumber{TotalPagesHeader: "X-Pages"}, shelf: shelf{20, 100}, tell: pagesHeader, pages: 2},
		"number of pages, capped":    {style: rest.PageNumber{TotalPagesHeader: "X-Pages"}, shelf: shelf{20, 4}, tell: pagesHeader, pages: 5},
		"number of pages, none":      {style: rest.PageNumber{TotalPagesHeader: "X-Pages"}, shelf: shelf{0, 4}, tell: pagesHeader, pages: 1},
		"number of pages, in a body": {style: rest.PageNumber{TotalPagesPath: "meta.last.page"}, shelf: shelf{25, 100}, tell: pagesIn, pages: 3},
		"from 0":                     {style: rest.PageNumber{ZeroBased: true}, shelf: shelf{25, 100}, pages: 4},
		"from 0, number of pages":    {style: rest.PageNumber{ZeroBased: true, TotalPagesPath: "meta.last.page"}, shelf: shelf{20, 100}, tell: pagesIn, pages: 2},
	} {
		for _, inFlight := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d", name, inFlight), func(t *testing.T) {
				t.Parallel()
				first := 1
				if c.style.ZeroBased {
					first = 0
				}
				config := c.config
				config.Pagination, config.PerPage, config.InFlight = c.style, 10, inFlight
				pages, err := rentals(t, serve(t, config, byNumber(c.shelf, first, c.tell)))
				require.NoError(t, err)
				require.Len(t, pages, c.pages)
				requireAll(t, c.shelf.n, pages)
				for _, page := range pages {
					require.Equal(t, len(pages) > 1, page.Shifting)
					require.Empty(t, page.Cursor)
				}
			})
		}
	}
}

func TestPageNumber_Parameters(t *testing.T) {
	t.Parallel()
	var asked []string
	style := rest.PageNumber{Param: "p[number]", PerPage: "p[size]"}
	client := serve(t, rest.Config{Pagination: style, PerPage: 2, TotalHeader: "X-Total-Count"}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		records, _ := shelf{3, 2}.records((param(r, "p[number]", 0)-1)*2, param(r, "p[size]", 0))
		w.Header().Set("X-Total-Count", "3")
		body(w, records)
	})
	pages, err := rentals(t, client)
	require.NoError(t, err)
	requireAll(t, 3, pages)
	require.Equal(t, []string{"p%5Bnumber%5D=1&p%5Bsize%5D=2", "p%5Bsize%5D=2&p%5Bnumber%5D=2"}, asked)
}

func TestPageNumber_PastEnd(t *testing.T) {
	t.Parallel()
	ends := func(status, n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if param(r, "page", 1) > n {
				answer(status, jsonType, `{"error":"no such page"}`)(w, r)
				return
			}
			byNumber(shelf{n * 10, 10}, 1, nil)(w, r)
		}
	}
	for _, inFlight := range []int{1, 4} {
		for _, status := range []int{400, 404} {
			config := rest.Config{Pagination: rest.PageNumber{PastEnd: status}, InFlight: inFlight}
			pages, err := rentals(t, serve(t, config, ends(status, 2)))
			require.NoError(t, err)
			requireAll(t, 20, pages)
			require.Len(t, pages, 3)
			require.NotNil(t, pages[2].Objects)
			require.Empty(t, pages[2].Objects)
			require.Positive(t, pages[2].Requests)

			_, err = rentals(t, serve(t, config, ends(status, 0)))
			require.Error(t, err, "the first page")
			pages, err = rentals(t, serve(t, config, ends(410, 2)))
			require.ErrorIs(t, err, remote.ErrNotFound, "another status")
			require.Len(t, pages, 2)
		}
		_, err := rentals(t, serve(t, rest.Config{Pagination: rest.PageNumber{}, InFlight: inFlight}, ends(404, 2)))
		require.ErrorIs(t, err, remote.ErrNotFound, "not declared")
	}
}

func TestPageNumber_Errors(t *testing.T) {
	t.Parallel()
	inBody := rest.PageNumber{TotalPagesPath: "meta.pages"}
	for want, c := range map[string]struct {
		style rest.PageNumber
		meta  string
	}{
		"meta.pages: the number of pages is missing":     {inBody, `{}`},
		`meta.pages: "many" is not a count`:              {inBody, `{"pages":"many"}`},
		`meta.pages: "1.5" is not a count`:               {inBody, `{"pages":1.5}`},
		"meta.pages: a list, not a string or a number":   {inBody, `{"pages":[1]}`},
		"header X-Pages: the number of pages is missing": {rest.PageNumber{TotalPagesHeader: "X-Pages"}, `{}`},
	} {
		client := serve(t, rest.Config{Pagination: c.style}, func(w http.ResponseWriter, _ *http.Request) {
			body(w, `[{"id":1}]`, `"meta":`+c.meta)
		})
		pages, err := rentals(t, client)
		var format *remote.FormatError
		require.ErrorAs(t, err, &format, want)
		require.ErrorContains(t, err, "/api/rentals?page=1: "+want)
		require.Len(t, pages, 1)
		require.False(t, pages[0].More)
	}
	_, err := rentals(t, serve(t, rest.Config{TotalPath: "meta.total"}, answer(200, jsonType, `{"rentals":[],"meta":{"total":-1}}`)))
	require.ErrorContains(t, err, `meta.total: "-1" is not a count`)
}

// A server that does not know the parameter sends the first page again and again.
func TestPageNumber_IsIgnored(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 4} {
		config := rest.Config{Pagination: rest.PageNumber{Param: "seite"}, InFlight: inFlight}
		client := serve(t, config, byNumber(shelf{20, 10}, 1, func(h http.Header, _ int) string { h.Set("X-Total-Count", "20"); return "" }))
		pages, err := rentals(t, client)
		require.ErrorIs(t, err, remote.ErrPageRepeated)
		require.ErrorContains(t, err, "seite=2: page repeated")
		require.Len(t, pages, 1)
	}
}

func TestPageNumber_EmptyPages(t *testing.T) {
	t.Parallel()
	handler := func(w http.ResponseWriter, r *http.Request) {
		records := "[]"
		if page := param(r, "page", 1); page != 2 {
			records = fmt.Sprintf(`[{"id":%d}]`, page)
		}
		body(w, records, `"pages":3`)
	}
	config := rest.Config{Pagination: rest.PageNumber{TotalPagesPath: "pages"}}
	pages, err := rentals(t, serve(t, config, handler))
	require.ErrorIs(t, err, remote.ErrEmptyPage)
	require.Len(t, pages, 2)

	config.EmptyPages = true
	pages, err = rentals(t, serve(t, config, handler))
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, ids(t, pages))
}
