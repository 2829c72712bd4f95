package redact_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/redact"
	"github.com/syncedgo/synced/remote"
)

func rule(t testing.TB, how redact.How, paths ...string) redact.Rule {
	t.Helper()
	r := redact.Rule{How: how, Key: []byte("key")}
	for _, text := range paths {
		path, err := attribute.Parse(text)
		require.NoError(t, err)
		r.Paths = append(r.Paths, path)
	}
	return r
}

func sum(text string) string {
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestObject(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how      redact.How
		paths    string
		in, want string
	}{
		"dropped":                {redact.Drop, "email", `{"id":1,"email":"a@b","n":2}`, `{"id":1,"n":2}`},
		"dropped, the first":     {redact.Drop, "email", `{ "email" : "a@b" , "n":2}`, `{"n":2}`},
		"dropped, the last":      {redact.Drop, "email", `{"n":2, "email":{"a":["}"]}}`, `{"n":2}`},
		"dropped, the only one":  {redact.Drop, "email", `{"email":1}`, `{}`},
		"not there":              {redact.Drop, "email", `{"id":1, "mail":"a@b"}`, `{"id":1, "mail":"a@b"}`},
		"a text of that name":    {redact.Drop, "email", `{"id":"email"}`, `{"id":"email"}`},
		"spelled with escapes":   {redact.Drop, "email", `{"id":1,"\u0065mail":"a@b"}`, `{"id":1}`},
		"twice":                  {redact.Drop, "email", `{"email":1,"id":1,"email":2}`, `{"id":1}`},
		"masked":                 {redact.Mask, "a", `{"a":"x"}`, `{"a":"***"}`},
		"masked: null stays":     {redact.Mask, "a", `{"a":null,"b":1}`, `{"a":null,"b":1}`},
		"masked: no text":        {redact.Mask, "a", `{"a":12.5,"b":1}`, `{"a":null,"b":1}`},
		"masked: what is inside": {redact.Mask, "a", `{"a":{"b":["x",1,null],"c":true}}`, `{"a":{"b":["***",null,null],"c":null}}`},
		"hashed":                 {redact.Hash, "a", `{"a":"x\u00e9"}`, `{"a":"` + sum("xé") + `"}`},
		"hashed: a number":       {redact.Hash, "a", `{"a":7}`, `{"a":"` + sum("7") + `"}`},
		"a step":                 {redact.Drop, "a.b", `{"a":{"b":1,"c":2},"b":3}`, `{"a":{"c":2},"b":3}`},
		"a name with a dot":      {redact.Drop, "a.b", `{"a.b":1,"a":{"b":1},"c":2}`, `{"a":{},"c":2}`},
		"in a list":              {redact.Drop, "guests.phone", `{"guests":[{"phone":1,"n":1},{"n":2},7]}`, `{"guests":[{"n":1},{"n":2},7]}`},
		"in a list, by a star":   {redact.Drop, "guests.*.phone", `{"guests":[{"phone":1,"n":1},[{"phone":2}]]}`, `{"guests":[{"n":1},[{}]]}`},
		"in each member":         {redact.Mask, "by.*.phone", `{"by":{"x":{"phone":"1"},"y":{"phone":"2","n":"3"}}}`, `{"by":{"x":{"phone":"***"},"y":{"phone":"***","n":"3"}}}`},
		"all items":              {redact.Drop, "tags.*", `{"tags":["a","b"],"n":1}`, `{"tags":[],"n":1}`},
		"everything":             {redact.Mask, "*", `{"a":"x","b":{"c":"y"}}`, `{"a":"***","b":{"c":"***"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := redact.New([]redact.Rule{rule(t, c.how, c.paths)})
			require.Equal(t, c.want, string(r.Object(remote.UncheckedObject([]byte(c.in))).Raw()))
		})
	}
}

// The strongest rule counts, in any order.
func TestObject_SeveralRules(t *testing.T) {
	t.Parallel()
	rules := []redact.Rule{rule(t, redact.Mask, "*.phone", "a"), rule(t, redact.Drop, "a.phone"), rule(t, redact.Hash, "a.b")}
	in := remote.UncheckedObject([]byte(`{"a":{"phone":"1","b":"2"},"c":{"phone":"3"}}`))
	require.Equal(t, `{"a":{"b":"***"},"c":{"phone":"***"}}`, string(redact.New(rules).Object(in).Raw()))
	rules[0], rules[1] = rules[1], rules[0]
	require.Equal(t, `{"a":{"b":"***"},"c":{"phone":"***"}}`, string(redact.New(rules).Object(in).Raw()))
}

// What is not valid is redacted, and stays invalid.
func TestObject_Invalid(t *testing.T) {
	t.Parallel()
	r := redact.New([]redact.Rule{rule(t, redact.Drop, "email")})
	o := r.Object(remote.InvalidObject([]byte("{\"id\":1,\"name\":\"\xff\",\"n\":01,\"email\":\"secret\",\"c\":\"\x01\"}")))
	require.NotContains(t, string(o.Raw()), "secret")
	require.Contains(t, string(o.Raw()), `"id":1`)
	require.Error(t, o.Err())
	for _, broken := range []string{`{"a":"secret`, `{"email":`, `{"email"}`, `{"a":[}`, `{"a" "secret"}`, `{`, ``, `{"email":"x"`} {
		o := r.Object(remote.InvalidObject([]byte(`{"email":1,"id":2,` + broken)))
		require.Equal(t, "{}", string(o.Raw()), broken)
		require.NotPanics(t, func() { r.Object(remote.InvalidObject([]byte(broken))) })
	}
}

// A valid object stays valid, and lacks the text.
func FuzzObject(f *testing.F) {
	f.Add(`{"id":1,"email":"secret","a":[{"email":{"x":"secret"}}]}`)
	f.Add(`{"a":{"\u0065mail":["secret"]},"b":"\""}`)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := remote.ParseObject([]byte(text))
		if err != nil {
			return
		}
		r := redact.New([]redact.Rule{rule(t, redact.Drop, "email", "*.email"), rule(t, redact.Mask, "a.*")})
		got := r.Object(o)
		require.True(t, jsontext.Value(got.Raw()).IsValid(), "%s", got.Raw())
		again := r.Object(got)
		require.True(t, bytes.Equal(again.Raw(), got.Raw()), "%s, then %s", got.Raw(), again.Raw())
		_, has := got.Lookup("email")
		require.False(t, has)
	})
}

func BenchmarkObject(b *testing.B) {
	text := strings.Repeat(`"name":"Villa","size":12,"texts":["a","b\n"],`, 30)
	r := redact.New([]redact.Rule{rule(b, redact.Drop, "email", "guests.*.phone")})
	for name, in := range map[string]string{"without": `{` + text + `"id":1}`, "with": `{` + text + `"email":"a@b","guests":[{"phone":"1"}]}`} {
		b.Run(name, func(b *testing.B) {
			o := remote.UncheckedObject([]byte(in))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				r.Object(o)
			}
		})
	}
}
