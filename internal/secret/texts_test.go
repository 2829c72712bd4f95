package secret_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/secret"
)

func TestTexts_Spellings(t *testing.T) {
	t.Parallel()
	const key = `sk/live+9"f&T=x%2F\q`
	each := func(format string, s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			h := hex.EncodeToString([]byte{c})
			b.WriteString(strings.NewReplacer("HH", strings.ToUpper(h), "hh", h).Replace(format))
		}
		return b.String()
	}
	for name, spelled := range map[string]string{
		"plain":            key,
		"query":            url.QueryEscape(key),
		"query, lower":     strings.ToLower(url.QueryEscape(key)),
		"path":             url.PathEscape(key),
		"query twice":      url.QueryEscape(url.QueryEscape(key)),
		"html":             html.EscapeString(key),
		"html of query":    html.EscapeString(url.QueryEscape(key)),
		"each in percent":  each("%HH", key),
		"each in percents": each("%hh", key),
		"each in JSON":     each(`\u00hh`, key),
		"JSON in JSON":     each(`\\u00HH`, key),
		"each in HTML":     each("&#xHH;", key),
		"each in Go":       each(`\xhh`, key),
		"JSON path":        strings.NewReplacer("~", "~0", "/", "~1").Replace(key),
		"JSON slashes":     strings.NewReplacer("/", `\/`, `"`, `\"`, `\`, `\\`).Replace(key),
		"upper case":       strings.ToUpper(key),
		"control":          key[:4] + "\x00\u202e\r\n" + key[4:],
		"base64":           base64.StdEncoding.EncodeToString([]byte(key)),
		"base64 url":       base64.RawURLEncoding.EncodeToString([]byte(key)),
		"base64 of more":   base64.StdEncoding.EncodeToString([]byte("me:" + key + "!")),
		"base64 of more 2": base64.StdEncoding.EncodeToString([]byte("me::" + key + "!")),
		"hex":              hex.EncodeToString([]byte(key)),
		"hex, upper":       strings.ToUpper(hex.EncodeToString([]byte(key))),
	} {
		got := secret.Texts{key}.In(`{"no":"` + spelled + `"}`)
		require.Contains(t, got, secret.Redacted, name)
		require.Less(t, len(got), len(`{"no":"","XXXXXX"}`)+len(secret.Redacted)+4, "%s leaves %s", name, got)
		require.Contains(t, secret.Texts{key}.Within("field price: "+spelled+" is no number"), "field price: ", name)
		require.Contains(t, secret.Texts{key}.Within("field price: "+spelled+" is no number"), secret.Redacted, name)
	}
}

func TestTexts_Parts(t *testing.T) {
	t.Parallel()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("key-of-9:"))
	require.Equal(t, "no [redacted]", secret.Texts{basic}.In("no key-of-9"))
	basic = "Basic " + base64.StdEncoding.EncodeToString([]byte("me:pass-of-9"))
	require.Equal(t, "me, [redacted]", secret.Texts{basic}.In("me, pass-of-9"))
	require.Equal(t, "Bearer? [redacted]", secret.Texts{"Bearer t0ken-9"}.In("Bearer? t0ken-9"))
	require.Equal(t, "no [redacted]", secret.Texts{`Token token="t0ken-9", nonce="x"`}.In("no t0ken-9"))
	require.Equal(t, "no [redacted]", secret.Texts{"theme=dark; sid=t0ken-9"}.In("no t0ken-9"))
}

func TestTexts_Cut(t *testing.T) {
	t.Parallel()
	const key = "sk_live/0123456789-abcdef"
	require.Equal(t, `the string "[redacted]… does not fit`, secret.Texts{key}.Within(`the string "sk_live/0123… does not fit`))
	require.Equal(t, `no [redacted]...`, secret.Texts{key}.In(`no sk_live%2F0123%3...`))
	require.Equal(t, `no [redacted]…`, secret.Texts{key}.In(`no sk_live\u002f0123\u00…`))
	require.Equal(t, `no sk_… …`, secret.Texts{key}.In(`no sk_… …`))
}

// Words of ours that are somebody's password stay.
func TestTexts_OwnSentence(t *testing.T) {
	t.Parallel()
	const sentence = `rentals (account 1): page 2: record 3: the credentials are missing, wrong or not enough: a column "id" of type int64, at 10 requests`
	for _, password := range []string{"wrong", "a", "id", "credentials", "page", "2", "10", "rentals", "not enough", "e", " "} {
		require.Equal(t, sentence, secret.Texts{password}.Within(sentence), password)
		require.Equal(t, sentence, secret.Texts{"Bearer " + password}.Within(sentence), password)
	}
	require.Equal(t, `price: "[redacted]" is wrong`, secret.Texts{"wrong"}.Within(`price: "wrong" is wrong`))
	require.Equal(t, `a [redacted] price, b`, secret.Texts{"wrong"}.In(`a wrong price, b`))
	require.Equal(t, `[redacted] bat`, secret.Texts{"a"}.In(`a bat`))
}

func TestWatch(t *testing.T) {
	t.Parallel()
	secret.Tell(context.Background(), secret.Texts{"t0ken-9"})
	require.Empty(t, secret.Of(context.Background()))

	ctx := secret.Watch(context.Background())
	require.Equal(t, ctx, secret.Watch(ctx))
	secret.Tell(ctx, secret.Texts{"t0ken-9"})
	for i := range 1000 {
		secret.Tell(ctx, secret.Texts{strings.Repeat("x", i+8), "t0ken-9"})
	}
	require.LessOrEqual(t, len(secret.Of(ctx)), 64)

	require.NoError(t, secret.Texts{"t0ken-9"}.Error(nil))
	require.Equal(t, io.EOF, secret.Texts{"t0ken-9"}.Error(io.EOF))
	err := secret.Texts{"t0ken-9"}.Error(errors.Join(io.EOF, errors.New("t0ken-9")))
	require.EqualError(t, err, "EOF\n[redacted]")
	require.ErrorIs(t, err, io.EOF)
}
