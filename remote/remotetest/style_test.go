package remotetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// reader reads a list page by page, by what one answer says about the next.
type reader func(r reply, body map[string]any, ids []any) (next string, more bool)

// at reads the member at a path.
func at(body map[string]any, path ...string) any {
	var v any = body
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	return v
}

// readAll follows the pages from a path on, and returns their ids as text.
func readAll(t *testing.T, srv *remotetest.Server, path string, records []string, next reader) (pages [][]any) {
	t.Helper()
	for range 20 {
		r := get(t, srv, "", path)
		require.Equal(t, 200, r.status, "%s: %s", path, r.body)
		var body map[string]any
		var list any
		if len(records) == 0 {
			require.NoError(t, json.Unmarshal([]byte(r.body), &list))
		} else {
			require.NoError(t, json.Unmarshal([]byte(r.body), &body))
			list = at(body, records...)
		}
		ids := []any{}
		for _, record := range list.([]any) {
			ids = append(ids, record.(map[string]any)["id"])
		}
		pages = append(pages, ids)
		param, more := next(r, body, ids)
		if !more {
			return pages
		}
		path = param
	}
	t.Fatal("the pages do not end")
	return nil
}

// threePages is what readAll finds of 5 records.
var threePages = [][]any{{1., 2.}, {3., 4.}, {5.}}

func TestStyle_Like(t *testing.T) {
	t.Parallel()
	relative := func(srv *remotetest.Server, v any) (string, bool) {
		if v == nil || v == "" {
			return "", false
		}
		path, ok := strings.CutPrefix(v.(string), srv.URL())
		require.True(t, ok, v)
		return path, true
	}
	link := func(srv *remotetest.Server) reader {
		return func(r reply, _ map[string]any, _ []any) (string, bool) {
			for one := range strings.SplitSeq(r.header.Get("Link"), ", ") {
				if target, ok := strings.CutSuffix(one, `>; rel="next"`); ok {
					return relative(srv, target[1:])
				}
			}
			return "", false
		}
	}
	for name, c := range map[string]struct {
		style   remotetest.Style
		path    string
		records []string
		next    func(*remotetest.Server) reader
	}{
		"BookingSync": {remotetest.BookingSync, "/rentals?per_page=2", []string{"rentals"}, link},
		"GitHub":      {remotetest.GitHubLike, "/rentals?per_page=2", nil, link},
		"Stripe": {remotetest.StripeLike, "/rentals?limit=2", []string{"data"}, func(*remotetest.Server) reader {
			return func(r reply, body map[string]any, ids []any) (string, bool) {
				require.Empty(t, r.header.Get("Link"))
				require.Empty(t, r.header.Get("X-Total-Count"))
				more := body["has_more"].(bool)
				return fmt.Sprintf("/rentals?limit=2&starting_after=%v", ids[len(ids)-1]), more
			}
		}},
		"WordPress": {remotetest.WordPressLike, "/rentals?per_page=2", nil, func(srv *remotetest.Server) reader {
			return func(r reply, body map[string]any, ids []any) (string, bool) {
				require.Equal(t, "3", r.header.Get("X-WP-TotalPages"))
				require.Equal(t, "5", r.header.Get("X-WP-Total"))
				return link(srv)(r, body, ids)
			}
		}},
		"JSON:API": {remotetest.JSONAPILike, "/rentals?page[size]=2", []string{"data"}, func(srv *remotetest.Server) reader {
			return func(_ reply, body map[string]any, _ []any) (string, bool) {
				require.Equal(t, 5., at(body, "meta", "total"))
				return relative(srv, at(body, "links", "next"))
			}
		}},
		"OData": {remotetest.ODataLike, "/rentals?$top=2", []string{"value"}, func(srv *remotetest.Server) reader {
			return func(_ reply, body map[string]any, _ []any) (string, bool) {
				require.Equal(t, 5., body["@odata.count"])
				return relative(srv, body["@odata.nextLink"])
			}
		}},
		"CouchDB": {remotetest.CouchDBLike, "/rentals?limit=2", []string{"results"}, func(*remotetest.Server) reader {
			return func(_ reply, body map[string]any, _ []any) (string, bool) {
				return fmt.Sprintf("/rentals?limit=2&since=%v", body["last_seq"]), body["pending"].(float64) > 0
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := setup(t, remotetest.Config{Style: c.style}, 5)
			require.Equal(t, threePages, readAll(t, srv, c.path, c.records, c.next(srv)))
			var pages []int
			for _, r := range srv.Log() {
				pages = append(pages, r.Page)
			}
			require.Equal(t, []int{1, 2, 3}, pages)
		})
	}
}

func TestStyle_Offset(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Style: remotetest.Style{By: remotetest.ByOffset, Records: "data.items", Total: "data.total", Pages: "pages"}}, 5)
	r := get(t, srv, "", "/rentals?offset=3&limit=3")
	require.Contains(t, r.body, `{"data":{"items":[{"id":4,`)
	require.Contains(t, r.body, `}],"total":5},"pages":2}`)
	require.Empty(t, r.header.Get("Link"))
	require.Contains(t, get(t, srv, "", "/rentals?limit=3").header.Get("Link"), `/rentals?limit=3&offset=3>; rel="next"`)
	require.Equal(t, 422, get(t, srv, "", "/rentals?offset=-1").status)
}

