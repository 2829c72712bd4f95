package badinput_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// member is one of a record's, by its texts.
type member struct{ name, value string }

// badPage is a page that is being spoilt.
type badPage struct {
	*rand.Rand
	key     string // of the list
	records [][]member
	meta    string
}

// mutation spoils a page; or the page's bytes, where it returns some.
type mutation struct {
	name string
	of   func(p *badPage) []byte
}

// strange are values that no field wants, or hardly any.
var strange = []string{
	`null`, `true`, `"x"`, `""`, `12`, `-0`, `3.0`, `1e2`, `1e400`, `-1e-400`, `9223372036854775807`, `9223372036854775808`, `99999999999999999999999999`, strings.Repeat("9", 400),
	`[]`, `{}`, `[1,"a",null]`, `{"a":{"b":[1]}}`, `"12"`, `"2026-01-02T03:04:05Z"`, `"2026-13-45"`, `"0000-01-01T00:00:00+23:59"`, `"9999-12-31T23:59:59-23:59"`,
	`"a\u0000b"`, `"\u0000"`, `["\u0000"]`, `"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`, "\"\xff\xfe\"", "\"\xc0\x80\"", `"\x"`, "\"a\nb\"", `"\u2028"`, `{"a":1,"a":2}`, `NaN`, `+1`, `01`, `.5`, `1.`, `'x'`, `/**/1`,
}

// letters mean something in JSON, or nothing anywhere.
const letters = "0123456789eE+-.\"\\,:[]{}untrfalse \x00\xff"

// mutations are the ways to spoil a page. The first of them leave valid JSON more
// often than not.
var mutations = []mutation{
	{"a member of another type", func(p *badPage) []byte { p.any().value = strange[p.IntN(len(strange))]; return nil }},
	{"a member of another type, in a few records", func(p *badPage) []byte {
		for range 1 + p.IntN(4) {
			p.any().value = strange[p.IntN(22)]
		}
		return nil
	}},
	{"members exchanged", func(p *badPage) []byte { a, b := p.any(), p.any(); a.value, b.value = b.value, a.value; return nil }},
	{"a member dropped", func(p *badPage) []byte {
		r := p.record()
		at := p.IntN(len(*r))
		*r = slices.Delete(slices.Clone(*r), at, at+1)
		return nil
	}},
	{"a member renamed", func(p *badPage) []byte {
		m := p.any()
		m.name = []string{strings.ToUpper(m.name), m.name + "\x00", m.name + " ", "", "synced_id", "name"}[p.IntN(6)]
		return nil
	}},
	{"a member twice", func(p *badPage) []byte { r := p.record(); *r = append(*r, (*r)[p.IntN(len(*r))]); return nil }},
	{"no id", func(p *badPage) []byte { p.id().name = "Id"; return nil }},
	{"a strange id", func(p *badPage) []byte { p.id().value = strange[p.IntN(len(strange))]; return nil }},
	{"another id", func(p *badPage) []byte { p.id().value = strconv.Itoa(1 + p.IntN(60)); return nil }},
	{"a record twice", func(p *badPage) []byte { p.records = append(p.records, *p.record()); return nil }},
	{"a record left out", func(p *badPage) []byte { p.records = p.records[p.IntN(len(p.records)):]; return nil }},
	{"two records with one id", func(p *badPage) []byte { p.id().value = p.id().value; return nil }},
	{"a record that is none", func(p *badPage) []byte { p.records[p.IntN(len(p.records))] = nil; return nil }},
	{"a very long string", func(p *badPage) []byte {
		p.any().value = `"` + strings.Repeat([]string{"x", `\u0000`, "é"}[p.IntN(3)], 20_000) + `"`
		return nil
	}},
	{"a very long name", func(p *badPage) []byte { p.any().name = strings.Repeat("x", 20_000); return nil }},
	{"deep nesting", func(p *badPage) []byte {
		depth := []int{50, 5_000, 10_000, 100_000}[p.IntN(4)]
		open, end := "[", "]"
		if p.IntN(2) == 0 {
			open, end = `{"a":`, "}"
		}
		p.any().value = strings.Repeat(open, depth) + "1" + strings.Repeat(end, depth*p.IntN(2))
		return nil
	}},
	{"unknown members", func(p *badPage) []byte {
		r := p.record()
		*r = append(*r, member{"unknown", strange[p.IntN(22)]}, member{"__proto__", `{"a":[]}`})
		return nil
	}},
	{"deleted ids", func(p *badPage) []byte {
		p.meta = `{"deleted_ids":[` + []string{strconv.Itoa(1 + p.IntN(60)), `"7"`, `null`, `7,7,8`, `1e400`, `{"id":3}`, `[]`}[p.IntN(7)] + `]}`
		return nil
	}},
	{"a strange meta", func(p *badPage) []byte { p.meta = strange[p.IntN(len(strange))]; return nil }},
	{"another envelope", func(p *badPage) []byte {
		p.key = []string{"data", "HUTS", "huts ", "", "meta.huts"}[p.IntN(5)]
		return nil
	}},
	{"a bare list", func(p *badPage) []byte { return p.list() }},
	{"the list is no list", func(p *badPage) []byte {
		return fmt.Appendf(nil, `{"huts":%s,"meta":{}}`, strange[p.IntN(len(strange))])
	}},
	{"something else", func(p *badPage) []byte {
		return []byte([]string{" ", "<html>\n</html>", `{"errors":[{"code":"x"}]}`, "null", `"huts"`, "\x00", "\xef\xbb\xbf{}", "\x1f\x8b\x08", "{}{}"}[p.IntN(9)])
	}},
	{"twice", func(p *badPage) []byte { return bytes.Repeat(p.body(), 2) }},
	{"bytes flipped", func(p *badPage) []byte {
		body := p.body()
		for range 1 + p.IntN(4) {
			body[p.IntN(len(body))] ^= 1 << p.IntN(8)
		}
		return body
	}},
	{"a letter exchanged", func(p *badPage) []byte {
		body := p.body()
		body[p.IntN(len(body))] = letters[p.IntN(len(letters))]
		return body
	}},
	{"cut", func(p *badPage) []byte { body := p.body(); return body[:1+p.IntN(len(body)-1)] }},
	{"a piece cut out", func(p *badPage) []byte {
		body := p.body()
		from := 1 + p.IntN(len(body)-1)
		return append(body[:from:from], body[min(len(body), from+1+p.IntN(200)):]...)
	}},
	{"a piece repeated", func(p *badPage) []byte {
		body := p.body()
		from := p.IntN(len(body))
		to := min(len(body), from+1+p.IntN(200))
		return append(body[:to:to], body[from:]...)
	}},
}

