package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// ranged answers pages by offset as a part of the list: 206 and its range.
func ranged(total, limit int, told func(first, last, total int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := min(param(r, "offset", 0), total)
		records, n := shelf{total, limit}.records(from, min(limit, total-from))
		if v := told(from, from+n-1, total); v != "" {
			w.Header().Set("Content-Range", v)
		}
		w.WriteHeader(http.StatusPartialContent)
		body(w, records)
	}
}

func TestStatus_PartialContent(t *testing.T) {
	t.Parallel()
	postgREST := func(first, last, total int) string { return fmt.Sprintf("%d-%d/%d", first, last, total) }
	for name, c := range map[string]struct {
		config  rest.Config
		handler http.HandlerFunc
		pages   int
		partial string
	}{
		"the first of several":        {handler: ranged(100, 40, postgREST), pages: 1, partial: "has 100 records, and 40 were"},
		"one page that comes whole":   {config: rest.Config{Pagination: rest.OnePage{}}, handler: ranged(100, 40, postgREST), pages: 1, partial: "has 100 records, and 40 were"},
		"all":                         {handler: ranged(33, 40, postgREST), pages: 1},
		"all, with a unit":            {handler: ranged(33, 40, func(f, l, t int) string { return fmt.Sprintf("items %d-%d/%d", f, l, t) }), pages: 1},
		"all, counted from one":       {handler: ranged(33, 40, func(f, l, t int) string { return fmt.Sprintf("%d-%d/%d", f+1, l+1, t) }), pages: 1},
		"all but one, from one":       {handler: ranged(32, 40, func(f, l, t int) string { return "1-32/33" }), pages: 1, partial: "has 33 records, and 32 were"},
		"no range":                    {handler: ranged(33, 40, func(int, int, int) string { return "" }), pages: 1, partial: "206"},
		"no total":                    {handler: ranged(33, 40, func(f, l, _ int) string { return fmt.Sprintf("%d-%d/*", f, l) }), pages: 1, partial: "206"},
		"no sense":                    {handler: ranged(33, 40, func(int, int, int) string { return "some/all" }), pages: 1, partial: "206"},
		"bytes":                       {handler: ranged(33, 40, func(int, int, int) string { return "bytes 0-100/5000" }), pages: 1, partial: "206"},
		"all pages":                   {config: rest.Config{Pagination: rest.Offset{}}, handler: ranged(100, 40, postgREST), pages: 4},
		"all pages, no total":         {config: rest.Config{Pagination: rest.Offset{}}, handler: ranged(100, 40, func(f, l, _ int) string { return fmt.Sprintf("%d-%d/*", f, l) }), pages: 4},
		"all pages, the header total": {config: rest.Config{Pagination: rest.Offset{}, TotalHeader: "Content-Range"}, handler: ranged(100, 40, postgREST), pages: 3},
		"an empty page too early":     {config: rest.Config{Pagination: rest.Offset{}}, handler: ranged(100, 40, func(f, l, _ int) string { return fmt.Sprintf("%d-%d/200", f, l) }), pages: 4, partial: "has 200 records"},
		"an empty list":               {handler: ranged(0, 40, func(int, int, int) string { return "*/0" }), pages: 1},
	} {
		pages, err := rentals(t, serve(t, c.config, c.handler))
		require.NoError(t, err, name)
		require.Len(t, pages, c.pages, name)
		for n, page := range pages {
			if n+1 < len(pages) || c.partial == "" {
				require.Empty(t, page.Partial, name)
				continue
			}
			require.Contains(t, page.Partial, c.partial, name)
		}
	}
}

