package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSameDocument(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{
		{`{}`, `{}`}, {`[]`, `[]`}, {`"a"`, `"a"`}, {`1.50`, `1.50`}, {`null`, `null`},
		{`{"zip":"1","a":[1,{"x":[],"y":null}],"city":"b"}`, `{"a": [1, {"x": [], "y": null}], "zip": "1", "city": "b"}`},
		{`{"b":{"b":1},"a":{"b":2}}`, `{"a": {"b": 2}, "b": {"b": 1}}`},
	} {
		require.True(t, sameDocument([]byte(same[0]), []byte(same[1])), same)
	}
	for _, other := range [][2]string{
		{`{}`, `[]`}, {`{"a":1}`, `{}`}, {`{}`, `{"a": 1}`}, {`{"a":1}`, `{"a": 2}`}, {`{"a":1,"b":2}`, `{"a": 1, "c": 2}`}, {`{"a":1,"b":2}`, `{"a": 1, "b": 3}`},
		{`[1]`, `[]`}, {`[]`, `[1]`}, {`[1,2]`, `[2, 1]`}, {`[1]`, `[1, 2]`}, {`{"a":null}`, `{}`}, {`"1"`, `1`}, {`1.5`, `1.50`}, {``, `1`}, {`{}`, `null`},
		{`{"a":{"a":1,"b":2}}`, `{"a": {"a": 1}}`},
	} {
		require.False(t, sameDocument([]byte(other[0]), []byte(other[1])), other)
	}
}
