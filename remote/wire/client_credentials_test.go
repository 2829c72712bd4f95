package wire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// tokens is a provider's token endpoint: token-1, token-2, …
func tokens(t *testing.T, handler http.HandlerFunc) (*clientcredentials.Config, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := n.Add(1)
		if handler != nil {
			handler(w, r)
			return
		}
		answer(200, "application/json", fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, i))(w, r)
	}))
	t.Cleanup(srv.Close)
	return &clientcredentials.Config{
		ClientID: "service", ClientSecret: secret, TokenURL: srv.URL + "/token", AuthStyle: oauth2.AuthStyleInHeader,
		EndpointParams: url.Values{"password": {"hunter-22"}},
	}, &n
}

// listed reads a run to its end.
func listed(ctx context.Context, api remote.API) (pages []*remote.Page, err error) {
	for page, err := range api.Pages(ctx, remote.Request{Endpoint: "rentals"}) {
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

var errBroken = errors.New("broken")

// failing is a transport whose errors tell all that it was given.
type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%w with %v and %s", errBroken, r.Header, r.URL)
}

// fake is an API of three pages that knows two tokens.
func fake(t *testing.T) *remotetest.Server {
	t.Helper()
	srv := remotetest.New(remotetest.Config{PerPage: 1, Token: "token-0"})
	t.Cleanup(srv.Close)
	for _, token := range []string{"token-1", "token-2"} {
		srv.Account(token).Collection("rentals").Put(remotetest.Record{"id": 1}, remotetest.Record{"id": 2}, remotetest.Record{"id": 3})
	}
	return srv
}

func apiOf(t *testing.T, srv *remotetest.Server, auth wire.Auth) *rest.Client {
	t.Helper()
	client, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), HTTP: srv.Client(), Auth: auth,
		Limiter: wire.NewLimiter(wire.LimiterConfig{InFlight: 20}), Retry: wire.Retry{Max: -1}})
	require.NoError(t, err)
	return client
}

func TestClientCredentials_TokenDiesInMidRun(t *testing.T) {
	t.Parallel()
	config, asked := tokens(t, nil)
	srv := fake(t)
	srv.OnRequest(func(r remotetest.Request) {
		if r.Page == 1 { // from the second page on, it is dead
			srv.Fault(remotetest.Fault{Token: "token-1", Page: 2, Status: http.StatusUnauthorized, Times: -1})
		}
	})
	pages, err := listed(t.Context(), apiOf(t, srv, wire.ClientCredentials(config)))
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Equal(t, []int{1, 2, 1}, []int{pages[0].Requests, pages[1].Requests, pages[2].Requests})
	require.Equal(t, int64(2), asked.Load())
	var sent []string
	for _, r := range srv.Log() {
		sent = append(sent, fmt.Sprintf("%d %s", r.Page, r.Token))
	}
	require.Equal(t, []string{"1 token-1", "2 token-1", "2 token-2", "3 token-2"}, sent)
}

func TestClientCredentials_StillRefused(t *testing.T) {
	t.Parallel()
	config, asked := tokens(t, nil)
	srv := fake(t)
	srv.Fault(remotetest.Fault{Status: http.StatusUnauthorized, Times: -1})
	_, err := listed(t.Context(), apiOf(t, srv, wire.ClientCredentials(config)))
	require.ErrorIs(t, err, remote.ErrUnauthorized)
	require.Equal(t, 2, srv.Requests(), "repeated once")
	require.Equal(t, int64(2), asked.Load())

	srv.ClearFaults()
	srv.ResetLog()
	srv.Fault(remotetest.Fault{Status: http.StatusForbidden, Times: -1})
	_, err = listed(t.Context(), apiOf(t, srv, wire.ClientCredentials(config)))
	require.ErrorIs(t, err, remote.ErrUnauthorized)
	require.Equal(t, 1, srv.Requests(), "a 403 is not the token's fault")
}

func TestClientCredentials_RefusedAtOnce(t *testing.T) {
	t.Parallel()
	const runs = 20
	config, asked := tokens(t, nil)
	srv := fake(t)
	var refused sync.WaitGroup
	refused.Add(runs)
	srv.Fault(remotetest.Fault{Token: "token-1", Status: http.StatusUnauthorized, Times: -1})
	srv.OnRequest(func(r remotetest.Request) {
		if r.Token == "token-1" { // all are answered together
			refused.Done()
			refused.Wait()
		}
	})
	client := apiOf(t, srv, wire.ClientCredentials(config))
	errs := make([]error, runs)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = listed(t.Context(), client) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, int64(2), asked.Load(), "one token for all, and one after it died")
}

