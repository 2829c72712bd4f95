package rest

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// lenient reads a body that is not strict JSON, if only records of it are not: a
// text that is no UTF-8 or has half a surrogate pair, a control character or an escape
// that there is not, two members of one name, or NaN and Infinity.
// Such a record can't be mapped, and is the only one. Otherwise it returns the
// error that there was.
func (e envelope) lenient(body []byte, page *remote.Page, strict *remote.FormatError) (map[string]remote.Value, *remote.FormatError) {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](strict.Err)
	if !ok {
		return nil, strict
	}
	if !tolerable(syntax) {
		if body, ok = respelled(body, e.spelling.mend); !ok {
			return nil, strict
		}
		if e.spelling.body != nil {
			*e.spelling.body = body
		}
	}
	if e.spelling.mend {
		body = mended(body)
		e.spelling.mend = false
		return e.split(body, page)
	}
	if e.ids || e.one {
		return nil, strict
	}
	filled := *page
	s := e.splitter(body, &filled, nil)
	s.lax = true
	s.dec = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	values, err := s.whole()
	if err != nil || s.rest == nil || !jsontext.Value(s.rest).IsValid() {
		return nil, strict
	}
	*page = filled
	return values, nil
}

// tolerable reports whether an error leaves it clear where values begin and end.
func tolerable(err *jsontext.SyntacticError) bool {
	return errors.Is(err, jsontext.ErrDuplicateName) || strings.Contains(err.Err.Error(), "UTF-8") || strings.Contains(err.Err.Error(), "surrogate")
}

// addAny adds a record, which may be invalid.
func (s *splitter) addAny(v remote.Value) *remote.FormatError {
	o := remote.UncheckedObject(v)
	if !jsontext.Value(v).IsValid() {
		o = remote.InvalidObject(escaped(v))
	}
	s.page.Objects = append(s.page.Objects, o)
	return nil
}

// replacement is U+FFFD as an escape, and how bytes of strings are escaped that are
// no UTF-8, so that a database keeps them as text: as half a surrogate pair, which
// stays invalid.
const (
	replacement = `\ufffd`
	escapedByte = `\udc`
)

// mended returns JSON in which what is not valid in texts is U+FFFD.
func mended(body []byte) []byte {
	return rewritten(body, func(out, invalid []byte) []byte { return append(out, replacement...) })
}

// escaped returns JSON that is valid UTF-8.
func escaped(v []byte) []byte {
	const digits = "0123456789abcdef"
	return rewritten(v, func(out, invalid []byte) []byte {
		if invalid[0] == '\\' {
			return append(out, invalid...)
		}
		return append(append(out, escapedByte...), digits[invalid[0]>>4], digits[invalid[0]&15])
	})
}

// rewritten copies JSON, with what instead appends for each escape of half a
// surrogate pair, and for each byte that is no UTF-8.
func rewritten(body []byte, instead func(out, invalid []byte) []byte) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		size := 1
		switch c := body[i]; {
		case c == '\\':
			var whole bool
			if size, whole = escapeAt(body[i:]); !whole {
				out = instead(out, body[i:i+size])
				i += size
				continue
			}
		case c >= utf8.RuneSelf:
			var r rune
			if r, size = utf8.DecodeRune(body[i:]); r == utf8.RuneError && size == 1 {
				out = instead(out, body[i:i+1])
				i++
				continue
			}
		}
		out = append(out, body[i:i+size]...)
		i += size
	}
	return out
}

// escapeAt returns how long the escape is that a text begins with, and whether it is
// whole: not half of a surrogate pair.
func escapeAt(b []byte) (size int, whole bool) {
	switch {
	case len(b) < 6 || b[1] != 'u':
		return min(2, len(b)), true
	case b[2]|0x20 != 'd' || b[3] < '8':
		return 6, true
	case len(b) >= 12 && (b[3]|0x20) < 'c' && b[6] == '\\' && b[7] == 'u' && b[8]|0x20 == 'd' && b[9]|0x20 >= 'c':
		return 12, true
	default:
		return 6, false
	}
}
