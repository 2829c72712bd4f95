package plan

import (
	"bytes"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

func TestSameJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[1,2]}`, ` { "b" : [1, 2], "a" : 1.0 } `, true},
		{`[1,2]`, `[2,1]`, false},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`"\u00e9\/"`, `"é/"`, true},
		{`1`, `"1"`, false},
		{`1e400`, `1e401`, false},
		{`1e999999999`, `10e999999998`, true},
		{`1e-999999999999999999999`, `0.1e-999999999999999999998`, true},
		{`0e999999999`, `-0.0`, true},
		{`9007199254740993`, `9007199254740992`, false},
		{`9007199254740993`, `9007199254740993.000`, true},
		{`true`, `false`, false},
		{`null`, `null`, true},
		{`[]`, `{}`, false},
		{`[[]]`, `[[[]]]`, false},
		{`1 2`, `1 3`, false},
		{`{"a":1}x`, `{"a":1}`, false},
		{``, `null`, false},
		{``, ``, true},
		{`{"a":1,"a":2}`, `{"a":2}`, false},
	} {
		require.Equal(t, c.want, SameJSON([]byte(c.a), []byte(c.b)), "%s and %s", c.a, c.b)
		require.Equal(t, c.want, SameJSON([]byte(c.b), []byte(c.a)), "%s and %s", c.b, c.a)
	}
}

func FuzzSameJSON(f *testing.F) {
	for _, pair := range [][2]string{{`{"a":1}`, `{"a":1.0}`}, {`[1e999999999]`, `[1e9]`}, {`"\ud800"`, `"\u0000"`}, {`[`, `]`}, {`-0`, `0`}} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if !SameJSON(a, a) {
			t.Errorf("%q is not itself", a)
		}
		if SameJSON(a, b) != SameJSON(b, a) {
			t.Errorf("%q and %q: not symmetric", a, b)
		}
		x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
		if x.IsValid() && x.Compact() == nil && !SameJSON(a, x) {
			t.Errorf("%q is not %q", a, x)
		}
		if x.IsValid() && y.IsValid() && x.Kind() == '0' && y.Kind() == '0' {
			r, ok1 := rational(x)
			s, ok2 := rational(y)
			if ok1 && ok2 && SameJSON(a, b) != (r.Cmp(s) == 0) {
				t.Errorf("%s and %s: same %t, but big.Rat says otherwise", a, b, SameJSON(a, b))
			}
		}
	})
}

// rational is a number as big.Rat reads it, unless its exponent asks for more
// memory than a test has.
func rational(v []byte) (*big.Rat, bool) {
	text := string(bytes.TrimSpace(v))
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(strings.TrimLeft(text[i+1:], "+-0")) > 3 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func TestCanonicalNumber(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"0": "0", "-0.00e5": "0", "70.0": "7e1", "0.070": "7e-2", "+7": "7e0", ".5": "5e-1", "5.": "5e0", "-1.50E+3": "-15e2",
		"12345678901234567890": "1234567890123456789e1",
		// What is not a number is left alone.
		"": "", "-": "-", ".": ".", "e5": "e5", "1e": "1e", "--5": "--5", "-+5": "-+5", "+-5": "+-5", "1.2.3": "1.2.3", "0x10": "0x10", "NaN": "NaN", "1_000": "1_000", "1e5.5": "1e5.5", "1e-+5": "1e-+5",
	} {
		require.Equal(t, want, canonicalNumber(s), s)
	}
	require.False(t, sameNumber("", "0"))
}

func TestCanonicalNumber_HugeExponentsCostNothing(t *testing.T) {
	t.Parallel()
	start := time.Now()
	require.True(t, sameNumber("1e999999999", "0.1e1000000000"))
	require.True(t, sameNumber("1e-"+strings.Repeat("9", 1000), "0.1e-"+strings.Repeat("9", 999)+"8"))
	require.Less(t, time.Since(start), time.Second)
}

func FuzzCanonicalNumber(f *testing.F) {
	for _, s := range []string{"70.0", "-0", "1e999999999", ".5", "5.", "1e-5", "x", "1e+", "00.10e-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := canonicalNumber(s)
		if canonicalNumber(c) != c {
			t.Errorf("%q becomes %q becomes %q", s, c, canonicalNumber(c))
		}
		if _, ok := parseNumeral(s); !ok {
			if c != s {
				t.Errorf("%q is no number and becomes %q", s, c)
			}
			return
		}
		want, ok1 := rational([]byte(s))
		got, ok2 := rational([]byte(c))
		if ok1 && ok2 && want.Cmp(got) != 0 {
			t.Errorf("%q becomes %q, which is another number", s, c)
		}
	})
}

func TestWithoutNUL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"a":"x"}`:               `{"a":"x"}`,
		`{"a":"\u0000"}`:          `{"a":"\u2400"}`,
		`{"a":"\\u0000"}`:         `{"a":"\\u0000"}`,
		`{"a":"\\\u0000\u0000"}`:  `{"a":"\\\u2400\u2400"}`,
		`{"\u0000":["\"\u0000"]}`: `{"\u2400":["\"\u2400"]}`,
	} {
		clean, err := withoutNUL(object(t, raw))
		require.NoError(t, err)
		require.Equal(t, want, string(clean.Raw()))
	}
	_, err := withoutNUL(object(t, `{"a\u0000":1,"a␀":2}`))
	require.ErrorIs(t, err, errTwins)
}

