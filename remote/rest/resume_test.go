package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// queryAuth sends a credential under a name that does not look like one.
var queryAuth = wire.AuthFunc(func(r *http.Request) error {
	q := r.URL.Query()
	q.Set("appid", "hunter2")
	r.URL.RawQuery = q.Encode()
	return nil
})

func TestPage_CursorGoesOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		style rest.Pagination
		tell  func(w http.ResponseWriter, r *http.Request, next string) string
	}{
		"link": {rest.LinkHeader{Stable: true}, func(w http.ResponseWriter, _ *http.Request, next string) string {
			if next != "" {
				w.Header().Set("Link", "<?after="+next+`>; rel="next"`)
			}
			return `"x":0`
		}},
		"link that shows the credential": {rest.LinkHeader{Stable: true}, func(w http.ResponseWriter, _ *http.Request, next string) string {
			if next != "" {
				w.Header().Set("Link", "<?appid=hunter2&after="+next+`>; rel="next"`)
			}
			return `"x":0`
		}},
		"next URL": {rest.NextURL{Stable: true}, func(_ http.ResponseWriter, r *http.Request, next string) string {
			if next == "" {
				return `"next":null`
			}
			return `"next":"http://` + r.Host + `/api/rentals?after=` + next + `"`
		}},
		"cursor": {rest.Cursor{Param: "after", LastRecord: "id", MorePath: "more"}, func(_ http.ResponseWriter, _ *http.Request, next string) string {
			return fmt.Sprintf(`"more":%t`, next != "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Pagination: c.style, Auth: queryAuth}, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("appid") != "hunter2" {
					t.Error("no credentials")
				}
				from, next := param(r, "after", 0), ""
				records, n := shelf{25, 10}.records(from, 10)
				if from+n < 25 {
					next = fmt.Sprint(from + n)
				}
				body(w, records, c.tell(w, r, next))
			})
			pages, err := rentals(t, client)
			require.NoError(t, err)
			requireAll(t, 25, pages)
			require.Empty(t, pages[2].Cursor)
			for i, page := range pages[:2] {
				require.Equal(t, fmt.Sprintf("/api/rentals?after=%d", 10*(i+1)), page.Cursor)
				require.False(t, page.Shifting)
				rest, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Cursor: page.Cursor})
				require.NoError(t, err)
				require.Len(t, rest, 2-i)
				require.Equal(t, 10*(i+1)+1, ids(t, rest)[0])
			}
		})
	}
}

// A cursor is stored, so it holds nothing that may be a credential.
func TestPage_CursorHoldsNoSecret(t *testing.T) {
	t.Parallel()
	auth := wire.Bearer("hunter2-hunter2")
	for _, next := range []string{
		"?after=1&api_key=x", "?page%54oken=x", "?after=hunter2-hunter2", "/hunter2-hunter2/?after=1", "//HOST//example.com/?after=1",
	} {
		client := serve(t, rest.Config{Pagination: rest.LinkHeader{Stable: true}, Auth: auth}, linked(func(r *http.Request) string {
			if r.URL.RequestURI() != "/api/rentals" {
				return ""
			}
			return strings.Replace(next, "HOST", r.Host, 1)
		}))
		pages, err := rentals(t, client)
		require.NoError(t, err, next)
		require.Len(t, pages, 2)
		require.Empty(t, pages[0].Cursor, next)
		require.False(t, pages[0].Shifting)
	}
	// The name of a cursor's parameter is declared as that of a place, and its value is looked at.
	for next, kept := range map[string]string{"CAUQAA": "/api/rentals?limit=1&pageToken=CAUQAA", "hunter2-hunter2": "", "xhunter2-hunter2": ""} {
		client := serve(t, rest.Config{Pagination: rest.Cursor{Param: "pageToken"}, PerPage: 1, Auth: auth}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("pageToken") {
				body(w, `[{"id":2}]`, `"next_cursor":null`)
				return
			}
			body(w, `[{"id":1}]`, `"next_cursor":"`+next+`"`)
		})
		pages, err := rentals(t, client)
		require.NoError(t, err)
		require.Len(t, pages, 2)
		require.Equal(t, kept, pages[0].Cursor)
	}
	client := serve(t, rest.Config{Pagination: rest.Cursor{}}, func(w http.ResponseWriter, _ *http.Request) {
		body(w, `[{}]`, `"next_cursor":"a"`)
	})
	for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals", Query: url.Values{"token": {"x"}}}) {
		require.NoError(t, err)
		require.Empty(t, page.Cursor)
		break
	}
}

func TestRequest_BadCursors(t *testing.T) {
	t.Parallel()
	never := func(http.ResponseWriter, *http.Request) { t.Error("asked") }
	client := serve(t, rest.Config{Pagination: rest.Cursor{}}, never)
	for _, cursor := range []string{
		"https://example.com/hunter2", "//example.com/hunter2", "/%zz?hunter2", "hunter2", "?hunter2", "//hunter2@" + "example.com/", "/" + strings.Repeat("x", 9000),
	} {
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Cursor: cursor})
		require.ErrorContains(t, err, "remote: cursor: ", cursor)
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Cursor: "//example.com/x"})
	require.ErrorIs(t, err, remote.ErrForeignURL)

	for _, style := range []rest.Pagination{nil, rest.NextURL{}, rest.PageNumber{}, rest.Offset{}, numbered{}} {
		_, err := collect(t, t.Context(), serve(t, rest.Config{Pagination: style}, never), remote.Request{Endpoint: "rentals", Cursor: "/api/rentals?page=2"})
		require.ErrorContains(t, err, "don't keep their place")
	}
}
