package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// byCursor serves a shelf of 25 by 10. Tell gets the number of the last record, and
// whether there are more, and sets headers and returns members.
func byCursor(name string, tell func(h http.Header, last int, more bool) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := param(r, name, 0)
		records, n := shelf{25, 10}.records(from, param(r, "limit", 10))
		members := []string{`"z":[{}]`}
		if m := tell(w.Header(), from+n, from+n < 25); m != "" {
			members = append(members, m)
		}
		body(w, records, members...)
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	type tell = func(h http.Header, last int, more bool) string
	member := func(format, end string) tell {
		return func(_ http.Header, last int, more bool) string {
			if more {
				return fmt.Sprintf(format, last)
			}
			return end
		}
	}
	for name, c := range map[string]struct {
		style rest.Cursor
		tell  tell
		pages int
	}{
		"strings, null":    {rest.Cursor{}, member(`"next_cursor":"%d"`, `"next_cursor":null`), 3},
		"numbers, empty":   {rest.Cursor{}, member(`"next_cursor":%d`, `"next_cursor":""`), 3},
		"a path, left out": {rest.Cursor{Path: "paging.after", Omitted: true}, member(`"paging":{"after":"%d"}`, ``), 3},
		"a name with dots": {rest.Cursor{Path: "page.x.after"}, member(`"page.x":{"after":"%d"}`, `"page.x":{"after":null}`), 3},
		"a header": {rest.Cursor{Param: "c", Header: "X-Next"}, func(h http.Header, last int, more bool) string {
			h.Set("X-Next", map[bool]string{true: fmt.Sprint(last)}[more])
			return ""
		}, 3},
		"a header, left out": {rest.Cursor{Header: "X-Next", Omitted: true}, func(h http.Header, last int, more bool) string {
			if more {
				h.Set("X-Next", fmt.Sprint(last))
			}
			return ""
		}, 3},
		"more and a cursor": {rest.Cursor{MorePath: "has_more"}, func(_ http.Header, last int, more bool) string {
			return fmt.Sprintf(`"has_more":%t,"next_cursor":%d`, more, last) // one at the end as well
		}, 3},
		"more, and none at the end": {rest.Cursor{MorePath: "page.more"}, member(`"page":{"more":true},"next_cursor":"%d"`, `"page":{"more":false}`), 3},
		"as Stripe": {rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"},
			func(_ http.Header, _ int, more bool) string { return fmt.Sprintf(`"has_more":%t`, more) }, 3},
		"the last record": {rest.Cursor{Param: "after", LastRecord: "id"}, func(http.Header, int, bool) string { return "" }, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			name := c.style.Param
			if name == "" {
				name = "cursor"
			}
			config := rest.Config{Pagination: c.style, PerPage: 10, InFlight: 4}
			pages, err := rentals(t, serve(t, config, byCursor(name, c.tell)))
			require.NoError(t, err)
			require.Len(t, pages, c.pages)
			requireAll(t, 25, pages)
			for _, page := range pages {
				// A number of records is an offset, and the id of a record is not.
				require.Equal(t, c.style.LastRecord == "", page.Shifting)
				require.Equal(t, page.More && !page.Shifting, page.Cursor != "")
			}
			if c.style.LastRecord != "" {
				require.Equal(t, "/api/rentals?limit=10&"+name+"=10", pages[0].Cursor)
			}
		})
	}
}

