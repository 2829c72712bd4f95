package upload

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

func TestSpellingsOfAValueAreHashedAlike(t *testing.T) {
	t.Parallel()
	for _, same := range []struct {
		kind   kind
		values []any
	}{
		{kindDecimal, []any{"1.50", "1.5", "15e-1", "+1.5", "001.500", 1.5}},
		{kindDecimal, []any{"0", "0.000", "-0", int64(0), 0.0, "0e10"}},
		{kindDecimal, []any{"1200", "12e2", int64(1200), 1200.0, float32(1200)}},
		{kindDecimal, []any{"12345678901234567890.5", "12345678901234567890.50"}},
		{kindInt, []any{int64(7), int32(7), int16(7), 7.0}},
		{kindBool, []any{true, int64(1)}},
		{kindTime, []any{"2026-01-02T03:04:05Z", "2026-01-02 03:04:05", time.Date(2026, 1, 2, 4, 4, 5, 9, time.FixedZone("", 3600))}},
		{kindDate, []any{"2026-01-02", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}},
		{kindUUID, []any{"5F1B2F3E-7D55-4F5C-9A3F-0E5B7C1D2E3F", "5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f"}},
		{kindJSON, []any{`{"b": [1.50, null], "a": "\u0041"}`, `{"a":"A","b":[15e-1,null]}`}},
	} {
		seen := map[string]any{}
		for _, v := range same.values {
			n, ok := neutral(same.kind, v)
			require.True(t, ok, "%v", v)
			seen[string(appendCanonical(nil, same.kind, n))] = v
		}
		require.Len(t, seen, 1, "%v", same.values)
	}
	for _, other := range []struct {
		kind kind
		a, b any
	}{
		{kindDecimal, "1.5", "1.05"}, {kindDecimal, "1", "-1"}, {kindDecimal, "1e2", "1e3"}, {kindText, "1.50", "1.5"}, {kindText, "", "0"},
		{kindJSON, `[1,2]`, `[2,1]`}, {kindJSON, `"1"`, `1`}, {kindJSON, `{"a":{"b":1}}`, `{"a":{},"b":1}`}, {kindFloat, 0.1, 0.2},
		{kindBytes, []byte{0}, []byte{0, 0}},
	} {
		a, _ := neutral(other.kind, other.a)
		b, _ := neutral(other.kind, other.b)
		require.NotEqual(t, appendCanonical(nil, other.kind, a), appendCanonical(nil, other.kind, b), "%v, %v", other.a, other.b)
	}
	for _, bad := range []string{"", "-", ".", "1.2.3", "1e", "e5", "1x", " 1", "1e99999999999999999999"} {
		require.False(t, isNumber(bad), bad)
	}
}

func TestValuesPassTheWire(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	for _, one := range []struct {
		kind  kind
		value any
	}{
		{kindInt, int64(math.MaxInt64)}, {kindFloat, 0.1}, {kindFloat, math.Inf(-1)}, {kindFloat, 1e300}, {kindDecimal, "12345678901234567890.5"}, {kindBool, false},
		{kindText, "a\"\\\x00\u2028é"}, {kindTime, at}, {kindDate, "2026-01-02"}, {kindBytes, []byte{0, 255}}, {kindJSON, `{"a": 1}`}, {kindText, nil},
		{kindUUID, "5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f"},
	} {
		dec := jsontext.NewDecoder(strings.NewReader(string(appendWire(nil, one.value))))
		token, err := dec.ReadToken()
		require.NoError(t, err)
		got, err := fromWire(one.kind, token)
		require.NoError(t, err, "%v", one.value)
		require.Equal(t, one.value, got)
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	p := positionOf(7, []any{"house", int64(5)}, []byte(`["house",5]`))
	for depth := range deepest + 1 {
		of := p.of(depth)
		first, last := of.bounds()
		require.LessOrEqual(t, first, p)
		require.GreaterOrEqual(t, last, p)
		again, ok := parsePrefix(of.String())
		require.True(t, ok)
		require.Equal(t, of, again)
		if depth < deepest {
			require.Equal(t, p.of(depth+1), of.child(p.digit(depth)))
		}
	}
	near := map[prefix]bool{}
	for n := range int64(5000) {
		near[positionOf(7, []any{n}, appendKey(nil, []any{n})).of(4)] = true
	}
	require.Less(t, len(near), 100, "neighbors share ranges")
	spread := map[int]int{}
	for n := range int64(16000) { // the worst for blocks: one key of each
		spread[positionOf(7, []any{n << near6}, appendKey(nil, []any{n << near6})).digit(4)]++
	}
	for d := range digits {
		require.InDelta(t, 1000, spread[d], 250, "digit %d", d)
	}
}

const near6 = near

func TestSumsAreOfSets(t *testing.T) {
	t.Parallel()
	var salt [16]byte
	a, b := element(salt, print{1, 2}), element(salt, print{1, 3})
	require.NotEqual(t, a, b)
	require.Equal(t, a.plus(b), b.plus(a))
	require.Equal(t, a, a.plus(b).minus(b))
	require.NotEqual(t, Sum{Count: 2}, a.plus(a), "a row that is there twice does not vanish")
	require.True(t, a.same(sumOf(a.append(nil))))
	most := Sum{1, math.MaxUint64, math.MaxUint64}
	require.Equal(t, Sum{2, 0, 0}, most.plus(Sum{1, 0, 1}))
}
