package remote

import (
	"errors"
	"net/http"

	"golang.org/x/oauth2"
)

// Auth puts credentials on a request. It is called once a request, just before
// that is sent, for the hosts of Config.BaseURL and Config.Hosts only. It may set headers and query
// values; what it sets is kept out of errors. It is safe for concurrent use, and
// waits no longer than the request's context.
type Auth interface {
	Authorize(req *http.Request) error
}

// AuthFunc makes an [Auth] of a function.
type AuthFunc func(req *http.Request) error

// Authorize calls f.
func (f AuthFunc) Authorize(req *http.Request) error { return f(req) }

var (
	_ Auth = AuthFunc(nil)
	_ Auth = bearer("")
	_ Auth = tokenSource{}
)

// Bearer sends one token, as RFC 6750 says: "Authorization: Bearer TOKEN".
func Bearer(token string) Auth { return bearer(token) }

type bearer string

// Authorize refuses an empty token, which would look like no credentials at all.
func (b bearer) Authorize(req *http.Request) error {
	if b == "" {
		return errors.New("the bearer token is empty")
	}
	req.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

// String and GoString keep the token out of a printed Config.
func (b bearer) String() string   { return "Bearer " + redacted }
func (b bearer) GoString() string { return b.String() }

// TokenSource asks src for a token before each request, so that one which
// expires in the middle of a run is renewed. Wrap src in
// [oauth2.ReuseTokenSource] where it does not keep its token itself.
func TokenSource(src oauth2.TokenSource) Auth { return tokenSource{src} }

type tokenSource struct{ src oauth2.TokenSource }

// Authorize sends the source's token under the type that the source names.
func (t tokenSource) Authorize(req *http.Request) error {
	token, err := t.src.Token()
	if err != nil {
		return err
	}
	if token == nil || token.AccessToken == "" {
		return errors.New("the token source has no token")
	}
	token.SetAuthHeader(req)
	return nil
}

// String and GoString keep the token out of a printed Config.
func (t tokenSource) String() string   { return "TokenSource " + redacted }
func (t tokenSource) GoString() string { return t.String() }
