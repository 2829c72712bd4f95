package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Auth puts credentials on a request. It is called once for each request, just before
// that is sent, for the hosts of Config.BaseURL and Config.Hosts only. It may set headers
// and query values; what it sets is kept out of errors. It is safe for concurrent use,
// and waits no longer than the request's context.
type Auth interface {
	Authorize(req *http.Request) error
}

// Renewer is an Auth whose credentials may die before their time. Where an answer
// is 401, Renew is called with the request that was refused, which holds the dead
// credentials. After nil the request is authorized and sent again, once. Requests
// that were refused at the same time call it at the same time: the first asks for new
// credentials, the others find that there are some.
type Renewer interface {
	Auth
	Renew(refused *http.Request) error
}

// AuthFunc makes an [Auth] of a function.
type AuthFunc func(req *http.Request) error

// Authorize calls f.
func (f AuthFunc) Authorize(req *http.Request) error { return f(req) }

var (
	_ Auth = AuthFunc(nil)
	_ Auth = hidden{}
)

// Bearer sends one token, as RFC 6750 says: "Authorization: Bearer TOKEN".
func Bearer(token string) Auth {
	return hidden{"Bearer", func(req *http.Request) error {
		// An empty token would look like no credentials at all.
		if token == "" {
			return errors.New("the bearer token is empty")
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return nil
	}}
}

// Basic sends a user name and a password, as RFC 7617 says. One of them may be
// empty: some APIs take a key as the name, and no password.
func Basic(user, password string) Auth {
	return hidden{"Basic", func(req *http.Request) error {
		switch {
		case user == "" && password == "":
			return errors.New("the user name and the password are empty")
		case strings.Contains(user, ":"):
			return errors.New("the user name has a colon, which would end it")
		}
		req.SetBasicAuth(user, password)
		return nil
	}}
}

// APIKeyHeader sends a key in its own header: "X-Api-Key: KEY".
func APIKeyHeader(header, key string) Auth {
	return hidden{"APIKeyHeader " + header, func(req *http.Request) error {
		if header == "" || key == "" {
			return errors.New("the API key or the name of its header is empty")
		}
		req.Header.Set(header, key)
		return nil
	}}
}

// APIKeyQuery sends a key as a query parameter: "?api_key=KEY". Prefer a header
// where the API takes one: a URL is written to the logs of proxies and servers.
func APIKeyQuery(parameter, key string) Auth {
	return hidden{"APIKeyQuery " + parameter, func(req *http.Request) error {
		if parameter == "" || key == "" {
			return errors.New("the API key or the name of its parameter is empty")
		}
		pair := url.QueryEscape(parameter) + "=" + url.QueryEscape(key)
		if req.URL.RawQuery != "" {
			pair = "&" + pair
		}
		req.URL.RawQuery += pair // the order of the others is the remote's
		return nil
	}}
}

// TokenSource asks src for a token before each request, so that one which
// expires in the middle of a run is renewed. Wrap src in
// [oauth2.ReuseTokenSource] where it does not keep its token itself. See
// package remote/oauth for refresh tokens, and [TokenError] for the errors of src.
func TokenSource(src oauth2.TokenSource) Auth {
	return hidden{"TokenSource", func(req *http.Request) error {
		token, err := src.Token()
		if err != nil {
			return TokenError(err)
		}
		if token == nil || token.AccessToken == "" {
			return errors.New("the token source has no token")
		}
		token.SetAuthHeader(req)
		return nil
	}}
}

// hidden is an Auth that prints as its kind. What it knows is behind a function,
// where neither a verb of fmt nor an encoder gets at it.
type hidden struct {
	kind      string
	authorize func(req *http.Request) error
}

func (h hidden) Authorize(req *http.Request) error { return h.authorize(req) }
func (h hidden) String() string                    { return h.kind + " " + redacted }
func (h hidden) GoString() string                  { return h.String() }
