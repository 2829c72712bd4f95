package journal

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		`{}`:                               {},
		`{"a":1}`:                          {"a": "1"},
		`{ "a" : 1, "b" : "x" }`:           {"a": "1", "b": `"x"`},
		`{"a":NULL,"b":X'00FF',"c":-1.5}`:  {"a": "null", "b": `{"synced_blob":"00FF"}`, "c": "-1.5"},
		`{"a":'it''s, "so": }',"b":''}`:    {"a": `"it's, \"so\": }"`, "b": `""`},
		`{"a":"x\\\"},{\\","b":[{"c":1}]}`: {"a": `"x\\\"},{\\"`, "b": `[{"c":1}]`},
		`{"a\"b":{"x":"}"},"":true}`:       {`a"b`: `{"x":"}"}`, "": "true"},
	} {
		got, err := members(&text)
		require.NoError(t, err, text)
		found := map[string]string{}
		for name, value := range got {
			found[name] = string(value)
		}
		require.Equal(t, want, found, text)
	}
	text := `,"a":["x",'it''s'],"b":[NULL,X'41'],"c":[1,2.5]`
	both, err := members(&text)
	require.NoError(t, err)
	olds, news, err := pairs(both)
	require.NoError(t, err)
	require.Equal(t, []string{`"x"`, "null", "1"}, []string{string(olds["a"]), string(olds["b"]), string(olds["c"])})
	require.Equal(t, []string{`"it's"`, `{"synced_blob":"41"}`, "2.5"}, []string{string(news["a"]), string(news["b"]), string(news["c"])})
	for _, broken := range []string{`{"a":"x`, `{"a":[1`, `{"a"`, `{"a":}`} {
		_, err := members(&broken)
		require.Error(t, err, broken)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add(`{"a":1,"b":'x',"c":X'00'}`)
	f.Add(`,"a":["x\\",NULL]`)
	f.Fuzz(func(t *testing.T, text string) {
		if both, err := members(&text); err == nil {
			_, _, _ = pairs(both)
		}
	})
}
