package oauthtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
)

// A grep for every secret, in all that a refresh can leave behind.
func TestSecrets_AreNowhere(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		tokens := b.saved(t)
		said := ""
		for _, v := range []any{tokens, oauth.Config{Key: key, OldKeys: [][]byte{key}, Client: clientConfig(b.url)}, tokens.Auth(account), rest.Config{Auth: tokens.Auth(account)}} {
			encoded, _ := json.Marshal(v)
			said += fmt.Sprintf("%v %+v %#v", v, v, v) + string(encoded)
		}
		note := func(err error) {
			require.Error(t, err)
			said += fmt.Sprintf("%v %+v %#v\n", err, err, err)
		}
		// The provider repeats what it was sent, in several ways.
		echo := func(r *http.Request) string {
			return fmt.Sprintf("%s %s %s %s", r.Header.Get("Authorization"), r.Form.Encode(), r.Form.Get("refresh_token"), clientSecret)
		}
		for status, body := range map[int]func(*http.Request) string{
			400: func(r *http.Request) string {
				return fmt.Sprintf(`{"error":"invalid_request","error_description":%q}`, echo(r))
			},
			500: echo,
			200: echo,
			401: func(r *http.Request) string { return fmt.Sprintf(`{"error":%q,"refresh_token":%q}`, echo(r), echo(r)) },
		} {
			b.answer(status, body)
			_, err := header(ctx, tokens)
			note(err)
		}
		moved := b.open(t, func(c *oauth.Config) { c.Client.Endpoint.TokenURL = "http://127.0.0.1:1/token" })
		_, err := header(ctx, moved)
		note(err)
		b.before.Store(nil)
		mustHeader(t, tokens) // one that worked
		b.tokens.Revoke("owner")
		note(renew(ctx, tokens, mustHeader(t, tokens)))
		_, err = header(ctx, b.open(t, func(c *oauth.Config) { c.Key = bytes.Repeat([]byte("k"), 32) }))
		note(err)

		left := dump(t, b)
		require.Contains(t, left, account, "the dump has the row")
		basic := url.QueryEscape(clientID) + ":" + url.QueryEscape(clientSecret)
		secrets := append([]string{clientSecret, string(key), basic}, b.tokens.issued...)
		require.Len(t, secrets, 3+4)
		for where, text := range map[string]string{"errors": said, "logs": logs.String(), "database": left} {
			for _, s := range secrets {
				for _, spelled := range []string{s, url.QueryEscape(s), hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s))} {
					require.NotContains(t, text, spelled, where)
				}
			}
		}
	})
}

// dump is all that is in the database: the bytes of the file and its log, or the
// rows as text.
func dump(t *testing.T, b *bundle) string {
	t.Helper()
	var all bytes.Buffer
	if b.kind == "sqlite" {
		files, err := filepath.Glob(filepath.Join(filepath.Dir(b.address), "*"))
		require.NoError(t, err)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			all.Write(content)
		}
		return all.String()
	}
	for _, table := range []string{"synced_tokens", "synced_locks"} {
		query := squirrel.Expr("SELECT CAST(t AS text) FROM " + table + " AS t")
		require.NoError(t, store.Each(context.Background(), b.db, query, func(rows store.Rows) error {
			var row string
			defer func() { all.WriteString(row) }()
			return rows.Scan(&row)
		}))
	}
	return all.String()
}