func FuzzWithoutNUL(f *testing.F) {
	for _, raw := range []string{`{}`, `{"a":"\u0000"}`, `{"a":"\\u0000"}`, `{"a":"\\\u0000"}`, `{"\u0000":{"\u0000":1}}`, `{"a":"\ud800"}`, `{"a":"\ud83d\ude00\u0000"}`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = unescapeNUL(raw) // panics on nothing
		o, err := remote.ParseObject(bytes.Clone(raw))
		if err != nil {
			return
		}
		clean, err := withoutNUL(o)
		if err != nil {
			return
		}
		if _, err := remote.ParseObject(clean.Raw()); err != nil {
			t.Fatalf("%q becomes %q: %v", raw, clean.Raw(), err)
		}
		if !bytes.Equal(o.Raw(), bytes.TrimSpace(raw)) {
			t.Fatalf("%q was changed to %q", raw, o.Raw())
		}
		hasNUL := strings.Contains(decodedText(o.Raw()), "\x00")
		if !hasNUL && !bytes.Equal(clean.Raw(), o.Raw()) {
			t.Fatalf("%q has no NUL and becomes %q", raw, clean.Raw())
		}
		if hasNUL && bytes.Equal(clean.Raw(), o.Raw()) {
			t.Fatalf("%q keeps its NUL", raw)
		}
	})
}

// decodedText is every string of a JSON text, names included.
func decodedText(raw []byte) string {
	var b strings.Builder
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return b.String()
		}
		if token.Kind() == '"' {
			b.WriteString(token.String())
		}
	}
}

func FuzzRecord(f *testing.F) {
	type every struct {
		SyncedID int64             `json:"id" db:"synced_id"`
		Name     string            `json:"name" db:"name" validate:"max=1000"`
		Price    *string           `json:"price" db:"price"`
		At       time.Time         `json:"at" db:"at"`
		Texts    map[string]string `json:"texts" db:"texts"`
		Any      map[string]any    `json:"any" db:"any"`
		Size     uint64            `json:"size"`
		Data     mapper.Data       `db:"synced_data"`
	}
	for _, raw := range []string{`{"id":1}`, `{"id":1,"name":"\u0000","any":{"a":[1e400]}}`, `{"id":1,"at":"2026-01-02T03:04:05Z","texts":{"en":null}}`, `{"id":-1,"size":18446744073709551615}`} {
		f.Add([]byte(raw))
	}
	p, err := New(reflect.TypeFor[every](), idOptions)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := remote.ParseObject(raw)
		if err != nil {
			return
		}
		rec, err := p.Map(o)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("more than one line: %q", err)
			}
			return
		}
		if r := rec.Value.(*every); strings.Contains(r.Name, "\x00") && !strings.Contains(string(raw), picture) && !strings.Contains(string(raw), `\u2400`) {
			t.Fatalf("a NUL in %q", r.Name)
		}
		if err := p.Delegate(rec); err != nil {
			t.Fatalf("delegate what was mapped: %v", err)
		}
	})
}

// Numbers of any size and spelling are compared in a time that grows with their
// length: 4 MB of digits once took two minutes.
func TestCanonicalNumber_IsLinear(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9876543210", 400_000)
	for _, spelled := range []string{digits, "0." + digits, "1e" + digits, "-1.5E-" + digits, digits + "e" + digits, "1e" + strings.Repeat("9", 4_000_000), "10e-1" + strings.Repeat("0", 4_000_000)} {
		began := time.Now()
		require.NotEmpty(t, canonicalNumber(spelled))
		require.Less(t, time.Since(began), 5*time.Second)
	}
}

func TestCanonicalNumber_HugeExponents(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{
		"1e99999999999999999999":     "10e99999999999999999998",
		"1e100000000000000000000":    "10e99999999999999999999",
		"0.1e100000000000000000000":  "1e99999999999999999999",
		"1e-99999999999999999999":    "0.1e-99999999999999999998",
		"10e-100000000000000000000":  "1e-99999999999999999999",
		"1e-100000000000000000000":   "0.1e-99999999999999999999",
		"1e-0":                       "1",
		"1e+000000000000000000000":   "1",
		"100e-000000000000000000001": "10",
		"1e-1000000000000000000":     "10e-1000000000000000001",
		"1e1000000000000000000":      "10e999999999999999999",
	} {
		require.Equal(t, canonicalNumber(a), canonicalNumber(b), "%s %s", a, b)
	}
	require.NotEqual(t, canonicalNumber("1e99999999999999999999"), canonicalNumber("1e-99999999999999999999"))
}
