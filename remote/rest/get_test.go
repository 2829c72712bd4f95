package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestClient_Get(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{})
	t.Cleanup(srv.Close)
	srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one"}, remotetest.Record{"id": 2, "name": "two"})
	client, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), HTTP: srv.Client()})
	require.NoError(t, err)

	o, err := client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "2")
	require.NoError(t, err)
	name, err := remote.Get[string](o, "name")
	require.NoError(t, err)
	require.Equal(t, "two", name)

	for _, body := range []string{`{"rentals":{"id":2}}`, ` {"id":2} `, `{"meta":{},"rentals":[{"id":2}]}`} {
		srv.Fault(remotetest.Fault{Body: body})
		o, err := client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "2")
		require.NoError(t, err, body)
		id, err := remote.Get[int](o, "id")
		require.NoError(t, err, body)
		require.Equal(t, 2, id, body)
	}

	_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "3")
	require.ErrorIs(t, err, remote.ErrNotFound)
	for _, id := range []string{"", ".", ".."} {
		_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, id)
		require.EqualError(t, err, fmt.Sprintf(`remote: endpoint "rentals": the id %q can't be asked for by a path`, id))
	}
	srv.Fault(remotetest.Fault{Body: `{"rentals":[]}`})
	_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "2")
	require.ErrorContains(t, err, "0 records instead of one")
}

// An id is one part of the path, whatever is in it.
func TestClient_GetEscapesTheID(t *testing.T) {
	t.Parallel()
	var asked *url.URL
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL
		_, _ = w.Write([]byte(`{"rentals":[{"id":1}]}`))
	}))
	t.Cleanup(srv.Close)
	client, err := rest.NewClient(rest.Config{BaseURL: srv.URL + "/api", HTTP: srv.Client()})
	require.NoError(t, err)
	for id, path := range map[string]string{"a/b": "/api/rentals/a%2Fb", "../admin": "/api/rentals/..%2Fadmin", "a?b#c%2F": "/api/rentals/a%3Fb%23c%252F", "a b": "/api/rentals/a%20b"} {
		_, err := client.Get(t.Context(), remote.Request{Endpoint: "rentals", Query: url.Values{"x": {"1"}}}, id)
		require.NoError(t, err)
		require.Equal(t, path+"?x=1", asked.RequestURI())
	}
}

func TestRetry_Get(t *testing.T) {
	t.Parallel()
	handler, n := script(with(503, "Retry-After", "3"), answer(200, jsonType, `{"rentals":[{"id":7}]}`))
	clock := newClock()
	client := serve(t, rest.Config{Clock: clock, Retry: wire.Retry{Max: 1}}, handler)
	_, err := client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "7")
	require.NoError(t, err)
	require.EqualValues(t, 2, n.Load())
	require.Equal(t, 3*time.Second, sum(clock.slept))
}
