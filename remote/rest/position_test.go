package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// A position is stored: it has no credentials, and leads nowhere else.
func TestContract_C179_APositionHasNoCredentials(t *testing.T) {
	t.Parallel()
	link := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"value":[],"link":%q}`, link)
	}))
	t.Cleanup(srv.Close)
	ask := func(p Position) (got, want string) {
		c, err := NewClient(Config{BaseURL: srv.URL + "/v1", HTTP: srv.Client(), Auth: wire.APIKeyQuery("sig", "abcdef123456"), RecordsKey: "value", Pagination: OnePage{}, Position: p})
		require.NoError(t, err)
		for page, err := range c.Pages(t.Context(), remote.Request{Endpoint: "users/delta"}) {
			require.NoError(t, err)
			got = page.Position
		}
		return got, p.word(c.lister.addresses) + " "
	}
	for text, kept := range map[string]string{
		srv.URL + "/v1/users/delta?$deltatoken=1":        "/v1/users/delta?$deltatoken=1",
		"/v1/users/delta?$deltatoken=1&sig=abcdef123456": "/v1/users/delta?$deltatoken=1",
		"?$skipToken=1&x=2":                              "/v1/users/delta?$skipToken=1&x=2",
		"?$deltatoken=1&access_token=1":                  "",
		"?$deltatoken=1&x=abcdef123456":                  "",
		"https://example.com/?deltatoken=1":              "",
		"//example.com/?deltatoken=1":                    "",
		"":                                               "",
	} {
		link = text
		got, word := ask(Position{Path: "link"})
		if kept != "" {
			kept = word + kept
		}
		require.Equal(t, kept, got, text)
	}
	link = "a b"
	got, word := ask(Position{Path: "link", Param: "since"})
	require.Equal(t, word+"a b", got)
	link = "abcdef123456"
	got, _ = ask(Position{Path: "link", Param: "since"})
	require.Empty(t, got)
}

// A position that another declaration was given is rejected, as one that the API no longer
// knows.
func TestContract_C179_APositionOfAnotherDeclaration(t *testing.T) {
	t.Parallel()
	for _, position := range []string{"x", "x /y", "x //example.com/", " /"} {
		for _, p := range []Position{{}, {Path: "link"}, {Path: "link", Param: "since"}} {
			c, err := NewClient(Config{BaseURL: "http://127.0.0.1:1", Position: p})
			require.NoError(t, err)
			for _, err := range c.Pages(t.Context(), remote.Request{Endpoint: "users", Position: position}) {
				require.ErrorIs(t, err, remote.ErrSinceRejected)
			}
		}
	}
	for _, c := range []Config{{Position: Position{Param: "since"}}, {Position: Position{Path: "link"}, Parameters: Parameters{JSON: "{}"}}} {
		c.BaseURL, c.Pagination = "http://127.0.0.1:1", OnePage{}
		_, err := NewClient(c)
		require.ErrorContains(t, err, "position: ")
	}
}