// spoil spoils a page in one way, or in a few.
func spoil(chance *rand.Rand, body []byte) (name string, spoilt []byte) {
	p := &badPage{Rand: chance, key: "huts", meta: "{}", records: recordsIn(body)}
	for n := range []int{1, 1, 1, 2, 3}[chance.IntN(5)] {
		m := mutations[chance.IntN(len(mutations))]
		if n > 0 {
			name += ", "
		}
		name += m.name
		if spoilt = m.of(p); spoilt != nil {
			return name, spoilt
		}
		for i := range p.records { // the next mutation wants members
			if len(p.records[i]) == 0 {
				return name, p.body()
			}
		}
	}
	return name, p.body()
}

// recordsIn reads the records of a page that is all right.
func recordsIn(body []byte) [][]member {
	var page struct{ Huts []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		panic(err)
	}
	var records [][]member
	for _, raw := range page.Huts {
		dec := jsontext.NewDecoder(bytes.NewReader(raw))
		var r []member
		_, _ = dec.ReadToken()
		for dec.PeekKind() == '"' {
			name, _ := dec.ReadToken()
			text := name.String()
			value, _ := dec.ReadValue()
			r = append(r, member{text, string(value)})
		}
		records = append(records, r)
	}
	return records
}

func (p *badPage) record() *[]member { return &p.records[p.IntN(len(p.records))] }

// any is a member of a record.
func (p *badPage) any() *member { r := *p.record(); return &r[p.IntN(len(r))] }

// id is the first member of a record: its id, unless that is spoilt already.
func (p *badPage) id() *member {
	r := *p.record()
	for i := range r {
		if r[i].name == "id" {
			return &r[i]
		}
	}
	return &r[0]
}

// list is the list of records; one without members is a number.
func (p *badPage) list() []byte {
	records := make([]string, len(p.records))
	for i, r := range p.records {
		records[i] = "7"
		if len(r) > 0 {
			members := make([]string, len(r))
			for j, m := range r {
				name, _ := jsontext.AppendQuote(nil, m.name)
				members[j] = string(name) + ":" + m.value
			}
			records[i] = "{" + strings.Join(members, ",") + "}"
		}
	}
	return []byte("[" + strings.Join(records, ",") + "]")
}

func (p *badPage) body() []byte {
	return fmt.Appendf(nil, `{%q:%s,"links":{},"meta":%s}`, p.key, p.list(), p.meta)
}
