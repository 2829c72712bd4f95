package rest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

type sourceFunc func() (*oauth2.Token, error)

func (f sourceFunc) Token() (*oauth2.Token, error) { return f() }

// secret has characters that are written differently in URLs and in JSON.
const secret = "s3/cr+t=&<tok en>"

// auths puts it on a request in every way.
func auths() map[string]wire.Auth {
	return map[string]wire.Auth{
		"bearer": wire.Bearer(secret),
		"source": wire.TokenSource(sourceFunc(func() (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: secret}, nil
		})),
		"header": wire.AuthFunc(func(r *http.Request) error { r.Header.Set("X-Odd", secret); return nil }),
		"basic":  wire.Basic("user", secret),
		"key":    wire.APIKeyHeader("X-Other", secret),
		"odd":    wire.APIKeyQuery("odd one", secret),
		"query": wire.AuthFunc(func(r *http.Request) error {
			r.URL.RawQuery += "&odd=" + url.QueryEscape(secret)
			return nil
		}),
	}
}

func TestAuth_IsNeverInAnError(t *testing.T) {
	t.Parallel()
	basic := base64.StdEncoding.EncodeToString([]byte("user:" + secret))
	spellings := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.ReplaceAll(secret, "/", `\/`),
		"s3/cr+t=&amp;&lt;tok en&gt;",
	}
	var answers []http.HandlerFunc
	for _, pad := range []int{0, 150, 190} { // also where the excerpt is cut
		text := strings.Repeat("-", pad)
		for _, s := range append(slices.Clone(spellings), basic) {
			text += " token " + s
		}
		answers = append(answers,
			answer(401, "text/plain", text),
			answer(200, "text/html", text),
			answer(200, jsonType, `{"rentals":[{"id":1}], "`+strings.Repeat("-", pad)+secret+`":{"a":"`+secret+"\xff\"}}"),
			answer(200, jsonType, `{"`+secret+`":1,"text":"`+secret+`"}`),
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Updated-Since-Request-Synced-At", secret)
				answer(200, jsonType, `{"rentals":[]}`)(w, r)
			},
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Request-Id", secret)
				answer(500, jsonType, "")(w, r)
			},
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://example.com/"+url.PathEscape(secret)+"?q="+url.QueryEscape(secret), http.StatusFound)
			},
			linked(func(*http.Request) string { return "http://example.com/" + url.PathEscape(secret) }),
			linked(func(*http.Request) string { return "?x=" + url.QueryEscape(secret) }),
		)
	}
	for name, auth := range auths() {
		for i, handler := range answers {
			_, err := rentals(t, serve(t, rest.Config{Auth: auth}, handler))
			require.Error(t, err)
			hidden := append(slices.Clone(spellings), "s3/cr", "s3%2Fcr", "tok en", "tok+en")
			if name == "basic" {
				hidden = append(hidden, basic)
			}
			for _, s := range hidden {
				require.NotContains(t, fmt.Sprintf("%v %+v", err, err), s, "%s %d", name, i)
			}
		}
	}
}

func TestAuth_IsNotInATransportError(t *testing.T) {
	t.Parallel()
	for name, auth := range auths() {
		own := &http.Client{Transport: failing{}}
		_, err := rentals(t, serve(t, rest.Config{Auth: auth, HTTP: own}, answer(200, jsonType, "")))
		require.ErrorIs(t, err, errBroken, name)
		require.NotContains(t, err.Error(), "s3", name)
		var u *url.Error
		require.False(t, errors.As(err, &u), "its URL has the query")
	}
}

var errBroken = errors.New("broken")

type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%w with %v and %s", errBroken, r.Header, r.URL)
}

func TestAuth_Printed(t *testing.T) {
	t.Parallel()
	all := auths()
	all["client credentials"] = wire.ClientCredentials(&clientcredentials.Config{ClientSecret: secret})
	for name, auth := range all {
		config := rest.Config{BaseURL: "https://example.com", Auth: auth}
		client, err := rest.NewClient(config)
		require.NoError(t, err)
		for _, v := range []any{auth, config, &config, client, *client, []any{auth}} {
			encoded, _ := json.Marshal(v)
			var text, lines bytes.Buffer
			slog.New(slog.NewTextHandler(&text, nil)).Info("auth", "value", v)
			slog.New(slog.NewJSONHandler(&lines, nil)).Info("auth", "value", v)
			printed := fmt.Sprintf("%v %+v %#v %d %s %q %x", v, v, v, v, v, v, v) + string(encoded) + text.String() + lines.String()
			require.NotContains(t, printed, "s3/cr", name)
			require.NotContains(t, printed, hex.EncodeToString([]byte("s3/cr")), name)
		}
	}
	require.Equal(t, "APIKeyHeader X-Api-Key [redacted]", fmt.Sprintf("%+v", wire.APIKeyHeader("X-Api-Key", secret)))
}

