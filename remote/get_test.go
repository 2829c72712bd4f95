package remote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

func TestClient_Get(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{})
	t.Cleanup(srv.Close)
	srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one"}, remotetest.Record{"id": 2, "name": "two"})
	client, err := remote.NewClient(remote.Config{BaseURL: srv.URL(), HTTP: srv.Client()})
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
	_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "")
	require.ErrorContains(t, err, `endpoint "rentals/"`)
	srv.Fault(remotetest.Fault{Body: `{"rentals":[]}`})
	_, err = client.Get(t.Context(), remote.Request{Endpoint: "rentals"}, "2")
	require.ErrorContains(t, err, "0 records instead of one")
}
