package reports_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// line is a record of a CSV, whose values are texts.
type line struct {
	SyncedID int64    `json:"id" db:"synced_id"`
	Name     string   `json:"name" db:"name"`
	Price    *float64 `json:"price" db:"price" synced:"number"`
}

// streamed binds T to the lists of a handler.
func streamed[T any](t *testing.T, b *harness.Bundle, config rest.Config, handler http.HandlerFunc) *synced.Model[T] {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	config.BaseURL, config.Retry, config.Breaker = srv.URL, wire.Retry{Max: -1}, wire.Breaker{Failures: -1}
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	return harness.Model(t, b, synced.Synced[T]{
		Table: "things", Endpoint: "things", API: api, Remove: synced.Destroy{Limit: 1},
		Strategy: strategy.Full{},
	})
}

func TestContract_C195_AStreamCutShortRemovesNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		t.Run("lines", func(t *testing.T) {
			all := "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n{\"id\":3,\"name\":\"c\"}\n"
			text, hangsUp := all, false
			m := streamed[thing](t, b, rest.Config{Body: rest.NDJSON{}}, func(w http.ResponseWriter, r *http.Request) {
				if id, one := strings.CutPrefix(r.URL.Path, "/things/"); one {
					if strings.Contains(all, `"id":`+id+`,`) {
						_, _ = fmt.Fprintf(w, `{"id":%s,"name":"x"}`, id)
						return
					}
					http.NotFound(w, r)
					return
				}
				if !hangsUp {
					w.Header().Set("Content-Length", fmt.Sprint(len(all)))
					_, _ = io.WriteString(w, text)
					return
				}
				conn, buf, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = buf.WriteString("HTTP/1.0 200 OK\r\n\r\n" + text)
					_ = buf.Flush()
					_ = conn.Close()
				}
			})
			require.Equal(t, 3, harness.Sync(t, m, synced.NoScope).Created)
			for at := 0; at < len(all); at += 5 {
				text, hangsUp = all[:at], false
				_, err := m.Synchronize(ctx, synced.NoScope)
				require.ErrorContains(t, err, "cut short", "%q", text)
			}
			text, hangsUp = all[:20], true // at the end of a line, and nothing tells that it is not all
			result := harness.Sync(t, m, synced.NoScope)
			require.Zero(t, result.Removed, result)
			require.Equal(t, []int{1, 2, 3}, idsOf(t, m))

			all = "{\"id\":1,\"name\":\"a\"}\n{\"id\":3,\"name\":\"c\"}\n"
			text, hangsUp = all, false
			result = harness.Sync(t, m, synced.NoScope)
			require.Equal(t, 1, result.Removed, result)
		})
	})
}

func TestContract_C196_ACSVIsObjectsOfTexts(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := streamed[line](t, b, rest.Config{Body: rest.CSV{Comma: ';', Null: true, Numbers: []string{"id"}}}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "\xef\xbb\xbfid;name;price\r\n1;\"=1+1; \"\"a\"\"\nb\";12.5\r\n2;c;\r\n")
		})
		require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created)
		rows := harness.All(t, m)
		require.Equal(t, "=1+1; \"a\"\nb", rows[0].Name)
		require.InDelta(t, 12.5, *rows[0].Price, 0)
		require.Nil(t, rows[1].Price)
		require.Zero(t, harness.Sync(t, m, synced.NoScope).Updated)
	})
}
