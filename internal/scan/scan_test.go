package scan_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/scan"
)

// strict returns where jsontext finds the end of the first value, or -1.
func strict(b []byte) int {
	dec := jsontext.NewDecoder(bytes.NewReader(b))
	if _, err := dec.ReadValue(); err != nil {
		return -1
	}
	return int(dec.InputOffset())
}

// whole reports whether b is one strict value and nothing else.
func whole(b []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(b))
	if _, err := dec.ReadValue(); err != nil {
		return false
	}
	_, err := dec.ReadToken()
	return err == io.EOF
}

var known = []string{
	`{}`, `[]`, `0`, `-0.5e+10`, `1E3`, `true`, `false`, `null`, `""`, `"é – 日本語 🎈"`, `"\"\\\/\b\f\n\r\tAé"`,
	` { "a" : [ 1 , {"b":null} ] , "c":"x" } `, `{"a":{"a":{"a":1}},"b":[[],[[]],{}]}`, `"` + strings.Repeat("x", 1000) + `"`,
	`{"abcdefgh1":1,"abcdefgh2":2,"1abcdefgh":3}`,
	`[{"a":1,"b":2},{"a":1,"b":2},{"b":1,"a":2},{"b":1},{"b":1,"a":2,"c":3},{}]`, `[{"abcdefgh1":1},{"abcdefgh2":1,"abcdefgh1":2}]`, `[{"a":1},{"ab:":1}]`,
	`[{"a":{"b":1,"c":2},"b":[{"a":1}]},{"a":{"b":1,"c":2},"b":[{"a":1},{"c":1,"a":2}]}]`,
}