func TestAuth_Sends(t *testing.T) {
	t.Parallel()
	for want, auth := range map[string]wire.Auth{
		"Authorization: Basic dXNlcjo=":     wire.Basic("user", ""),
		"Authorization: Basic OnNlY3JldA==": wire.Basic("", "secret"),
		"X-Api-Key: secret":                 wire.APIKeyHeader("x-api-key", "secret"),
		"?b=2&a=1&api+key=s%2F%26":          wire.APIKeyQuery("api key", "s/&"),
	} {
		req := httptest.NewRequest(http.MethodGet, "/?b=2&a=1", nil)
		require.NoError(t, auth.Authorize(req))
		if name, value, ok := strings.Cut(want, ": "); ok {
			require.Equal(t, value, req.Header.Get(name))
			continue
		}
		require.Equal(t, want, "?"+req.URL.RawQuery)
	}
}

// seen notes the URLs that a pagination gets.
type seen struct {
	rest.LinkHeader
	urls *[]string
}

func (s seen) Next(resp *rest.Response) (*url.URL, error) {
	*s.urls = append(*s.urls, resp.URL.RawQuery)
	return s.LinkHeader.Next(resp)
}

// Many APIs repeat the whole query in their links.
func TestAPIKeyQuery_RepeatedInTheLinks(t *testing.T) {
	t.Parallel()
	var asked, urls []string
	client := serve(t, rest.Config{Auth: wire.APIKeyQuery("odd", secret), Pagination: seen{urls: &urls}, Retry: wire.Retry{Max: -1}}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		if len(asked) == 3 {
			answer(500, jsonType, "")(w, r)
			return
		}
		w.Header().Set("Link", fmt.Sprintf(`</api/rentals?page=%d&odd=%s&z=1>; rel="next"`, len(asked)+1, url.QueryEscape(secret)))
		answer(200, jsonType, fmt.Sprintf(`{"rentals":[{"id":%d}]}`, len(asked)))(w, r)
	})
	_, err := rentals(t, client)
	var e *remote.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "/api/rentals?page=3&z=1&odd=[redacted]", e.URL[strings.Index(e.URL, "/api"):])
	key := "odd=" + url.QueryEscape(secret)
	require.Equal(t, []string{key, "page=2&z=1&" + key, "page=3&z=1&" + key}, asked)
	require.Equal(t, []string{"", "page=2&z=1"}, urls)
}

func TestAuth_Refuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("the grant is gone")
	for want, auth := range map[string]wire.Auth{
		"the bearer token is empty":                         wire.Bearer(""),
		"the user name and the password are empty":          wire.Basic("", ""),
		"the user name has a colon, which would end it":     wire.Basic("a:b", secret),
		"the API key or the name of its header is empty":    wire.APIKeyHeader("X-Api-Key", ""),
		"the API key or the name of its parameter is empty": wire.APIKeyQuery("", secret),
		"the token source has no token": wire.TokenSource(sourceFunc(func() (*oauth2.Token, error) {
			return &oauth2.Token{}, nil
		})),
		"the grant is gone": wire.TokenSource(sourceFunc(func() (*oauth2.Token, error) { return nil, broken })),
	} {
		client := serve(t, rest.Config{Auth: auth}, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
		_, err := rentals(t, client)
		require.ErrorContains(t, err, "/api/rentals: authorize: "+want)
	}
	client := serve(t, rest.Config{Auth: wire.TokenSource(sourceFunc(func() (*oauth2.Token, error) { return nil, broken }))}, nil)
	_, err := rentals(t, client)
	require.ErrorIs(t, err, broken)
}

func TestTokenSource_IsAskedForEachRequest(t *testing.T) {
	t.Parallel()
	n := 0
	var got []string
	auth := wire.TokenSource(sourceFunc(func() (*oauth2.Token, error) {
		n++
		return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", n)}, nil
	}))
	client := serve(t, rest.Config{Auth: auth}, linked(func(r *http.Request) string {
		got = append(got, r.Header.Get("Authorization"))
		return map[string]string{"": "?page=2"}[r.URL.RawQuery]
	}))
	_, err := rentals(t, client)
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer token-1", "Bearer token-2"}, got)
}
