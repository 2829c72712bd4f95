package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// A list that loses pages while it is read changed.
func TestCompare_PagesFall(t *testing.T) {
	t.Parallel()
	for told, partial := range map[string]bool{"3 3 3": false, "3 2": true, "2 3 3": false, "4 3 3": true} {
		numbers := strings.Fields(told)
		pages, err := rentals(t, serve(t, rest.Config{Pagination: rest.PageNumber{TotalPagesPath: "pages"}}, func(w http.ResponseWriter, r *http.Request) {
			n := param(r, "page", 1)
			body(w, fmt.Sprintf(`[{"id":%d}]`, n), `"pages":`+numbers[n-1])
		}))
		require.NoError(t, err)
		require.Len(t, pages, len(numbers))
		said := ""
		for _, page := range pages {
			said += page.Partial
		}
		require.Equal(t, partial, said != "", told)
	}
}

// A page that a cache kept since before the first page was made may hide a change.
func TestCompare_StalePage(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		first, second time.Duration
		age           string
		partial       bool
	}{
		"one after the other":    {first: 0, second: time.Second},
		"clocks that disagree":   {first: 0, second: -30 * time.Second},
		"a clock that goes back": {first: 0, second: -10 * time.Minute},
		"kept by a cache":        {first: 0, second: -30 * time.Second, age: "31", partial: true},
		"kept for a moment":      {first: 0, second: -2 * time.Second, age: "3"},
		"the first kept longer":  {first: -time.Hour, second: -30 * time.Second, age: "30"},
	} {
		pages, err := rentals(t, serve(t, rest.Config{Pagination: rest.PageNumber{TotalPagesPath: "pages"}}, func(w http.ResponseWriter, r *http.Request) {
			n, at := param(r, "page", 1), now.Add(c.first)
			if n == 2 {
				at = now.Add(c.second)
				w.Header().Set("Age", c.age)
			}
			w.Header().Set("Date", at.Format(http.TimeFormat))
			body(w, fmt.Sprintf(`[{"id":%d}]`, n), `"pages":2`)
		}))
		require.NoError(t, err)
		require.Equal(t, c.partial, pages[1].Partial != "", name)
	}
}

// A total that counts the page is none, also where it is declared.
func TestCompare_OwnTotal(t *testing.T) {
	t.Parallel()
	pages, err := rentals(t, serve(t, rest.Config{Pagination: rest.Offset{}, PerPage: 4, TotalPath: "count"}, func(w http.ResponseWriter, r *http.Request) {
		records, n := shelf{10, 4}.records(param(r, "offset", 0), 4)
		body(w, records, fmt.Sprintf(`"count":%d`, n))
	}))
	require.NoError(t, err)
	requireAll(t, 10, pages)
	for _, page := range pages {
		require.False(t, page.TotalKnown && len(page.Objects) > 0)
	}
}

func TestEnd_ShowsPagesInHeaders(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"X-Next-Page: 2": `rest.Cursor{Param: "page", Header: "X-Next-Page"}`, "X-Next-Cursor: abc": `rest.Cursor{Header: "X-Next-Cursor"}`, "X-WP-TotalPages: 3": `rest.PageNumber{TotalPagesHeader: "X-Wp-Totalpages"}`,
		"X-Has-More: true": "X-Has-More", "Next-Range: id 5..": "Next-Range",
		"X-Next-Page: ": "", "X-Total-Pages: 1": "", "X-Has-More: false": "", "X-Next-Offset: 0": "",
	} {
		name, v, _ := strings.Cut(header, ": ")
		_, err := rentals(t, serve(t, rest.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(name, v)
			body(w, one)
		}))
		if want == "" {
			require.NoError(t, err, header)
			continue
		}
		require.ErrorIs(t, err, remote.ErrPagesUnread, header)
		require.ErrorContains(t, err, want)
	}
}

// A list of what was deleted that proves too little stores no time.
func TestDeleted_ListProvesTooLittle(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprint(i + 1)
		}
		return strings.Join(ids, ",")
	}
	for name, c := range map[string]struct {
		config  rest.Config
		deleted http.HandlerFunc
		partial string
	}{
		"all":                 {deleted: answer(200, jsonType, `{"deleted":[1,2]}`)},
		"a full page":         {deleted: answer(200, jsonType, `{"deleted":[`+list(100)+`]}`), partial: "rest.Config.Pagination"},
		"below its total":     {config: rest.Config{TotalPath: "total"}, deleted: answer(200, jsonType, `{"deleted":[1,2],"total":7}`), partial: "7 records and listed 2"},
		"with an error":       {deleted: answer(200, jsonType, `{"deleted":[1,2],"errors":["shard 2"]}`), partial: "errors is"},
		"a part":              {deleted: with206(`{"deleted":[1,2]}`, "0-1/7"), partial: "Content-Range"},
		"one page, it is all": {config: rest.Config{Pagination: rest.OnePage{}}, deleted: answer(200, jsonType, `{"deleted":[`+list(100)+`]}`)},
	} {
		config := c.config
		config.Deleted = rest.Deleted{Endpoint: "%s/deleted"}
		client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/deleted") {
				c.deleted(w, r)
				return
			}
			body(w, one, `"total":1`)
		})
		pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: time.Now()})
		require.NoError(t, err, name)
		require.NotEmpty(t, pages[0].DeletedIDs)
		if c.partial == "" {
			require.Empty(t, pages[0].Partial, name)
			continue
		}
		require.Contains(t, pages[0].Partial, c.partial, name)
		require.Contains(t, pages[0].Partial, "the list of what was deleted: ")
	}
}

func with206(text, part string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Range", part)
		answer(206, jsonType, text)(w, r)
	}
}
