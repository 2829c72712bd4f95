package full_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// nothing answers each request with an empty list, without a network.
type nothing struct{}

func (nothing) RoundTrip(req *http.Request) (*http.Response, error) {
	const body = `{"rentals":[],"meta":{"deleted_ids":[]}}`
	return &http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{
		"Content-Type": {"application/json"}, "X-Updated-Since-Request-Synced-At": {"2026-01-01 12:00:00 UTC"}, "Date": {"Thu, 01 Jan 2026 12:00:00 GMT"},
	}}, nil
}

// BenchmarkIdle is the incremental run of a scope of which nothing is new, its request
// included, but no network.
func BenchmarkIdle(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *harness.Bundle) {
		api, err := rest.NewClient(rest.Config{BaseURL: "https://api.example.com/v3", Auth: wire.Bearer("token-of-account-1"), HTTP: &http.Client{Transport: nothing{}}})
		require.NoError(b, err)
		declared := harness.Incremental(strategy.UpdatedSince{})
		declared.API, declared.Remove = api, synced.Destroy{}
		rentals := harness.Model(b, d, declared)
		for range 2 {
			harness.Sync(b, rentals, synced.In(1))
		}
		b.ReportAllocs()
		for b.Loop() {
			result, err := rentals.Synchronize(b.Context(), synced.In(1))
			if err != nil || result.Requests != 1 {
				b.Fatal(result, err)
			}
		}
	})
}
