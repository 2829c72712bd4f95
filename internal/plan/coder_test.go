package plan

import (
	stdjson "encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

type codedRoom struct {
	Name  string  `json:"name"`
	Beds  int     `json:"beds"`
	Size  float64 `json:"size"`
	Open  bool    `json:"open"`
	Note  *string `json:"note"`
	Tags  []string
	_     int         // no member, as package json has none of it
	Skip  string      `json:"-"`
	Inner *codedInner `json:"inner"`
	Pairs [][]int8    `json:"pairs"`
	Kind  codedKind   `json:"größe"`
}

type codedInner struct {
	A int64 `json:"a"`
	B bool  `json:"b"`
}

type codedKind string

// TestCoder reads and writes as package json does, or leaves it to that.
func TestCoder(t *testing.T) {
	t.Parallel()
	room := coderOf(reflect.TypeFor[codedRoom](), 0)
	require.NotNil(t, room)
	for text, can := range map[string]bool{
		`{"name":"a","beds":2,"size":1.50,"open":true,"note":"n","Tags":["x","y"],"inner":{"a":-1,"b":true},"pairs":[[1],[],null],"größe":"L"}`:   true,
		`{"größe":"L","Tags":[],"open":false,"unknown":{"name":"b"},"tags":["no"],"note":null,"name":null,"inner":null,"beds":null,"pairs":null}`: true,
		`{"name":"\"\u00e9\ud83c\udf88\n\\","Tags":[null,"<&>\u2028"],"Skip":"no","-":"no","other":7}`:                                            true,
		` { "beds" : 9007199254740993 , "size" : -0 , "pairs" : [ [ 127 , -128 ] ] } `:                                                            true,
		`{}`: true, `null`: true, `{"size":1e400}`: false, `{"size":1e21}`: true, `{"size":0.0000001}`: true,
		`{"beds":5.0}`: false, `{"beds":"5"}`: false, `{"name":5}`: false, `{"pairs":[[128]]}`: false, `{"inner":[]}`: false, `{"Tags":{}}`: false, `[]`: false, `"x"`: false, `{"n\u0061me":"a"}`: false,
	} {
		var got, want codedRoom
		read := room.read([]byte(text), reflect.ValueOf(&got).Elem(), &slab{})
		require.Equal(t, can, read, text)
		if !read {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(text), &want, exact), text)
		require.Equal(t, want, got, text)
		written, err := json.Marshal(want, exact)
		require.NoError(t, err, text)
		out, ok := room.append([]byte("before"), reflect.ValueOf(&got).Elem())
		require.True(t, ok, text)
		require.Equal(t, "before"+string(written), string(out), text)
	}

	for _, bad := range []codedRoom{{Name: "\xff"}, {Size: math.NaN()}, {Size: math.Inf(-1)}} {
		_, ok := room.append(nil, reflect.ValueOf(&bad).Elem())
		require.False(t, ok)
		_, err := room.appendJSON(nil, reflect.ValueOf(&bad).Elem())
		_, want := json.Marshal(bad, exact)
		require.Error(t, want)
		require.EqualError(t, err, want.Error())
	}
	text, err := (*coder)(nil).appendJSON([]byte("before"), reflect.ValueOf(&map[string]any{"b": 1, "a": nil}).Elem())
	require.NoError(t, err)
	require.Equal(t, `before{"a":null,"b":1}`, string(text))

	type node struct{ Nodes []node }
	for _, typ := range []reflect.Type{
		reflect.TypeFor[map[string]int](), reflect.TypeFor[any](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[stdjson.Number](),
		reflect.TypeFor[stdjson.RawMessage](), reflect.TypeFor[[]byte](), reflect.TypeFor[[2]int](), reflect.TypeFor[uint](), reflect.TypeFor[float32](), reflect.TypeFor[node](), reflect.TypeFor[struct{}](),
		reflect.TypeFor[struct{ codedInner }](), reflect.TypeFor[**int](),
		reflect.TypeFor[struct {
			A string `json:"a,omitempty"`
		}](), reflect.TypeFor[struct {
			A string `json:"'a'"`
		}](),
	} {
		require.Nil(t, coderOf(typ, 0), typ)
	}
}

// TestSlab_Translations reads texts as package json does, or leaves them to that.
func TestSlab_Translations(t *testing.T) {
	t.Parallel()
	for text, can := range map[string]bool{
		`{"en":"By the sea","fr":null,"de":"\u00dcber\n \"x\"","pt-BR":""}`: true, `{}`: true, `null`: true,
		`{"en":5}`: false, `{"en":{}}`: false, `{"e\u006e":"x"}`: false, `[]`: false, `"x"`: false,
	} {
		got, ok := (&slab{expected: 12}).translations([]byte(text))
		require.Equal(t, can, ok, text)
		if ok {
			var want mapper.Translations
			require.NoError(t, json.Unmarshal([]byte(text), &want, exact))
			require.Equal(t, want, got, text)
		}
	}
}

// TestSlab_Bounded maps small objects after one with a million texts.
func TestSlab_Bounded(t *testing.T) {
	t.Parallel()
	p, err := New(reflect.TypeFor[benchRow](), Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	many := remote.UncheckedObject([]byte(`{"id":1,"tags":["x"` + strings.Repeat(`,"x"`, 1_000_000) + `]}`))
	_, err = p.Map(many)
	require.NoError(t, err)
	require.EqualValues(t, mostTexts, p.texts.Load())
}