func TestClientCredentials_Errors(t *testing.T) {
	t.Parallel()
	echo := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			w.Header().Set("Retry-After", "7")
			answer(status, "application/json", strings.NewReplacer("$basic", r.Header.Get("Authorization"), "$secret", secret, "$form", r.Form.Encode()).Replace(body))(w, r)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		is      error
		text    string
	}{
		"invalid client": {echo(401, `{"error":"invalid_client","error_description":"no $secret in $basic of $form"}`), remote.ErrUnauthorized, "401 Unauthorized: invalid_client: no [redacted]"},
		"invalid grant":  {echo(400, `{"error":"invalid_grant","error_description":"gone"}`), remote.ErrConsentNeeded, "the account's owner must consent again: POST http"},
		"in a 200":       {echo(200, `{"error":"invalid_grant"}`), remote.ErrConsentNeeded, "invalid_grant"},
		"down":           {echo(503, `<p>$secret $basic $form</p>`), remote.ErrUnavailable, "503 Service Unavailable: retry after 7s"},
		"limited":        {echo(429, `{"access_token":"$secret"}`), remote.ErrLimited, "429 Too Many Requests: retry after 7s"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, nil, "307 Temporary Redirect"},
		"no token": {echo(200, `{"note":"$secret"}`), nil, "missing access_token"},
		"no JSON":  {echo(200, `$secret $form`), nil, "cannot parse json"},
		"endless":  {echo(200, `{"a":"`+strings.Repeat("a", 2<<20)+`"}`), nil, "cannot parse json"},
		"long":     {echo(400, `{"error":"invalid_scope","error_description":"`+strings.Repeat("a ", 1<<10)+`"}`), remote.ErrInvalid, "a…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, asked := tokens(t, c.handler)
			srv := fake(t)
			_, err := listed(t.Context(), apiOf(t, srv, wire.ClientCredentials(config)))
			require.ErrorContains(t, err, "/rentals: authorize: ")
			require.ErrorContains(t, err, c.text)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			require.Less(t, len(err.Error()), 600)
			require.Equal(t, int64(1), asked.Load())
			require.Zero(t, srv.Requests())
			requireNoSecrets(t, err)
		})
	}
}

// requireNoSecrets looks into all that an error wraps, too.
func requireNoSecrets(t *testing.T, err error) {
	t.Helper()
	var retrieve *oauth2.RetrieveError
	require.False(t, errors.As(err, &retrieve), "its body may hold secrets")
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, s := range []string{secret, url.QueryEscape(secret), "s3/cr", "s3%2Fcr", "hunter-22", "c2VydmljZTpzMy9j", "c2VydmljZTpzMyUyRmNy"} {
		require.NotContains(t, text, s)
	}
}

func TestClientCredentials_UnreachableAndCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	config, _ := tokens(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		_ = r.ParseForm()    // so that the server sees the client go
		<-r.Context().Done() // hangs
	})
	srv := fake(t)
	client := apiOf(t, srv, wire.ClientCredentials(config))
	_, err := listed(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	requireNoSecrets(t, err)

	limited, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), HTTP: srv.Client(), Auth: wire.ClientCredentials(config), Timeout: 20 * time.Millisecond})
	require.NoError(t, err)
	_, err = listed(t.Context(), limited)
	require.ErrorContains(t, err, "authorize: no whole answer within 20ms")
	require.ErrorIs(t, err, context.DeadlineExceeded)

	config.TokenURL = "http://user:hunter-22@127.0.0.1:1/token?client_secret=hunter-22"
	_, err = listed(t.Context(), client)
	require.ErrorContains(t, err, "authorize: POST http://127.0.0.1:1/token?client_secret=[redacted]: dial tcp")
	requireNoSecrets(t, err)

	own := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: failing{}})
	_, err = listed(own, client)
	require.ErrorIs(t, err, errBroken, "the context's client")
	requireNoSecrets(t, err)
	require.Zero(t, srv.Requests())
}

// renewer counts what it is asked.
type renewer struct {
	wire.Auth
	renew func(*http.Request) error
}

func (r renewer) Renew(refused *http.Request) error { return r.renew(refused) }

func TestRenewer_GivesUp(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	n := 0
	client := serve(t, wire.Config{Auth: renewer{wire.Bearer(secret), func(refused *http.Request) error {
		n++
		require.Equal(t, "Bearer "+secret, refused.Header.Get("Authorization"))
		return fmt.Errorf("%w: %s", broken, refused.Header)
	}}}, answer(401, jsonType, secret))
	_, err := rentals(t, client)
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "/api/rentals: 401 Unauthorized: renew: broken")
	require.NotContains(t, err.Error(), "s3/cr")
	require.Equal(t, 1, n)
}

// A token that was refused may still be good for something else.
func TestRenewer_KeepsTheRefusedTokenOutOfErrors(t *testing.T) {
	t.Parallel()
	var auth atomic.Value
	auth.Store("refused-token")
	client := serve(t, wire.Config{Auth: renewer{
		wire.AuthFunc(func(r *http.Request) error { r.Header.Set("Authorization", "Bearer "+auth.Load().(string)); return nil }),
		func(*http.Request) error { auth.Store("next-token"); return nil },
	}}, answer(401, "text/plain", "refused-token was followed by next-token"))
	_, err := rentals(t, client)
	require.ErrorContains(t, err, "401 Unauthorized: [redacted] was followed by [redacted]")
}
