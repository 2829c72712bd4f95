package harness

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/recorded"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// Replay returns a client of a server that answers as recorded.
func Replay(t testing.TB, exchanges []recorded.Exchange) *rest.Client {
	t.Helper()
	srv := recorded.Replay(t, exchanges)
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL + "/api/v3", HTTP: srv.Client(), Auth: wire.Bearer("x")})
	require.NoError(t, err)
	return api
}
