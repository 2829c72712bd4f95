package wire_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

func TestCheckResponse(t *testing.T) {
	t.Parallel()
	require.NoError(t, wire.CheckResponse(&http.Response{StatusCode: 204}))

	req, err := http.NewRequest(http.MethodPost, "https://me:pw@example.com/a?b=1&api_key=k3y", nil)
	require.NoError(t, err)
	req.Header.Set("X-Api-Key", "header-key")
	err = wire.CheckResponse(&http.Response{
		StatusCode: 422, Request: req, Body: io.NopCloser(strings.NewReader("no k3y, no header-key")),
	})
	require.EqualError(t, err, "POST https://example.com/a?b=1&api_key=[redacted]: 422 Unprocessable Entity: no [redacted], no [redacted]")

	err = wire.CheckResponse(&http.Response{StatusCode: 599, Header: http.Header{}})
	require.ErrorIs(t, err, remote.ErrUnavailable)
}