func TestStyle_Cursor(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{PerPage: 2, Style: remotetest.Style{
		By: remotetest.ByCursor, Param: "after", Records: "items", NextParam: "meta.next_cursor", NextHeader: "X-Next-Cursor",
	}}, 5)
	rentals := srv.Collection("rentals")
	rentals.Put(remotetest.Record{"id": "b"}, remotetest.Record{"id": "a"})
	pages := readAll(t, srv, "/rentals", []string{"items"}, func(r reply, body map[string]any, ids []any) (string, bool) {
		cursor, more := at(body, "meta", "next_cursor").(string)
		require.Equal(t, cursor, r.header.Get("X-Next-Cursor"))
		if ids[0] == 3. { // what is gone and what is new does not shift the rest
			rentals.Delete(4)
			rentals.Put(remotetest.Record{"id": 0})
			rentals.Move("b", 0)
		}
		return "/rentals?after=" + url.QueryEscape(cursor), more
	})
	require.Equal(t, [][]any{{1., 2.}, {3., 4.}, {5., "a"}, {"b"}}, pages)
	require.Equal(t, 422, get(t, srv, "", "/rentals?after=!").status)
}

func TestStyle_LastIDIsText(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{PerPage: 1, Style: remotetest.StripeLike}, 0)
	srv.Collection("rentals").Put(remotetest.Record{"id": "b"}, remotetest.Record{"id": "a"})
	require.Contains(t, get(t, srv, "", "/rentals").body, `"id":"a"`)
	require.Contains(t, get(t, srv, "", "/rentals?starting_after=a").body, `"id":"b"`)
	require.Equal(t, `{"data":[],"has_more":false}`, get(t, srv, "", "/rentals?starting_after=b").body)
}

func TestStyle_NextNumberAndRelativeURL(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Style: remotetest.Style{
		Records: "results", Param: "p", Size: "n", NextURL: "next", Relative: true, NextParam: "next_page", NextHeader: "X-Next-Page",
	}}, 5)
	r := get(t, srv, "", "/rentals?n=3&x=1")
	require.Contains(t, r.body, `"next":"/api/v3/rentals?n=3&p=2&x=1","next_page":2}`)
	require.Equal(t, "2", r.header.Get("X-Next-Page"))
	r = get(t, srv, "", "/rentals?n=3&p=2")
	require.Contains(t, r.body, `"next":null,"next_page":null}`)
	require.NotContains(t, r.header, "X-Next-Page")

	srv = setup(t, remotetest.Config{Style: remotetest.Style{Relative: true}}, 11)
	require.Contains(t, get(t, srv, "", "/rentals").header.Get("Link"), `</api/v3/rentals?page=2>; rel="next"`)
	srv = setup(t, remotetest.Config{Style: remotetest.Style{NoLink: true}}, 11)
	require.NotContains(t, get(t, srv, "", "/rentals").header, "Link")
}

func TestStyle_Sequence(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Style: remotetest.CouchDBLike}, 3)
	rentals := srv.Collection("rentals")
	rentals.Update(1, remotetest.Record{"name": "New"})
	rentals.Delete(2)
	const updated = `{"id":1,"name":"New","updated_at":"2026-01-01T12:00:00Z"}`
	require.Equal(t, `{"results":[`+updated+`,{"_deleted":true,"id":2}],"last_seq":5,"pending":0}`, get(t, srv, "", "/rentals?since=3").body)
	require.Equal(t, `{"results":[`+updated+`],"last_seq":4,"pending":1}`, get(t, srv, "", "/rentals?since=3&limit=1").body)
	require.Equal(t, `{"results":[],"last_seq":5,"pending":0}`, get(t, srv, "", "/rentals?since=5").body)
}

func TestStyle_ID(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Style: remotetest.Style{ID: "uuid", Records: remotetest.Root}}, 0)
	rentals := srv.Collection("rentals")
	rentals.Put(remotetest.Record{"uuid": "a", "id": 1, "name": "x"})
	rentals.PutRaw(`{"uuid":"b"}`)
	rentals.Update("b", remotetest.Record{"name": "y"})
	require.Equal(t, []any{"a", "b"}, rentals.IDs())
	require.Contains(t, get(t, srv, "", "/rentals?fields=name").body, `[{"name":"x","uuid":"a"},{"name":"y","uuid":"b"}]`)
	require.Equal(t, `{"name":"y","updated_at":"2026-01-01T12:00:00Z","uuid":"b"}`, get(t, srv, "", "/rentals/b").body)
	require.Equal(t, http.StatusNotFound, get(t, srv, "", "/rentals/1").status)
}

func TestStyle_ZeroBased(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Style: remotetest.Style{ZeroBased: true}}, 25)
	r := get(t, srv, "", "/rentals?page=1")
	require.Equal(t, 11, r.ids[0])
	at := func(page int) string { return fmt.Sprintf("<%s/rentals?page=%d>; rel=", srv.URL(), page) }
	require.Equal(t, at(0)+`"first", `+at(0)+`"prev", `+at(2)+`"next", `+at(2)+`"last"`, r.header.Get("Link"))
	require.Equal(t, 1, get(t, srv, "", "/rentals").ids[0])
	require.NotContains(t, get(t, srv, "", "/rentals?page=2").header.Get("Link"), "next")
	require.Equal(t, 422, get(t, srv, "", "/rentals?page=-1").status)
	require.Equal(t, 2, srv.Log()[0].Page)
}

func TestStyle_Omitted(t *testing.T) {
	t.Parallel()
	style := remotetest.Style{Records: "data", NextURL: "links.next", NextParam: "next_page", Omitted: true}
	srv := setup(t, remotetest.Config{Style: style}, 11)
	require.Contains(t, get(t, srv, "", "/rentals").body, `"next_page":2`)
	r := get(t, srv, "", "/rentals?page=2")
	require.True(t, strings.HasSuffix(r.body, `"}]}`), r.body)
}
