package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// versioned is a list with a state, answered as net/http does.
func versioned(headers http.Header) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for name, values := range headers {
			w.Header()[name] = values
		}
		unchanged := r.Header.Get("If-None-Match") != "" && r.Header.Get("If-None-Match") == headers.Get("Etag") ||
			r.Header.Get("If-Modified-Since") != "" && r.Header.Get("If-Modified-Since") >= headers.Get("Last-Modified")
		if unchanged && r.URL.Query().Get("page") == "" {
			w.Header().Set("Link", `<rentals?page=2>; rel="next"`) // not to be followed
			w.WriteHeader(304)
			return
		}
		answer(200, jsonType, `{"rentals":[{"id":1}]}`)(w, r)
	}
}

func TestClient_Conditional(t *testing.T) {
	t.Parallel()
	const modified = "Thu, 01 Jan 2026 12:00:00 GMT"
	for name, headers := range map[string]http.Header{
		"strong":        {"Etag": {`"a b"`}},
		"weak":          {"Etag": {`W/"1"`}, "Last-Modified": {"soon"}},
		"bare":          {"Etag": {`abc`}},
		"last modified": {"Last-Modified": {modified}, "Date": {"Thu, 01 Jan 2026 12:00:01 GMT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{Conditional: true}, versioned(headers))
			pages, err := rentals(t, client)
			require.NoError(t, err)
			validator := pages[0].Validator
			require.NotEmpty(t, validator)
			pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Validator: validator})
			require.NoError(t, err)
			require.Len(t, pages, 1)
			require.True(t, pages[0].NotModified)
			require.Empty(t, pages[0].Objects)
			require.Equal(t, 1, pages[0].Requests)

			// Another API's validator says nothing, nor does a client that is not
			// conditional ask with one.
			_, foreign, _ := strings.Cut(validator, " ")
			for _, v := range []string{foreign, "x " + foreign, "", "é\x00"} {
				pages, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Validator: v})
				require.NoError(t, err)
				require.False(t, pages[0].NotModified)
			}
			pages, err = collect(t, t.Context(), serve(t, rest.Config{}, versioned(headers)), remote.Request{Endpoint: "rentals", Validator: validator})
			require.NoError(t, err)
			require.False(t, pages[0].NotModified)
			require.Empty(t, pages[0].Validator)
		})
	}
	for name, headers := range map[string]http.Header{
		"nothing":            {},
		"in the same second": {"Last-Modified": {modified}, "Date": {modified}},
		"not a time":         {"Last-Modified": {"soon"}},
		"not text":           {"Etag": {"\"\xff\""}},
		"too long":           {"Etag": {`"` + strings.Repeat("x", 2000) + `"`}},
	} {
		pages, err := rentals(t, serve(t, rest.Config{Conditional: true}, versioned(headers)))
		require.NoError(t, err, name)
		require.Empty(t, pages[0].Validator, name)
	}
}

func TestClient_NotModifiedUnasked(t *testing.T) {
	t.Parallel()
	_, err := rentals(t, serve(t, rest.Config{Conditional: true}, answer(304, jsonType, "")))
	var of *remote.Error
	require.ErrorAs(t, err, &of)
	require.Equal(t, 304, of.Status)
}
