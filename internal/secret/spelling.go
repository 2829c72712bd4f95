package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// deepest is how often a text may be escaped: JSON in a query in HTML, and one more.
const deepest = 4

// needle is what to look for in a plain spelling.
type needle struct {
	text []byte
	word bool // it could be a word of ours
	size int  // of the credential, in bytes
}

// needles are the forms in which the values are looked for: as they are, without
// their escapes, in base64 and in hexadecimal digits.
func (t Texts) needles() []needle {
	var list []needle
	for _, v := range t {
		for _, p := range parts(v) {
			add := func(form string) {
				for _, s := range spellings(form) {
					if len(s.text) > 0 {
						list = append(list, needle{s.text, isWord(p), len(p)})
					}
				}
			}
			add(p)
			if len(p) >= fewLetters {
				add(hex.EncodeToString([]byte(p)))
			}
			if len(p) >= 6 {
				for _, form := range inBase64(p) {
					add(form)
				}
			}
		}
	}
	return list
}

// inBase64 is what a text looks like in base64, wherever it stands in what is encoded,
// without the digits that its neighbors have a part in.
func inBase64(s string) []string {
	var forms []string
	for before := range 3 {
		padded := append(make([]byte, before), s...)
		from, to := (before*8+5)/6, len(padded)*8/6
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, e.EncodeToString(padded)[from:to])
		}
	}
	return forms
}

// spelling is a text with some of its escapes undone.
type spelling struct {
	text []byte
	from []Span // where in the original each byte comes from
}

// spellings are a text as it is, and with its escapes undone as often as it has any;
// each in lower case, with a space for a plus, and without the characters that nobody
// sees.
func spellings(text string) []spelling {
	s := spelling{[]byte(text), make([]Span, len(text))}
	for i := range s.from {
		s.from[i] = Span{i, i + 1}
	}
	list := []spelling{s.plain()}
	for range deepest {
		if !bytes.ContainsAny(s.text, escapes) {
			break
		}
		var undone bool
		if s, undone = s.undo(); !undone {
			break
		}
		list = append(list, s.plain())
	}
	return list
}

// each finds a needle. A very short one must stand by itself.
func (s spelling) each(n needle, found func(Span)) {
	for i := 0; i < len(s.text); {
		at := bytes.Index(s.text[i:], n.text)
		if at < 0 {
			return
		}
		start, end := i+at, i+at+len(n.text)
		i = start + 1
		if n.size < fewLetters && (start > 0 && inWord(s.text[start-1]) || end < len(s.text) && inWord(s.text[end])) {
			continue
		}
		found(Span{s.from[start].From, s.from[end-1].To})
		i = end
	}
}

// cut finds a needle of which the text has only the beginning, because it was cut there.
func (s spelling) cut(n needle, found func(Span)) {
	for _, mark := range []string{"…", "..."} {
		for i := 0; ; {
			at := bytes.Index(s.text[i:], []byte(mark))
			if at < 0 {
				break
			}
			i += at
			if start := beginning(s.text[:i], n.text); start >= 0 {
				found(Span{s.from[start].From, s.from[i-1].To})
			}
			i += len(mark)
		}
	}
}

// fewestCut is how much of a credential is taken for it where the rest is cut, in bytes.
const fewestCut = 4

// beginning returns where a text ends with the beginning of a needle, or -1. Of the last
// character, the text may have only a part.
func beginning(text, needle []byte) int {
	for torn := range min(12, len(text)+1) {
		end := len(text) - torn
		if torn > 0 && !bytes.ContainsRune([]byte(`\%&~`), rune(text[end])) {
			continue
		}
		for n := min(len(needle)-1, end); n >= fewestCut; n-- {
			if bytes.HasSuffix(text[:end], needle[:n]) {
				return end - n
			}
		}
	}
	return -1
}

func inWord(c byte) bool {
	return c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}

// plain makes what is written in several ways one.
func (s spelling) plain() spelling {
	p := spelling{make([]byte, 0, len(s.text)), make([]Span, 0, len(s.text))}
	for i := 0; i < len(s.text); {
		r, n := utf8.DecodeRune(s.text[i:])
		switch c := s.text[i]; {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		case c >= 'A' && c <= 'Z':
			p.put([]byte{c + 'a' - 'A'}, s.from[i])
		case c == '+':
			p.put([]byte{' '}, s.from[i])
		default:
			for k := range n {
				p.put(s.text[i+k:i+k+1], s.from[i+k])
			}
		}
		i += n
	}
	return p
}

func (s *spelling) put(text []byte, from Span) {
	for _, c := range text {
		s.text, s.from = append(s.text, c), append(s.from, from)
	}
}

// entity matches a character as HTML writes it.
var entity = regexp.MustCompile(`^&(#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z][a-zA-Z0-9]{1,30};)`)

// undo undoes one level of escapes: those of JSON and Go, URLs and HTML.
func (s spelling) undo() (spelling, bool) {
	u := spelling{make([]byte, 0, len(s.text)), make([]Span, 0, len(s.text))}
	undone := false
	for i := 0; i < len(s.text); {
		text, n := unescape(s.text[i:])
		undone = undone || n > 1
		u.put(text, Span{s.from[i].From, s.from[i+n-1].To})
		i += n
	}
	return u, undone
}

// escapes are the characters that an escape begins with.
const escapes = `%&~\`

// unescape returns the character that a text begins with, and how it is long there.
func unescape(b []byte) (text []byte, n int) {
	number := func(from, digits, base int) (rune, bool) {
		if len(b) < from+digits {
			return 0, false
		}
		v, err := strconv.ParseUint(string(b[from:from+digits]), base, 32)
		return rune(v), err == nil
	}
	switch {
	case b[0] == '%':
		if c, ok := number(1, 2, 16); ok {
			return []byte{byte(c)}, 3
		}
	case b[0] == '&':
		if e := entity.Find(b); e != nil {
			if c := html.UnescapeString(string(e)); c != string(e) {
				return []byte(c), len(e)
			}
		}
	case b[0] == '~' && len(b) > 1 && b[1] == '1': // in the path of a JSON member
		return []byte{'/'}, 2
	case b[0] == '~' && len(b) > 1 && b[1] == '0':
		return []byte{'~'}, 2
	case b[0] == '\\' && len(b) > 1:
		switch b[1] {
		case 'u':
			if r, ok := number(2, 4, 16); ok {
				return utf8.AppendRune(nil, r), 6
			}
		case 'x':
			if c, ok := number(2, 2, 16); ok {
				return []byte{byte(c)}, 4
			}
		case 'n', 'r', 't', 'b', 'f', 'v', 'a', '0':
			return []byte{0}, 2
		case '\\', '/', '"', '\'':
			return b[1:2], 2
		}
	}
	return b[:1], 1
}
