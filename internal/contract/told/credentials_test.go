package told_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestContract_C105_EchoedCredentials(t *testing.T) {
	const key = "sk/live+92f&T=4"
	ctx := context.Background()
	each := func(format string) string {
		var s strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&s, format, c)
		}
		return s.String()
	}
	spellings := map[string]string{
		"plain": key, "query": url.QueryEscape(key), "query, lower": strings.ToLower(url.QueryEscape(key)), "path": url.PathEscape(key),
		"query twice": url.QueryEscape(url.QueryEscape(key)), "html": html.EscapeString(key), "json": each(`\u%04x`), "percent": each("%%%02x"),
		"entities": each("&#%d;"), "base64": base64.StdEncoding.EncodeToString([]byte(key)), "base64 of a pair": base64.URLEncoding.EncodeToString([]byte("me:" + key)),
		"hex": hex.EncodeToString([]byte(key)), "upper hex": strings.ToUpper(hex.EncodeToString([]byte(key))), "slashes": strings.ReplaceAll(key, "/", `\/`),
		"kept apart": key[:5] + "\u202e" + key[5:], "long": strings.Repeat("x", 40) + key,
	}
	auths := map[string]wire.Auth{
		"bearer": wire.Bearer(key), "basic": wire.Basic("me", key), "name": wire.Basic(key, ""), "header": wire.APIKeyHeader("X-Own", key), "query": wire.APIKeyQuery("own", key),
		"cookie": wire.AuthFunc(func(r *http.Request) error { r.Header.Set("Cookie", "a=b; sid="+key); return nil }),
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for how, auth := range auths {
			for name, spelled := range spellings {
				if how != "bearer" && name != "json" && name != "base64 of a pair" {
					continue
				}
				var log bytes.Buffer
				var answer http.HandlerFunc
				d := items(t, &log, rest.Config{Auth: auth, Conditional: true}, func(w http.ResponseWriter, r *http.Request) { answer(w, r) })
				d.Table = "items"
				rentals := harness.Model(t, b, d)
				hidden := func(text string) {
					t.Helper()
					text += log.String() + strings.Join(own(t, b), "\n") + strings.Join(b.Column(t, "SELECT validator FROM synced_validators"), "\n")
					for n := range spelled {
						if end := n + 8; end <= len(spelled) && !strings.Contains(spelled[n:end], "xxx") {
							require.NotContains(t, text, spelled[n:end], "%s, %s", how, name)
						}
					}
					require.NotContains(t, text, key)
				}
				failed := func() {
					t.Helper()
					result, err := rentals.Synchronize(ctx, synced.In(1))
					require.Error(t, err)
					require.Contains(t, err.Error(), "[redacted]", "%s, %s", how, name)
					hidden(err.Error() + result.String())
				}
				answer = func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(401)
					_, _ = w.Write([]byte("bad credentials: " + spelled))
				}
				failed()
				answer = func(w http.ResponseWriter, r *http.Request) { // in a field
					list(w, map[string]any{"id": "1", "name": "x", "rank": spelled})
				}
				failed()
				answer = func(w http.ResponseWriter, r *http.Request) { // in an id
					list(w, map[string]any{"id": spelled, "name": "x", "rank": "no number"})
				}
				failed()
				answer = func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(`{"` + "items" + `":` + spelled)) }
				_, err := rentals.Synchronize(ctx, synced.In(1))
				require.Error(t, err)
				hidden(err.Error())

				answer = func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("ETag", `"`+strings.ReplaceAll(spelled, `"`, "")+`"`)
					list(w, map[string]any{"id": "1", "name": "x"})
				}
				result := harness.Sync(t, rentals, synced.In(1))
				hidden(result.String())

				answer = func(w http.ResponseWriter, r *http.Request) {
					list(w, map[string]any{"id": "1", "name": "x", "rank": spelled})
				}
				d.Invalid = synced.Quarantine{}
				rentals = harness.Bind(t, b, d)
				result = harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, 1, result.Quarantined)
				diff, err := rentals.Check(ctx, synced.In(1))
				require.NoError(t, err)
				hidden(diff.Invalid[0].Error)
				b.Execute(t, "DELETE FROM synced_quarantine")
				b.Execute(t, "DELETE FROM items")
			}
		}
	})
}

// A password that is a word of ours leaves our sentences whole.
func TestContract_C105_PasswordsThatAreWords(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, password := range []string{"wrong", "a", "id", "items", "credentials", "1", "page"} {
			var log bytes.Buffer
			d := items(t, &log, rest.Config{Auth: wire.Basic("me", password), Unauthorized: func(*rest.Response) bool { return true }},
				func(w http.ResponseWriter, r *http.Request) { list(w, map[string]any{"id": "1", "name": password}) })
			rentals := harness.Model(t, b, d)
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			require.ErrorIs(t, err, remote.ErrUnauthorized)
			require.Contains(t, err.Error(), "synced: items (account_id 1): page 1: GET http://127.0.0.1:", password)
			require.Contains(t, err.Error(), "/items: the answer means that the credentials are missing, wrong or not enough: check them", password)
		}
	})
}
