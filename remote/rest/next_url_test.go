package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestNextURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		style   rest.NextURL
		config  rest.Config
		members string // with the place of the URL
		end     string
	}{
		"null":         {members: `"next":%s`, end: `"next":null`},
		"empty":        {members: `"next":%s`, end: `"next":""`},
		"left out":     {style: rest.NextURL{Omitted: true}, members: `"next":%s`, end: `"previous":null`},
		"links":        {style: rest.NextURL{Path: "links.next", Omitted: true}, members: `"links":{"self":"x","next":%s}`, end: `"links":{}`},
		"links, null":  {style: rest.NextURL{Path: "links.next", Omitted: true}, members: `"links":{"next":%s}`, end: `"links":null`},
		"link objects": {style: rest.NextURL{Path: "_links.next.href", Omitted: true}, members: `"_links":{"next":{"href":%s}}`, end: `"_links":{"self":{"href":"x"}}`},
		"OData":        {style: rest.NextURL{Path: "@odata.nextLink", Omitted: true}, members: `"@odata.context":"x","@odata.nextLink":%s`, end: `"@odata.context":"x"`},
	} {
		for _, place := range []string{"http://HOST/api/rentals?from=%d&x=a,b", "/api/rentals?from=%d&x=a,b", "?from=%d&x=a,b#f"} {
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				config := c.config
				config.Pagination = c.style
				client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
					from := param(r, "from", 0)
					records, n := shelf{20, 10}.records(from, 10)
					if from+n >= 20 {
						body(w, records, c.end)
						return
					}
					if from > 0 && r.URL.Query().Get("x") != "a,b" {
						t.Error(r.URL)
					}
					next := fmt.Sprintf(place, from+n)
					if next[0] == 'h' {
						next = "http://" + r.Host + next[len("http://HOST"):]
					}
					body(w, records, fmt.Sprintf(c.members, `"`+next+`"`))
				})
				pages, err := rentals(t, client)
				require.NoError(t, err)
				require.Len(t, pages, 2)
				requireAll(t, 20, pages)
				require.True(t, pages[0].Shifting)
				require.Empty(t, pages[0].Cursor)
			})
		}
	}
}

func TestNextURL_Errors(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`7`:                       "next: a number, not a URL",
		`{"href":"x"}`:            "next: an object, not a string or a number",
		`":"`:                     `next: ":" is not a URL`,
		`"https://example.com/x"`: "next page https://example.com/x: leads to another host or scheme",
		`"rentals"`:               "page repeated",
	} {
		client := serve(t, rest.Config{Pagination: rest.NextURL{}}, func(w http.ResponseWriter, _ *http.Request) { body(w, `[{}]`, `"next":`+value) })
		pages, err := rentals(t, client)
		require.ErrorContains(t, err, "/api/rentals: ")
		require.ErrorContains(t, err, want)
		require.Len(t, pages, 1)
	}
}

// A next URL may lead to a host that was named, with the credentials; a redirect may
// not.
func TestConfig_Hosts(t *testing.T) {
	t.Parallel()
	var other *httptest.Server
	other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret-token" {
			t.Error("no credentials")
		}
		if r.URL.RawQuery == "gone" {
			http.Redirect(w, r, other.URL+"/elsewhere", http.StatusFound)
			return
		}
		body(w, `[{"id":2}]`)
	}))
	t.Cleanup(other.Close)

	run := func(query string, hosts ...string) ([]*remote.Page, error) {
		config := rest.Config{Pagination: rest.NextURL{Stable: true, Omitted: true}, Auth: wire.Bearer("secret-token"), Hosts: hosts}
		client := serve(t, config, func(w http.ResponseWriter, _ *http.Request) {
			body(w, `[{"id":1}]`, `"next":"`+other.URL+`/files/2?`+query+`"`)
		})
		return rentals(t, client)
	}
	pages, err := run("", "https://example.com", other.URL)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, ids(t, pages))
	require.Empty(t, pages[0].Cursor, "on another host")

	_, err = run("")
	require.ErrorIs(t, err, remote.ErrForeignURL)
	_, err = run("", "https://example.com")
	require.ErrorIs(t, err, remote.ErrForeignURL)
	_, err = run("gone", other.URL)
	require.ErrorIs(t, err, remote.ErrForeignURL)
}
