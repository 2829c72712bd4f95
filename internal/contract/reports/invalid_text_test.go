package reports_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// A record that is not valid JSON, where it is clear where it ends, costs itself
// alone.
func TestReport_R46_InvalidTexts(t *testing.T) {
	for name, bad := range map[string]string{
		"half a pair":         `{"id":2,"name":"a\ud83d"}`,
		"no UTF-8":            "{\"id\":2,\"name\":\"a\xff\"}",
		"one name twice":      `{"id":2,"name":"a","other":1,"other":2}`,
		"a line break":        "{\"id\":2,\"name\":\"a\nb\"}",
		"an unknown escape":   `{"id":2,"name":"it\'s"}`,
		"not a number":        `{"id":2,"name":"a","price":NaN,"more":[-Infinity, Infinity]}`,
		"in what is not read": `{"name":"a","more":{"x":"\udc00"},"id":2}`,
	} {
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			t.Run(name, func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					ctx := context.Background()
					list := `{"rentals":[{"id":1,"name":"one"},` + bad + `,{"id":3,"name":"three"}]}`
					srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(list)) }))
					defer srv.Close()
					client := func(mend bool) *rest.Client {
						c, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Retry: wire.Retry{Max: -1}, ReplaceInvalid: mend})
						require.NoError(t, err)
						return c
					}
					d := harness.Rentals()
					d.API, d.Commit = client(false), commit
					m := harness.Model(t, b, d)
					_, err := m.Synchronize(ctx, synced.In(1))
					require.ErrorContains(t, err, "record 2: ")
					require.ErrorContains(t, err, "the record is not valid JSON: ")

					d.Invalid = synced.Quarantine{}
					m = harness.Bind(t, b, d)
					for _, want := range []synced.Counts{{Created: 2, Quarantined: 1}, {Unchanged: 2, Quarantined: 1}} {
						require.Equal(t, want, harness.Sync(t, m, synced.In(1)).Counts)
						require.Equal(t, []string{"one", "three"}, harness.Names(t, m, synced.In(1)))
					}
					for q, err := range m.Quarantined(ctx, synced.In(1)) {
						require.NoError(t, err)
						require.Equal(t, "2", q.ID)
						require.Contains(t, q.Error, "the record is not valid JSON: ")
					}
					diff, err := m.Check(ctx, synced.In(1))
					require.NoError(t, err)
					require.True(t, diff.Passed(), diff.String())
					require.Len(t, diff.Invalid, 1)

					// It stays where it is while the remote does not list it, and as long as
					// the remote sends it so.
					given := harness.Sync(t, m, synced.In(1), synced.Call{Records: harness.Objects(t, b, map[string]any{"id": 3, "name": "three"}), Remove: synced.KeepRows{}})
					require.Equal(t, 1, given.Quarantined)

					d.API = client(true)
					m = harness.Bind(t, b, d)
					if result := harness.Sync(t, m, synced.In(1)); name == "one name twice" {
						require.Equal(t, 1, result.Quarantined)
					} else {
						require.Equal(t, 1, result.Created)
						require.Empty(t, b.Column(t, "SELECT error FROM synced_quarantine"))
					}
				})
			})
		}
	}
}
