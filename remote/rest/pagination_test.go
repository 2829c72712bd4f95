package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestLinkHeader(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		``:                                     "",
		` `:                                    "",
		`,`:                                    "",
		`<https://h/a?page=2>; rel="next"`:     "https://h/a?page=2",
		`<https://h/a?page=2>;rel=next`:        "https://h/a?page=2",
		`<?page=2> ; REL = "Next"`:             "?page=2",
		`</a?page=2>; rel='next'`:              "/a?page=2",
		`<a>; rel="prev"`:                      "",
		`<a>; rel="nextish"`:                   "",
		`<a>; rel="last next"`:                 "a",
		`<a>; rel=prev, <b>; rel=next`:         "b",
		`<a>; rel="prev",<b>; rel="next"`:      "b",
		`<b?fields=x,y&c=1;2>; rel="next"`:     "b?fields=x,y&c=1;2",
		`<a>; title="b, <x>; rel=next"`:        "",
		`<a>, <b>; rel=next`:                   "b",
		`<b>; rel = 'last next' ; x`:           "b",
		`<b>; rel; rel="next`:                  "b",
		`<b>; title="a;\",=\\"; rel="next"`:    "b",
		`<a,b>; rel="first", <c>; rel="next",`: "c",
	} {
		next, err := rest.LinkHeader{}.Next(&rest.Response{Header: http.Header{"Link": {header}}})
		require.NoError(t, err, header)
		if want == "" {
			require.Nil(t, next, header)
			continue
		}
		require.NotNil(t, next, header)
		require.Equal(t, want, next.String(), header)
	}
	next, err := rest.LinkHeader{}.Next(&rest.Response{Header: http.Header{"Link": {`<a>; rel="first"`, `<b>; rel="next"`}}})
	require.NoError(t, err)
	require.Equal(t, "b", next.String())

	for _, header := range []string{`nonsense`, `<b`, `b; rel="next"`, `<b> rel="next"`, `<a>; rel="prev", ?page=2`, `<:>; rel="next"`, `<>; rel="next"`} {
		_, err := rest.LinkHeader{}.Next(&rest.Response{Header: http.Header{"Link": {header}}})
		require.ErrorContains(t, err, "header Link: ", header)
	}
}

// linked serves pages of one record, each its own, that say what the next one is.
func linked(next func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if link := next(r); link != "" {
			w.Header().Set("Link", "<"+link+`>; rel="next"`)
		}
		answer(200, jsonType, fmt.Sprintf(`{"rentals":[{"id":%q}]}`, r.URL))(w, r)
	}
}

func TestClient_RelativeLinks(t *testing.T) {
	t.Parallel()
	var asked []string
	client := serve(t, rest.Config{}, linked(func(r *http.Request) string {
		asked = append(asked, r.URL.String())
		return map[string]string{
			"/api/rentals":        "?page=2#top",
			"/api/rentals?page=2": "rentals?page=3",
			"/api/rentals?page=3": "/api/rentals?page=4",
			"/api/rentals?page=4": "//" + r.Host + "/api/other",
			"/api/other":          "http://someone:pw@" + r.Host + "/api/end",
		}[r.URL.String()]
	}))
	pages, err := rentals(t, client)
	require.NoError(t, err)
	require.Len(t, pages, 6)
	require.Equal(t, "/api/end", asked[5])
}

func TestClient_RepeatedPages(t *testing.T) {
	t.Parallel()
	same := serve(t, rest.Config{}, linked(func(r *http.Request) string { return r.URL.String() }))
	pages, err := rentals(t, same)
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.Len(t, pages, 1)

	loop := serve(t, rest.Config{}, linked(func(r *http.Request) string {
		return map[string]string{"": "?page=2", "page=2": "?page=3", "page=3": "?page=2"}[r.URL.RawQuery]
	}))
	pages, err = rentals(t, loop)
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.ErrorContains(t, err, "next page http://")
	require.Len(t, pages, 3)

	endless := serve(t, rest.Config{MaxPages: 5}, linked(func(r *http.Request) string { return "?p=" + r.URL.RawQuery }))
	pages, err = rentals(t, endless)
	require.ErrorIs(t, err, remote.ErrTooManyPages)
	require.ErrorContains(t, err, "more than 5")
	require.Len(t, pages, 5)
}

