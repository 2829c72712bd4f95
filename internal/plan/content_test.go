package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func TestContentID(t *testing.T) {
	t.Parallel()
	of := func(volatile [][]string, text string) string {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		m := idMaker{content: true, volatile: volatile}
		id := m.contentID(o)
		require.True(t, m.spells(id), id)
		return id
	}
	for _, same := range [][]string{
		{`{}`, `{ }`},
		{`{"a":1,"b":[1,2.0,"x"]}`, `{"b":[1e0,2,"\u0078"],"a":1.0}`},
		{`{"a":{"c":null,"b":true}}`, `{"a":{"b":true,"c":null}}`},
	} {
		require.Equal(t, of(nil, same[0]), of(nil, same[1]), "%v", same)
	}
	seen := map[string]string{}
	for _, text := range []string{
		`{}`, `{"a":null}`, `{"a":""}`, `{"a":0}`, `{"a":false}`, `{"a":[]}`, `{"a":{}}`, `{"a":"0"}`, `{"a":[null]}`, `{"a":[[]]}`, `{"a":[],"b":[]}`, `{"a":{"b":[]}}`,
		`{"a":"1,1\"b:1"}`, `{"a":1,"b":1}`, `{"a":"x","b":"y"}`, `{"a":"x,1\"b:1\"y"}`, `{"a":9007199254740993}`, `{"a":9007199254740992}`, `{"a":-1}`, `{"a":1e400}`, `{"A":null}`,
	} {
		id := of(nil, text)
		require.NotContains(t, seen, id, text)
		seen[id] = text
	}
	cut := [][]string{{"meta", "at"}, {"etag"}}
	require.Equal(t, of(cut, `{"a":1,"meta":{}}`), of(cut, `{"a":1,"meta":{"at":5},"etag":"x"}`))
	require.NotEqual(t, of(cut, `{"a":1,"meta":{}}`), of(cut, `{"a":1,"meta":{"by":5}}`))
}

func TestContentID_OfWhatCantBeRead(t *testing.T) {
	t.Parallel()
	m := idMaker{content: true}
	for _, raw := range []string{`{"a":"\ud800"}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{`} {
		require.True(t, m.spells(m.contentID(remote.InvalidObject([]byte(raw)))), "%q", raw)
	}
	require.NotEqual(t, m.contentID(remote.InvalidObject([]byte(`{"a":1,"a":2}`))), m.contentID(remote.InvalidObject([]byte(`{"a":1,"a":3}`))))
}

func TestSpellsContent(t *testing.T) {
	t.Parallel()
	const sum = "8ad860acac3407f73cdf986999f7a631"
	for _, text := range []string{sum, sum + "/2", sum + "/10"} {
		require.True(t, spellsContent(text), text)
	}
	for _, text := range []string{"", sum[1:], sum + "0", strings.ToUpper(sum), sum + "/", sum + "/0", sum + "/1", sum + "/02", sum + "/-2", sum + "/2/3", "x" + sum[1:]} {
		require.False(t, spellsContent(text), text)
	}
}

func BenchmarkContentID(b *testing.B) {
	text := `{"id":17`
	for i := range 30 {
		text += fmt.Sprintf(`,"field%d":"some text that is %d"`, i, i)
	}
	o, err := remote.ParseObject([]byte(text + `,"list":[1,2,{"a":null}]}`))
	require.NoError(b, err)
	m := idMaker{content: true}
	b.SetBytes(int64(len(o.Raw())))
	b.ReportAllocs()
	for b.Loop() {
		m.contentID(o)
	}
}
