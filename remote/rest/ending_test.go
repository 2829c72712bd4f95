package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/rest"
)

// Each style can be told by a member where the list ends.
func TestEnding(t *testing.T) {
	t.Parallel()
	for name, style := range map[string]rest.Pagination{
		"page number":     rest.PageNumber{Param: "page", EndPath: "meta.last"},
		"page number, ¬":  rest.PageNumber{Param: "page", MorePath: "meta.more"},
		"offset":          rest.Offset{EndPath: "meta.last"},
		"offset, ¬":       rest.Offset{MorePath: "meta.more"},
		"cursor":          rest.Cursor{Path: "next", EndPath: "meta.last"},
		"cursor, ¬":       rest.Cursor{Path: "next", MorePath: "meta.more"},
		"next URL":        rest.NextURL{Path: "url", EndPath: "meta.last"},
		"next URL, ¬":     rest.NextURL{Path: "url", MorePath: "meta.more"},
		"last record":     rest.Cursor{LastRecord: "id", EndPath: "meta.last"},
		"left out":        rest.Cursor{Path: "next", EndPath: "last_or_none", Omitted: true},
		"left out, ¬":     rest.Cursor{Path: "next", MorePath: "more_or_none", Omitted: true},
		"number":          rest.Offset{EndPath: "number"},
		"shorter pages":   rest.Offset{EndPath: "meta.last"},
		"beside a total":  rest.PageNumber{EndPath: "meta.last"},
		"beside a number": rest.PageNumber{TotalPagesPath: "pages", EndPath: "meta.last"},
	} {
		asked := 0
		pages, err := rentals(t, serve(t, rest.Config{Pagination: style, PerPage: 5}, func(w http.ResponseWriter, r *http.Request) {
			asked++
			from := param(r, "offset", 0) + 5*(param(r, "page", 1)-1) + param(r, "cursor", 0)
			records, _ := shelf{15, 5}.records(from, 5)
			last := from >= 10
			members := []string{fmt.Sprintf(`"meta":{"last":%t,"more":%t},"next":%d,"url":"?offset=%d","pages":99`, last, !last, from+5, from+5)}
			if last {
				members = append(members, `"last_or_none":true,"number":1`)
			} else {
				members = append(members, `"more_or_none":true,"number":0`)
			}
			body(w, records, members...)
		}))
		require.NoError(t, err, name)
		require.Equal(t, 3, asked, "%s: no page is asked for after the last", name)
		requireAll(t, 15, pages)
	}
	for _, style := range []rest.Pagination{rest.Offset{EndPath: "end"}, rest.PageNumber{EndPath: "end"}, rest.NextURL{EndPath: "end"}, rest.Cursor{EndPath: "end"}} {
		_, err := rentals(t, serve(t, rest.Config{Pagination: style}, func(w http.ResponseWriter, _ *http.Request) { body(w, `[{"id":1}]`) }))
		require.ErrorContains(t, err, "end is missing, which says whether there is another page")
	}
	for _, style := range []rest.Pagination{rest.Offset{EndPath: "a", MorePath: "b"}, rest.PageNumber{EndPath: "a", MorePath: "b"}, rest.NextURL{EndPath: "a", MorePath: "b"}, rest.Cursor{EndPath: "a", MorePath: "b"}} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Pagination: style})
		require.ErrorContains(t, err, "MorePath and EndPath: want one of them")
	}
}
