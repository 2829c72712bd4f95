package remote_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/syncedgo/synced/remote"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collect reads a run to its end, and checks that an error comes once, last.
func collect(t *testing.T, ctx context.Context, api remote.API, req remote.Request) ([]*remote.Page, error) {
	t.Helper()
	var pages []*remote.Page
	var last error
	for page, err := range api.Pages(ctx, req) {
		require.NoError(t, last, "something came after an error")
		if err != nil {
			if page != nil {
				cost := &remote.Page{Number: len(pages) + 1, Requests: page.Requests, Bytes: page.Bytes}
				require.Equal(t, cost, page, "only what it cost")
			}
			last = err
			continue
		}
		pages = append(pages, page)
	}
	return pages, last
}

// rentals reads the endpoint most tests have.
func rentals(t *testing.T, api remote.API) ([]*remote.Page, error) {
	t.Helper()
	return collect(t, t.Context(), api, remote.Request{Endpoint: "rentals"})
}