func TestCursor_Errors(t *testing.T) {
	t.Parallel()
	more := rest.Cursor{MorePath: "has_more"}
	stripe := rest.Cursor{LastRecord: "key.id", MorePath: "has_more"}
	for name, c := range map[string]struct {
		style         rest.Cursor
		records, rest string
		want          string
	}{
		"no cursor":         {rest.Cursor{}, `[{}]`, `"next":"a"`, "next_cursor: the next cursor is missing: set Omitted"},
		"no way to it":      {rest.Cursor{Path: "a.b"}, `[{}]`, `"a":[]`, "a.b: the next cursor is missing"},
		"no header":         {rest.Cursor{Header: "X-Next"}, `[{}]`, `"a":1`, "header X-Next: the next cursor is missing"},
		"an object":         {rest.Cursor{}, `[{}]`, `"next_cursor":{}`, "next_cursor: an object, not a string or a number"},
		"false":             {rest.Cursor{}, `[{}]`, `"next_cursor":false`, "next_cursor: a boolean, not"},
		"no more":           {more, `[{}]`, `"next_cursor":"a"`, "has_more is missing"},
		"null more":         {more, `[{}]`, `"has_more":null,"next_cursor":"a"`, "has_more: null, not a boolean"},
		"text more":         {more, `[{}]`, `"has_more":"false"`, "has_more: a string, not a boolean"},
		"more, no cursor":   {more, `[{}]`, `"has_more":true`, "has_more is true and next_cursor has no cursor"},
		"more, null cursor": {more, `[{}]`, `"has_more":true,"next_cursor":null`, "has_more is true and next_cursor has no cursor"},
		"more, no record":   {stripe, `[]`, `"has_more":true`, "has_more is true and an empty page has no cursor"},
		"a record without":  {stripe, `[{"key":{}}]`, `"has_more":true`, "the last record's key.id is missing"},
		"a record of null":  {stripe, `[{"key":{"id":null}}]`, `"has_more":true`, "the last record's key.id is empty"},
		"a record of lists": {stripe, `[{"key":{"id":[]}}]`, `"has_more":true`, "the last record's key.id: a list, not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Pagination: c.style}, func(w http.ResponseWriter, _ *http.Request) { body(w, c.records, c.rest) })
			pages, err := rentals(t, client)
			var format *remote.FormatError
			require.ErrorAs(t, err, &format)
			require.ErrorContains(t, err, "/api/rentals: "+c.want)
			require.Len(t, pages, 1)
		})
	}
}

func TestCursor_Loops(t *testing.T) {
	t.Parallel()
	n := 0
	loop := func(next map[string]string) *rest.Client {
		return serve(t, rest.Config{Pagination: rest.Cursor{}}, func(w http.ResponseWriter, r *http.Request) {
			n++ // so that only the cursor repeats
			body(w, fmt.Sprintf(`[{"id":%d}]`, n), fmt.Sprintf(`"next_cursor":%q`, next[r.URL.Query().Get("cursor")]))
		})
	}
	pages, err := rentals(t, loop(map[string]string{"": "a", "a": "a"}))
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.Len(t, pages, 2)
	pages, err = rentals(t, loop(map[string]string{"": "a", "a": "b", "b": "c", "c": "a"}))
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.Len(t, pages, 4)

	// The parameter is not known there: the first page again, with another cursor.
	random := serve(t, rest.Config{Pagination: rest.Cursor{}}, func(w http.ResponseWriter, _ *http.Request) {
		n++
		body(w, `[{"id":1},{"id":2}]`, fmt.Sprintf(`"next_cursor":%d`, n))
	})
	pages, err = rentals(t, random)
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.Len(t, pages, 1)

	empty := serve(t, rest.Config{Pagination: rest.Cursor{}}, func(w http.ResponseWriter, _ *http.Request) {
		n++
		body(w, `[]`, fmt.Sprintf(`"next_cursor":%d`, n))
	})
	_, err = rentals(t, empty)
	require.ErrorIs(t, err, remote.ErrEmptyPage)

	long := serve(t, rest.Config{Pagination: rest.Cursor{}}, func(w http.ResponseWriter, _ *http.Request) {
		body(w, `[{}]`, fmt.Sprintf(`"next_cursor":"%09000d"`, 7))
	})
	_, err = rentals(t, long)
	require.ErrorIs(t, err, remote.ErrTooLarge)
	require.Less(t, len(err.Error()), 500)
}