var refused = []string{
	``, ` `, `{`, `[`, `"`, `"\`, `"\u`, `"\u12g4"`, `"\x"`, "\"\n\"", "\"\x00\"", "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", `-`, `-x`, `1.`, `1.e`, `1e`, `1e+`, `tru`, `nul`, `falsy`,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{,}`, `{a:1}`, `{"a":1,"a":2}`, `{"abcdefgh1":1,"abcdefgh1":2}`, `[1,]`, `[1 2]`, `[,]`, `{"a":1]`, `[1}`,
	`'a'`, `+1`, `NaN`, `"\ud800"`,
	`[{"a":1,"b":2},{"a":1,"b":2,"a":3}]`, `[{"a":1,"b":2},{"a":1,"c":2,"a":3}]`, `[{"a":1,"b":2},{"a":1,"b" 2}]`, `[{"a":1,"b":2},{"a":1,"b"`,
	`[{"a":1,"b":2,"c":3},{"c":1},{"c":1,"b":2,"c":3}]`, `[{"a":{"b":1},"c":2},{"a":{"c":1},"a":2}]`, `[{"abcdefgh1":1,"b":2},{"abcdefgh1":1,"b":2,"abcdefgh1":3}]`,
	// Strict, but left to jsontext.
	`{"\u0061":1}`, `"\ud83c\udf88"`, strings.Repeat("[", 70) + strings.Repeat("]", 70),
}

func TestValue(t *testing.T) {
	for _, text := range known {
		b := []byte(text)
		from := scan.Space(b, 0)
		end := scan.Value(b, from)
		require.NotEqual(t, scan.None, end, text)
		require.Equal(t, strict(b), end, text)
		for cut := range len(bytes.TrimSpace(b)) { // no part of it is taken for the whole
			if end := scan.Value(b[:from+cut], from); end != scan.None {
				require.Equal(t, strict(b[from:from+cut]), end-from, "%q", b[from:from+cut])
			}
		}
	}
	for _, text := range refused {
		require.Equal(t, scan.None, scan.Value([]byte(text), 0), text)
	}
}

func TestWalk(t *testing.T) {
	walk := func(text string) (seen []string, ok bool) {
		ok = scan.Walk([]byte(text), func(name, value []byte) bool {
			seen = append(seen, string(name)+"="+string(value))
			return true
		})
		return seen, ok
	}
	seen, ok := walk(` { "id" : 7 , "name":"Vi\\lla\"\\\"","tags":[1,{"a":"]"}] , "é":null, "" : {} }  `)
	require.True(t, ok)
	require.Equal(t, []string{"id=7", `name="Vi\\lla\"\\\""`, `tags=[1,{"a":"]"}]`, "é=null", "={}"}, seen)
	seen, ok = walk("{\n}")
	require.True(t, ok)
	require.Empty(t, seen)
	require.True(t, scan.Walk([]byte(`{"a":1,"b":`), func([]byte, []byte) bool { return false }), "it is told to stop")
	for _, text := range append(slices.Clone(refused), `[1]`, `"a"`, `1`, `{"a":"\\"}`) {
		_, _ = walk(text) // and does not panic
	}
	for _, text := range []string{``, ` `, `{`, `[1]`, `"a"`, `{"a":`, `{"a":}`, `{"a":"`, `{"a":"\"}`, `{"a":[`, `{"a":["x]}`, `{"a" 1}`, `{"\u0061":1}`, `{"a":1`, `{1:2}`} {
		_, ok := walk(text)
		require.False(t, ok, text)
	}
}

func TestFind(t *testing.T) {
	b := []byte(` { "a" : {"id":1} , "é":2,"id": "x" , "last"!`)
	for name, at := range map[string]string{"a": `{"id":1} ,`, "é": `2,`, "id": `"x" ,`} {
		require.True(t, bytes.HasPrefix(b[scan.Find(b, 1, name):], []byte(at)), name)
	}
	for _, name := range []string{"last", "b", ""} {
		require.Equal(t, scan.None, scan.Find(b, 1, name), name)
	}
	for _, text := range []string{``, `[]`, `{}`, `{"\u0061":1,"b":2}`, `{"a":x,"b":2}`, `{"b"`, `{"b":`} {
		at := scan.Find([]byte(text), 0, "b")
		require.True(t, at == scan.None || at == len(text), text)
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`[]`: nil, ` [ ] `: nil, `[1]`: {"1"}, "[ {\"a\":[1,{}]} ,\n\"]\\\"\" , null ]": {`{"a":[1,{}]}`, `"]\""`, "null"}, `[[],[2]]`: {"[]", "[2]"},
	} {
		var items []string
		require.True(t, scan.Items([]byte(text), func(item []byte) bool {
			items = append(items, string(item))
			return true
		}), text)
		require.Equal(t, want, items, text)
	}
	for _, text := range []string{``, `{}`, `"[]"`, `[`, `[1`, `[{`, `[1,`} {
		require.False(t, scan.Items([]byte(text), func([]byte) bool { return true }), text)
	}
	require.False(t, scan.Items([]byte(`[1,2]`), func(item []byte) bool { return string(item) != "2" }))
}

func TestList(t *testing.T) {
	b := []byte(`x[ {"id":1} ,2,"three"]y`)
	var seen []string
	end := scan.List(b, 1, func(item []byte) bool {
		seen = append(seen, string(item))
		return true
	})
	require.Equal(t, len(b)-1, end)
	require.Equal(t, []string{`{"id":1}`, `2`, `"three"`}, seen)
	require.Equal(t, scan.None, scan.List(b, 1, func([]byte) bool { return false }))
	require.Equal(t, scan.None, scan.List(b, 0, nil))
	require.Equal(t, scan.None, scan.List(nil, 0, nil))
}

// FuzzValue finds text that this package takes and jsontext does not, or another
// end of it, and text at which Walk fails.
func FuzzValue(f *testing.F) {
	for _, text := range append(known, refused...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		scan.Walk(b, func(name, value []byte) bool { return true })
		from := scan.Space(b, 0)
		end := scan.Value(b, from)
		if end == scan.None {
			return
		}
		require.True(t, whole(b[:end]), "%q", b[:end])
		switch b[from] {
		case '{':
			var parts [][]byte
			require.True(t, scan.Walk(b[:end], func(name, value []byte) bool { parts = append(parts, name, value); return true }))
			requireMembers(t, b[from:end], parts)
		case '[':
			require.Equal(t, end, scan.List(b, from, func(item []byte) bool { require.True(t, whole(item)); return true }))
		}
	})
}

// requireMembers compares names and values with those of jsontext.
func requireMembers(t *testing.T, object []byte, parts [][]byte) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	_, err := dec.ReadToken()
	require.NoError(t, err)
	for ; dec.PeekKind() == '"'; parts = parts[2:] {
		name, err := dec.ReadToken()
		require.NoError(t, err)
		require.Equal(t, name.String(), string(parts[0]))
		value, err := dec.ReadValue()
		require.NoError(t, err)
		require.Equal(t, string(value), string(parts[1]))
	}
	require.Empty(t, parts)
}

// shapes are pages of 50 records of about 1.5 kB, as remotes send them. What chance
// writes is no pattern that a processor learns.
var shapes = []struct {
	name   string
	record func(*rand.Rand) string
}{
	{"prose", func(r *rand.Rand) string { return record(prose(r, 1200, "", 0)) }},
	{"accents", func(r *rand.Rand) string { return record(prose(r, 1200, "é", 3)) }},
	{"cyrillic", func(r *rand.Rand) string { return record(prose(r, 800, "ж", 85)) }},
	{"escapes", func(r *rand.Rand) string { return record(prose(r, 1200, `\n\"\u00fc`, 3)) }},
	{"members", func(r *rand.Rand) string { return members(r, 33) }},
	{"many members", func(r *rand.Rand) string { return members(r, 110) }},
	{"nested", func(r *rand.Rand) string {
		var rooms []string
		for range 15 {
			rooms = append(rooms, fmt.Sprintf(`{"id":%d,"name":%q,"beds":[{"id":%d,"kind":"double"},{"id":2,"kind":%q}]}`, r.IntN(1e6), prose(r, 6, "", 0), r.IntN(1e4), prose(r, 8, "", 0)))
		}
		return `{"id":7,"rooms":[` + strings.Join(rooms, ",") + `]}`
	}},
	{"numbers", func(r *rand.Rand) string {
		var rates []string
		for range 180 {
			rates = append(rates, strconv.FormatFloat(r.ExpFloat64()*1000, 'f', r.IntN(5), 64))
		}
		return `{"id":7,"rates":[` + strings.Join(rates, ",") + `]}`
	}},
}

func pageOf(record func(*rand.Rand) string) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var records []string
	for range 50 {
		records = append(records, record(r))
	}
	return []byte("[" + strings.Join(records, ",") + "]")
}

// prose is a text in which some letters of a hundred are others.
func prose(r *rand.Rand, length int, other string, percent int) string {
	var b strings.Builder
	for range length {
		switch {
		case r.IntN(100) < percent:
			i := r.IntN(len(other)) &^ 1
			if strings.HasPrefix(other, `\`) {
				i = []int{0, 2, 4}[r.IntN(3)]
			}
			end := i + 2
			if other[i:end] == `\u` {
				end += 4
			}
			b.WriteString(other[i:end])
		case r.IntN(6) == 0:
			b.WriteByte(' ')
		default:
			b.WriteByte(byte('a' + r.IntN(26)))
		}
	}
	return b.String()
}

// record is an object of ten members, and a text.
func record(text string) string {
	return `{"id":7,"name":"Villa","rates":[1.5,2,3],"city":"Lisbon","rooms":4,"price":"70.50","lat":12.345678,"open":true,"headline":null,` +
		`"created_at":"2026-01-02T03:04:05Z","address":{"street":"Rua","city":"Lisbon"},"about":{"en":"` + text + `"}}`
}

// members is an object of short members.
func members(r *rand.Rand, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"member_%d":%s`, i, []string{strconv.Quote(prose(r, 6, "", 0)), strconv.Itoa(r.IntN(1000)), "true"}[i%3])
	}
	return "{" + strings.Join(list, ",") + "}"
}

func TestShapes(t *testing.T) {
	for _, shape := range shapes {
		page := pageOf(shape.record)
		require.Equal(t, len(page), scan.Value(page, 0), shape.name) // none is left to jsontext
		require.Equal(t, len(page), strict(page), shape.name)
	}
}

func BenchmarkValue(b *testing.B) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(nil))
	for _, shape := range shapes {
		page := pageOf(shape.record)
		for name, run := range map[string]func(){
			"scan": func() { scan.Value(page, 0) },
			"walk": func() {
				scan.List(page, 0, func(object []byte) bool { return scan.Walk(object, func([]byte, []byte) bool { return true }) })
			},
			"jsontext": func() {
				dec.Reset(bytes.NewBuffer(page)) // which it reads in place
				_, _ = dec.ReadValue()
			},
		} {
			b.Run(shape.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(page)))
				for b.Loop() {
					run()
				}
			})
		}
	}
}
