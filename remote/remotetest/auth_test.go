package remotetest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestAuth_BasicHeaderAndQuery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		auth              remotetest.Auth
		token, other      string
		path, header, has string
	}{
		{remotetest.Auth{Basic: true}, "ann:secret", "bob:x", "/rentals", "Authorization", "Basic YW5uOnNlY3JldA=="},
		{remotetest.Auth{Header: "X-Api-Key"}, "key", "other", "/rentals", "X-Api-Key", "key"},
		{remotetest.Auth{Query: "api_key"}, "key", "other", "/rentals?api_key=key", "X-Other", "x"},
	} {
		srv := setup(t, remotetest.Config{Auth: c.auth, Token: c.token}, 11)
		srv.Account(c.other).Collection("rentals")
		resp := ask(t, srv, c.path, c.header, c.has)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "11", resp.Header.Get("X-Total-Count"))
		require.NotContains(t, resp.Header.Get("Link"), "key")
		require.Equal(t, c.token, srv.Log()[0].Token)
		require.Equal(t, 401, get(t, srv, "key", "/rentals").status)
		require.Equal(t, 401, ask(t, srv, "/rentals").StatusCode)
	}
	srv := setup(t, remotetest.Config{Auth: remotetest.Auth{Query: "k"}, Token: "a"}, 1)
	srv.Account("b").Collection("rentals")
	require.Equal(t, []int{1}, get(t, srv, "", "/rentals?k=a").ids)
	require.Empty(t, get(t, srv, "", "/rentals?k=b").ids)
}

func TestAccount_TokensExpire(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main", Tick: -1}, 1)
	srv.Account("main").ExpireAfter(2)
	for _, status := range []int{200, 200, 401, 401} {
		require.Equal(t, status, get(t, srv, "main", "/rentals").status)
	}
	srv.Rename("main", "fresh")
	require.Equal(t, 401, get(t, srv, "main", "/rentals").status)
	require.Equal(t, []int{1}, get(t, srv, "fresh", "/rentals").ids)
	require.Equal(t, "fresh", srv.Account("fresh").Token())
	require.Same(t, srv.Collection("rentals"), srv.Account("fresh").Collection("rentals"))

	srv.Account("fresh").ExpireAt(srv.Now().Add(time.Minute))
	require.Equal(t, 200, get(t, srv, "fresh", "/rentals").status)
	srv.Advance(time.Minute)
	require.Equal(t, 401, get(t, srv, "fresh", "/rentals").status)
}

func TestServer_RevokeAndRename(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main"}, 1)
	srv.Account("other").Collection("rentals").Put(remotetest.Record{"id": 2})
	srv.Revoke("other")
	require.Equal(t, 401, get(t, srv, "other", "/rentals").status)
	require.Equal(t, 200, get(t, srv, "main", "/rentals").status)
	srv.OnRequest(func(r remotetest.Request) { // in the middle of a run
		if r.Token == "main" {
			srv.Rename("other", "new")
		}
	})
	get(t, srv, "main", "/rentals")
	srv.OnRequest(nil)
	require.Equal(t, []int{2}, get(t, srv, "new", "/rentals").ids)
	require.PanicsWithValue(t, `remotetest: no account has the token "other"`, func() { srv.Revoke("other") })
	require.PanicsWithValue(t, `remotetest: token "main" is another account's`, func() { srv.Rename("new", "main") })
}

func TestAccount_RefreshTokensAreGoodOnce(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Token: "main", Tick: -1}, 1)
	trade := func(kind, token string) (int, map[string]any) {
		t.Helper()
		resp, err := srv.Client().PostForm(srv.TokenURL(), url.Values{"grant_type": {kind}, "refresh_token": {token}})
		require.NoError(t, err)
		defer resp.Body.Close()
		var body map[string]any
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
		return resp.StatusCode, body
	}
	first := srv.Account("main").Grant(time.Hour)
	status, body := trade("refresh_token", first)
	require.Equal(t, 200, status)
	require.Equal(t, 3600., body["expires_in"])
	require.Equal(t, "bearer", body["token_type"])
	access, second := body["access_token"].(string), body["refresh_token"].(string)
	require.Equal(t, 401, get(t, srv, "main", "/rentals").status)
	require.Equal(t, []int{1}, get(t, srv, access, "/rentals").ids)
	srv.Advance(time.Hour)
	require.Equal(t, 401, get(t, srv, access, "/rentals").status)

	_, body = trade("refresh_token", second)
	access = body["access_token"].(string)
	require.Equal(t, 200, get(t, srv, access, "/rentals").status)
	for _, token := range []string{second, body["refresh_token"].(string), "unknown"} { // the first kills the rest
		status, body := trade("refresh_token", token)
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, "invalid_grant", body["error"])
	}
	require.Equal(t, 401, get(t, srv, access, "/rentals").status)
	_, body = trade("password", "")
	require.Equal(t, "unsupported_grant_type", body["error"])
}
