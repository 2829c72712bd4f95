package peer_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// ask makes a request of a peer, and returns the status and the body of the answer.
func ask(t *testing.T, srv *httptest.Server, method, path, guid, body string, set func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+tokens["one"])
	req.Header.Set("Synced-Peer", guid)
	if set != nil {
		set(req)
	}
	answer, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestContract_C331_Strangers(t *testing.T) {
	onBoth(t, func(t *testing.T, handler, client string) {
		center := newSite(t, handler, "center", peer.Config{})
		srv := center.serve(t, peer.HandlerConfig{MaxBodyBytes: 10_000, LetDecide: func(name string) bool { return name == "two" }})
		hello := `{"protocol":"1.0","guid":"g1"}`
		as := func(token string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
		}
		check := func(status int, says, method, path, guid, body string, set func(*http.Request)) {
			t.Helper()
			got, text := ask(t, srv, method, path, guid, body, set)
			require.Equal(t, status, got, text)
			require.Contains(t, text, says)
		}
		check(401, "unknown peer", "POST", "/hello", "", hello, as("wrong"))
		check(401, "unknown peer", "GET", "/changes?after=0", "g1", "", as(""))
		check(401, "say hello first", "GET", "/changes?after=0", "g1", "", nil)
		check(200, `"decides":true`, "POST", "/x/hello", "", hello, nil)
		check(403, "another name", "POST", "/hello", "", `{"protocol":"1.0","guid":"g1","decides":true}`, as(tokens["two"]))
		check(401, "say hello first", "GET", "/changes?after=0", "g1", "", as(tokens["two"]))
		check(426, "newer protocol", "POST", "/hello", "", `{"protocol":"2.0","guid":"g1"}`, nil)
		check(200, "protocol", "POST", "/hello", "", `{"protocol":"1.9","guid":"g1","new":[1]}`, nil)
		check(400, "each of the two would decide", "POST", "/hello", "", `{"protocol":"1.0","guid":"g1","decides":true}`, nil)
		check(400, "is a copy", "POST", "/hello", "", `{"protocol":"1.0","guid":"`+center.p.GUID()+`"}`, nil)

		check(404, "no such path", "GET", "/other", "g1", "", nil)
		check(404, "no such path", "GET", "/live", "", "", nil)
		check(405, "no such method", "DELETE", "/changes", "g1", "", nil)
		check(400, "position", "GET", "/changes?after=-2", "g1", "", nil)
		for _, bad := range []string{"", "{", `{"after":0,"after":0}`, "{}{}", `{"after":0,"upto":-1}`, "\"\xff\"", `{"after":0,"upto":1,"changes":[{}]}`, `{"after":0,"upto":1,"changes":[{"seq":2,"origin":"g1","model":"posts","row":{"key":["1"]},"op":"delete","version":"1-g1"}]}`} {
			check(400, "bad message", "POST", "/changes", "g1", bad, nil)
		}
		check(413, "too large", "POST", "/changes", "g1", strings.Repeat(" ", 10_001), nil)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(make([]byte, 1_000_000))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		check(413, "too large", "POST", "/changes", "g1", packed.String(), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })

		// A batch follows the last one, and a model that is not known here stops nothing.
		batch := `{"after":-1,"upto":3,"changes":[{"seq":1,"last":true,"origin":"g1","origin_seq":1,"model":"secrets","row":{"key":["1"]},"op":"create","new":{"a":1},"version":"1-g1"},` +
			`{"seq":3,"last":true,"origin":"g1","origin_seq":3,"model":"tags","row":{"key":["red"]},"op":"create","new":{"name":"red"},"version":"2-g1"}]}`
		check(409, `"expected":-1`, "POST", "/changes", "g1", `{"after":2,"upto":3}`, nil)
		check(200, `"received":3,"processed":3`, "POST", "/changes", "g1", batch, nil)
		check(409, `"expected":3`, "POST", "/changes", "g1", batch, nil)
		require.Equal(t, []string{"red"}, center.Column(t, "SELECT name FROM tags"))
		list, err := center.p.Failures(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, `there is no model "secrets" here`, list[0].Error)

		// The client says what is wrong, and shows no secret.
		field := newSite(t, client, "one", peer.Config{})
		c, err := peer.NewClient(field.p, peer.ClientConfig{Decides: true, Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer(tokens["one"]), Retry: wire.Retry{Max: -1}}})
		require.NoError(t, err)
		_, err = c.Exchange(t.Context())
		require.ErrorContains(t, err, "each of the two would decide")
		c, err = peer.NewClient(field.p, peer.ClientConfig{Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer("a wrong secret"), Retry: wire.Retry{Max: -1}}})
		require.NoError(t, err)
		_, err = c.Exchange(t.Context())
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		require.NotContains(t, err.Error(), "secret")
	})
}
