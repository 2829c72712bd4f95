package run_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// An API that shows an empty list to whoever has bad credentials.
func TestContract_C63_BadCredentialsThatLookGood(t *testing.T) {
	cases := map[string]rest.Config{
		"nothing declared": {},
		"a predicate":      {Unauthorized: func(r *rest.Response) bool { return r.Header.Get("X-User") == "" }},
		"a probe":          {Probe: "me"},
	}
	for name, config := range cases {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three")
				for _, s := range []strategy.Strategy{strategy.Full{}, strategy.UpdatedSince{}} {
					d := harness.Rentals()
					d.Strategy, d.Remove = s, synced.Destroy{}
					rentals := harness.Model(t, b, d)
					harness.Sync(t, rentals, synced.In(1))
					stored := b.Column(t, "SELECT CAST(synced_at AS text) FROM synced_times")

					open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path == "/me" {
							w.WriteHeader(http.StatusUnauthorized)
							return
						}
						w.Header().Set("X-Updated-Since-Request-Synced-At", remotetest.Start.AddDate(1, 0, 0).Format("2006-01-02 15:04:05 UTC"))
						_, _ = w.Write([]byte(`{"rentals":[],"meta":{"deleted_ids":[]}}`))
					}))
					t.Cleanup(open.Close)
					config := config // the cases are shared by both stores
					config.BaseURL, config.HTTP = open.URL, open.Client()
					api, err := rest.NewClient(config)
					require.NoError(t, err)
					result, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: api})
					require.Equal(t, harness.Counts{}, harness.CountsOf(result))
					require.Len(t, harness.Names(t, rentals, synced.In(1)), 3)
					if name == "nothing declared" {
						require.NoError(t, err)
						require.Equal(t, s.String() == "full", result.Refused != nil)
						continue
					}
					require.ErrorIs(t, err, remote.ErrUnauthorized)
					require.Equal(t, stored, b.Column(t, "SELECT CAST(synced_at AS text) FROM synced_times"), "no change is skipped")
				}
			})
		})
	}
}
