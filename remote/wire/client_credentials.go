package wire

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// ClientCredentials gets its tokens with the service's own id and secret (RFC
// 6749, 4.4). A token is kept until it expires or is answered with a 401; then one
// request asks for the next, and the others wait for it. Token requests end with
// the context of the request that needs the token, and are made by the client in
// that context ([oauth2.HTTPClient]), by http.DefaultClient where there is none;
// they follow no redirects, which would get the secret. The errors are those of
// [TokenError].
func ClientCredentials(config *clientcredentials.Config) Auth {
	return &clientCredentials{config: func() *clientcredentials.Config { return config }, turn: make(chan struct{}, 1)}
}

type clientCredentials struct {
	config func() *clientcredentials.Config // not to be printed
	token  atomic.Pointer[oauth2.Token]
	turn   chan struct{} // held by who asks for a token
}

var _ Renewer = (*clientCredentials)(nil)

// Authorize sends the token, and gets one where there is none.
func (c *clientCredentials) Authorize(req *http.Request) error {
	ctx := req.Context()
	if token := c.token.Load(); token.Valid() {
		token.SetAuthHeader(req)
		return nil
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	token := c.token.Load()
	if !token.Valid() {
		var err error
		config := c.config()
		if token, err = config.Token(withoutRedirects(ctx)); err != nil {
			return TokenError(err, secretsOfConfig(config)...)
		}
		c.token.Store(token)
	}
	token.SetAuthHeader(req)
	return nil
}

// Renew forgets the token that was refused, unless it is another one by now.
func (c *clientCredentials) Renew(refused *http.Request) error {
	token := c.token.Load()
	if token != nil && refused.Header.Get("Authorization") == token.Type()+" "+token.AccessToken {
		c.token.CompareAndSwap(token, nil)
	}
	return nil
}

func (c *clientCredentials) String() string   { return "ClientCredentials " + redacted }
func (c *clientCredentials) GoString() string { return c.String() }

// secretsOfConfig are what errors of its token requests must not show.
func secretsOfConfig(config *clientcredentials.Config) []string {
	found := []string{config.ClientSecret, url.QueryEscape(config.ClientID) + ":" + url.QueryEscape(config.ClientSecret)}
	for name, values := range config.EndpointParams {
		if looksSecret(name) {
			found = append(found, values...)
		}
	}
	return found
}

// withoutRedirects lets token requests follow no redirects: 307 and 308 would
// send the secrets on, to whatever host.
func withoutRedirects(ctx context.Context) context.Context {
	client := http.Client{}
	if given, ok := ctx.Value(oauth2.HTTPClient).(*http.Client); ok {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return context.WithValue(ctx, oauth2.HTTPClient, &client)
}
