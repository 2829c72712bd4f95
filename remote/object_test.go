package remote_test

import (
	stdjson "encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func parse(t *testing.T, raw string) remote.Object {
	t.Helper()
	o, err := remote.ParseObject([]byte(raw))
	require.NoError(t, err)
	return o
}

func TestObject_BigIntegersAreExact(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"id":9007199254740993,"max":9223372036854775807,"over":9223372036854775808,"half":1.5}`)

	id, err := remote.Get[int64](o, "id")
	require.NoError(t, err)
	require.EqualValues(t, int64(1)<<53+1, id)

	id, err = remote.Get[int64](o, "max")
	require.NoError(t, err)
	require.EqualValues(t, int64(math.MaxInt64), id)

	_, err = remote.Get[int64](o, "over")
	require.ErrorContains(t, err, "over: ")
	_, err = remote.Get[int64](o, "half")
	require.ErrorContains(t, err, "half: ")
}

func TestObject_KeepsTheBytes(t *testing.T) {
	t.Parallel()
	const raw = `{"b": 1.10, "a":[3,1,2] ,"unknown":{"z":"\u0041","y":"\u0000"},"n":12345678901234567890.00}`
	o := parse(t, " \n"+raw+"\t ")
	require.Equal(t, raw, string(o.Raw()))

	marshalled, err := o.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, raw, string(marshalled))

	v, ok := o.Lookup("n")
	require.True(t, ok)
	require.Equal(t, "12345678901234567890.00", string(v))

	s, err := remote.Get[string](o, "unknown", "y")
	require.NoError(t, err)
	require.Equal(t, "\x00", s)
}

func TestObject_AbsentAndNull(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"null":null,"in":{"null":null},"text":"x"}`)

	v, ok := o.Lookup("null")
	require.True(t, ok)
	require.Equal(t, "null", string(v))
	v, ok = o.Lookup("in", "null")
	require.True(t, ok)
	require.Equal(t, "null", string(v))
	for _, path := range [][]string{{"absent"}, {"null", "x"}, {"text", "x"}, {"in", "x"}, {"Null"}} {
		_, ok := o.Lookup(path...)
		require.False(t, ok, path)
		s, err := remote.Get[string](o, path...)
		require.NoError(t, err)
		require.Empty(t, s)
	}

	n, err := remote.Get[*int](o, "null")
	require.NoError(t, err)
	require.Nil(t, n)
	at := time.Now()
	require.NoError(t, o.Decode(&at, "null"))
	require.True(t, at.IsZero())
}

func TestObject_Decode(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"a.b":{"":{"c":["x","y"]}},"at":"2017-06-13T10:16:57Z","Name":"other","name":"n","esc\u0061ped":1}`)

	list, err := remote.Get[[]string](o, "a.b", "", "c")
	require.NoError(t, err)
	require.Equal(t, []string{"x", "y"}, list)

	at, err := remote.Get[time.Time](o, "at")
	require.NoError(t, err)
	require.Equal(t, time.Date(2017, 6, 13, 10, 16, 57, 0, time.UTC), at)

	n, err := remote.Get[int](o, "escaped")
	require.NoError(t, err)
	require.Equal(t, 1, n)

	var whole struct {
		Name string `json:"name"`
	}
	require.NoError(t, o.Decode(&whole))
	require.Equal(t, "n", whole.Name)
}

func TestObject_WrongTypes(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"n":1,"s":"1","b":true,"l":[1],"o":{"n":1}}`)

	_, err := remote.Get[string](o, "n")
	require.ErrorContains(t, err, "n: ")
	_, err = remote.Get[int64](o, "s")
	require.ErrorContains(t, err, "s: ")
	_, err = remote.Get[bool](o, "n")
	require.Error(t, err)
	_, err = remote.Get[[]int](o, "o")
	require.Error(t, err)
	_, err = remote.Get[string](o, "o", "n")
	require.ErrorContains(t, err, "o.n: ")
	_, err = remote.Get[map[string]string](o)
	require.Error(t, err)
}

func TestParseObject_IsStrict(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"duplicate":        `{"a":1,"a":2}`,
		"duplicate inside": `{"x":[{"a":1,"\u0061":2}]}`,
		"invalid UTF-8":    "{\"a\":\"\xff\"}",
		"invalid name":     "{\"\xc3\x28\":1}",
		"lone surrogate":   `{"a":"\ud800"}`,
		"swapped pair":     `{"a":"\udc00\ud800"}`,
		"list":             `[{}]`,
		"null":             `null`,
		"empty":            ``,
		"cut":              `{"a":`,
		"two":              `{} {}`,
		"trailing":         `{}x`,
		"comment":          `{/* */}`,
		"NaN":              `{"a":NaN}`,
	} {
		_, err := remote.ParseObject([]byte(raw))
		require.Error(t, err, name)
	}
	for _, raw := range []string{`{}`, `{"a":"\u0000"}`, `{"a":"\ud83d\ude00"}`, `{"a":{"a":1}}`} {
		_, err := remote.ParseObject([]byte(raw))
		require.NoError(t, err, raw)
	}
}

func TestObject_RoundTrips(t *testing.T) {
	t.Parallel()
	type holder struct{ Object remote.Object }

	raw, err := stdjson.Marshal(holder{parse(t, `{"id":9007199254740993}`)})
	require.NoError(t, err)
	require.JSONEq(t, `{"Object":{"id":9007199254740993}}`, string(raw))
	var back holder
	require.NoError(t, stdjson.Unmarshal(raw, &back))
	clear(raw) // the object has a copy
	require.Equal(t, `{"id":9007199254740993}`, string(back.Object.Raw()))

	raw, err = stdjson.Marshal(holder{})
	require.NoError(t, err)
	require.Equal(t, `{"Object":null}`, string(raw))
	require.NoError(t, stdjson.Unmarshal(raw, &back))
	require.Nil(t, back.Object.Raw())
	_, ok := back.Object.Lookup()
	require.False(t, ok)
	require.Error(t, stdjson.Unmarshal([]byte(`{"Object":[]}`), &back))
}

func TestObjectOf(t *testing.T) {
	t.Parallel()
	o, err := remote.ObjectOf(map[string]any{"id": int64(math.MaxInt64)})
	require.NoError(t, err)
	require.Equal(t, `{"id":9223372036854775807}`, string(o.Raw()))

	_, err = remote.ObjectOf([]int{1})
	require.Error(t, err)
	_, err = remote.ObjectOf(func() {})
	require.ErrorContains(t, err, "encode func()")
}

// An object shows its beginning, on one line, whatever is in it.
func TestObject_String(t *testing.T) {
	t.Parallel()
	show := func(raw string) string { return fmt.Sprintf("%v", remote.UncheckedObject([]byte(raw))) }
	require.Equal(t, "null", remote.Object{}.String())
	require.Equal(t, `{"id": 1, "name": "Villa"}`, show("{\"id\": 1,\n\t\"name\": \"Villa\"}"))
	require.Equal(t, `{"name":"`+strings.Repeat("é", 95)+"…", show(`{"name":"`+strings.Repeat("é", 10_000)+`"}`))
	require.Equal(t, "{…", show("{"+strings.Repeat(" ", 10_000)+"}"))
	require.Equal(t, "{\"a\":\"�\"}", show("{\"a\":\"\xff\"}"))
	bad := remote.InvalidObject([]byte(`{"a":1,"a":2}`))
	require.Equal(t, `{"a":1,"a":2}`, bad.String())
}