// A 200 may tell a range too, as react-admin has it.
func TestStatus_RangeOfAGoodAnswer(t *testing.T) {
	t.Parallel()
	for v, partial := range map[string]bool{"rentals 0-3/4": false, "rentals 0-3/5": true, "rentals 0-3/*": false, "4": false, "": false, "bytes 0-99/100": false} {
		pages, err := rentals(t, serve(t, rest.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", v)
			records, _ := shelf{4, 4}.records(0, 4)
			body(w, records)
		}))
		require.NoError(t, err)
		require.Equal(t, partial, pages[0].Partial != "", v)
	}
}

// A status without a body is an empty list only where that is declared.
func TestStatus_Empty(t *testing.T) {
	t.Parallel()
	for _, status := range []int{204, 304, 404, 200} {
		handler := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
		_, err := rentals(t, serve(t, rest.Config{}, handler))
		require.Error(t, err, status)
		if status == 200 {
			require.ErrorContains(t, err, "the answer is empty")
			continue
		}
		require.ErrorContains(t, err, fmt.Sprint(status))
		if status != 404 {
			require.ErrorContains(t, err, "rest.Config.EmptyStatus")
		}

		pages, err := rentals(t, serve(t, rest.Config{EmptyStatus: []int{status}}, handler))
		require.NoError(t, err)
		require.Len(t, pages, 1)
		require.Empty(t, pages[0].Objects)
		require.Nil(t, pages[0].DeletedIDs, "nothing is said of them")
		require.Empty(t, pages[0].Partial)
		require.False(t, pages[0].Date.IsZero())

		client := serve(t, rest.Config{EmptyStatus: []int{status}, Deleted: rest.Deleted{Path: "gone"}}, handler)
		pages, err = rentals(t, client)
		require.NoError(t, err)
		require.NotNil(t, pages[0].DeletedIDs, "where they are declared, there are none")
		_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "1")
		require.Error(t, err)
		require.Equal(t, status == 404, errors.Is(err, remote.ErrNotFound))
	}
	_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", EmptyStatus: []int{500}})
	require.ErrorContains(t, err, "empty status 500")
}

// A page after the first may end a list so, but for one that may only be as it was.
func TestStatus_EmptyLater(t *testing.T) {
	t.Parallel()
	for _, status := range []int{204, 304, 404} {
		config := rest.Config{Pagination: rest.Offset{}, EmptyStatus: []int{status}}
		pages, err := rentals(t, serve(t, config, func(w http.ResponseWriter, r *http.Request) {
			if param(r, "offset", 0) > 0 {
				w.WriteHeader(status)
				return
			}
			records, _ := shelf{4, 4}.records(0, 4)
			body(w, records)
		}))
		require.NoError(t, err)
		require.Len(t, pages, 2)
		require.Equal(t, status == 304, pages[1].Partial != "", status)
	}
}

func TestSince_Header(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var got, query []string
	config := rest.Config{Since: rest.Since{Header: "If-Modified-Since"}, Pagination: rest.Offset{}}
	changed := 0
	client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
		got, query = append(got, r.Header.Get("If-Modified-Since")), append(query, r.URL.RawQuery)
		if changed == 0 {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		byOffset(shelf{changed, 4}, 4)(w, r)
	})
	pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: at})
	require.NoError(t, err)
	require.Len(t, pages, 1)
	require.False(t, pages[0].NotModified, "it is an empty list of changes")
	require.Empty(t, pages[0].Objects)

	changed = 6
	pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: at})
	require.NoError(t, err)
	requireAll(t, 6, pages)
	for _, v := range got {
		require.Equal(t, "Sun, 01 Mar 2026 11:59:59 GMT", v, "with each page")
	}
	require.NotContains(t, query[0], "updated_since")

	got = nil
	_, err = rentals(t, client)
	require.NoError(t, err)
	require.Empty(t, got[0], "a complete list")

	for _, since := range []rest.Since{{Header: "X-Since", Param: "since"}, {Header: "X-Since", Filter: "a>%s"}, {Header: "If-Modified-Since", Zone: time.FixedZone("X", 3600)}} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: since})
		require.ErrorContains(t, err, "since: ")
	}
}
