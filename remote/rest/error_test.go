package rest_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestError_Statuses(t *testing.T) {
	t.Parallel()
	all := []error{remote.ErrUnauthorized, remote.ErrNotFound, remote.ErrInvalid, remote.ErrLimited, remote.ErrUnavailable}
	for status, want := range map[int]error{
		400: remote.ErrInvalid, 401: remote.ErrUnauthorized, 403: remote.ErrUnauthorized, 404: remote.ErrNotFound,
		410: remote.ErrNotFound, 422: remote.ErrInvalid, 429: remote.ErrLimited, 500: remote.ErrUnavailable,
		502: remote.ErrUnavailable, 503: remote.ErrUnavailable, 418: nil, 304: nil,
	} {
		client := serve(t, rest.Config{}, answer(status, jsonType, `{"errors":[]}`))
		_, err := rentals(t, client)
		var e *remote.Error
		require.ErrorAs(t, err, &e, status)
		require.Equal(t, status, e.Status)
		for _, sentinel := range all {
			require.Equal(t, sentinel == want, errors.Is(err, sentinel), "%d: %v", status, sentinel)
		}
	}
}

func TestError_Text(t *testing.T) {
	t.Parallel()
	srv, _ := setup(t)
	client, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer("wrong"), HTTP: srv.Client()})
	require.NoError(t, err)

	_, err = rentals(t, client)
	require.EqualError(t, err, "GET "+srv.URL()+"/rentals: 401 Unauthorized: "+
		`{"errors":[{"code":"unauthorized","title":"the token is missing or unknown"}]} (request request-1): check the credentials`)

	_, client = setup(t)
	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rental"})
	require.ErrorIs(t, err, remote.ErrNotFound)
	require.ErrorContains(t, err, "check the base URL and the endpoint")
	_, err = collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", Query: url.Values{"page": {"x"}}})
	require.ErrorIs(t, err, remote.ErrInvalid)
}

func TestError_RetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"30":                            30 * time.Second,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"9223372036854775807":           1<<63 - 1,
		"Thu, 01 Jan 2026 12:02:00 GMT": 2 * time.Minute,
		"Thu, 01 Jan 2026 11:00:00 GMT": 0,
	} {
		srv, client := setup(t)
		srv.Fault(remotetest.Fault{Status: 429, Header: http.Header{"Retry-After": {value}}})
		_, err := rentals(t, client)
		var e *remote.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, want, e.RetryAfter, value)
		if value == "30" {
			require.ErrorContains(t, err, ": retry after 30s")
		}
	}
}

func TestError_ExcerptIsShortAndClean(t *testing.T) {
	t.Parallel()
	bodies := []string{
		"a\x00b\x1b[31m\tc\n\n  d\u202e\xff",
		strings.Repeat("é", 500),
		strings.Repeat(" ", 50_000) + "late",
		strings.Repeat("x", 5<<20),
	}
	for i, body := range bodies {
		client := serve(t, rest.Config{}, answer(500, "text/plain", body))
		_, err := rentals(t, client)
		var e *remote.Error
		require.ErrorAs(t, err, &e)
		require.True(t, utf8.ValidString(e.Excerpt))
		require.LessOrEqual(t, len(e.Excerpt), 210)
		if i == 0 {
			require.Equal(t, `a\x00b\x1b[31m c d\u202e\xff`, e.Excerpt)
		}
	}
}

func TestError_Transport(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	srv.Fault(remotetest.Fault{Page: 2, Reset: true})
	_, err := rentals(t, client)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.ErrorContains(t, err, "page=2&per_page=10: ")

	srv.Close()
	_, err = rentals(t, client)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}