func TestClient_StaysOnItsHost(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the stranger was asked")
	}))
	t.Cleanup(stranger.Close)
	auth := rest.Config{Auth: wire.Bearer("secret-token")}

	for _, to := range []string{
		stranger.URL + "/api/rentals?token=theirs", "https://example.com/", "ftp://example.com/", "file:///etc/passwd",
	} {
		client := serve(t, auth, linked(func(*http.Request) string { return to }))
		pages, err := rentals(t, client)
		require.ErrorIs(t, err, remote.ErrForeignURL, to)
		require.Len(t, pages, 1)
		require.NotContains(t, err.Error(), "theirs")

		client = serve(t, auth, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
		_, err = rentals(t, client)
		require.ErrorIs(t, err, remote.ErrForeignURL, to)
		require.NotContains(t, err.Error(), "theirs")
	}
	client := serve(t, auth, linked(func(r *http.Request) string { return "https://" + r.Host + "/api/rentals" }))
	_, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrForeignURL)
}

func TestClient_FollowsRedirectsAtHome(t *testing.T) {
	t.Parallel()
	var token string
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/rentals" {
			http.Redirect(w, r, "/v2/list", http.StatusMovedPermanently)
			return
		}
		token = r.Header.Get("Authorization")
		linked(func(r *http.Request) string {
			if r.URL.RawQuery == "" {
				return "?page=2"
			}
			return ""
		})(w, r)
	}
	pages, err := rentals(t, serve(t, rest.Config{Auth: wire.Bearer("secret-token")}, handler))
	require.NoError(t, err)
	require.Len(t, pages, 2)
	require.Equal(t, 2, pages[0].Requests)
	require.Equal(t, 1, pages[1].Requests)
	require.Equal(t, "Bearer secret-token", token)

	own := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(own.CloseIdleConnections)
	_, err = rentals(t, serve(t, rest.Config{HTTP: own}, handler))
	var e *remote.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, http.StatusMovedPermanently, e.Status)

	endless := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	})
	_, err = rentals(t, endless)
	require.ErrorContains(t, err, "stopped after 10 redirects")
}

// A URL counts as asked where it leads elsewhere, too.
func TestClient_LoopsThroughRedirects(t *testing.T) {
	t.Parallel()
	n := 0
	client := serve(t, rest.Config{MaxPages: 10}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			n++
			http.Redirect(w, r, fmt.Sprintf("?once=%d", n), http.StatusFound)
			return
		}
		linked(func(*http.Request) string { return "/api/rentals" })(w, r)
	})
	pages, err := rentals(t, client)
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.Len(t, pages, 1)
}

func TestResponse_Lookup(t *testing.T) {
	t.Parallel()
	resp := &rest.Response{Body: []byte(` {"a":{"b":{"c":1},"b.c":null},"a.b":{"d":[2]},"a.x":"y"} `)}
	for path, want := range map[string]string{
		"a.b": `{"d":[2]}`, "a.b.d": `[2]`, "a.b.c": "null", "a.x": `"y"`, "a.b.e": "", "x": "", "": "", "a.": "", ".": "",
	} {
		v, ok := resp.Lookup(path)
		require.Equal(t, want != "", ok, path)
		require.Equal(t, want, string(v), path)
	}
}

// numbered is a style of a caller's own.
type numbered struct{ last int }

func (numbered) First(url.Values, int) {}

func (n numbered) Next(resp *rest.Response) (*url.URL, error) {
	if resp.Page.Number == n.last {
		return nil, nil
	}
	return &url.URL{RawQuery: "page=" + string(rune('1'+resp.Page.Number))}, nil
}

func TestClient_OtherPagination(t *testing.T) {
	t.Parallel()
	client := serve(t, rest.Config{Pagination: numbered{last: 3}}, linked(func(*http.Request) string { return "https://example.com" }))
	pages, err := rentals(t, client)
	require.NoError(t, err)
	require.Len(t, pages, 3)
}
