package upload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// appendCanonical appends the bytes that a neutral value is hashed by. They are the same
// for all spellings of a value: 1.50 and 1.5, {"a":1,"b":2} and {"b":2,"a":1}.
func appendCanonical(b []byte, k kind, v any) []byte {
	switch x := v.(type) {
	case bool:
		if x {
			return append(b, 'T')
		}
		return append(b, 'F')
	case int64:
		var digits [20]byte
		out, _ := appendNumber(append(b, 'n'), strconv.AppendInt(digits[:0], x, 10))
		return out
	case float64:
		var digits [32]byte
		text := strconv.AppendFloat(digits[:0], x, 'g', -1, 64)
		if out, ok := appendNumber(append(b, 'n'), text); ok {
			return out
		}
		return append(append(b, 'n'), text...) // NaN, infinity
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, 't'), uint64(x.UnixMicro()))
	case []byte:
		return append(append(b, 'b'), x...)
	case string:
		switch k {
		case kindDecimal:
			if out, ok := appendNumber(append(b, 'n'), []byte(x)); ok {
				return out
			}
		case kindJSON:
			if out, err := canonicalJSON(append(b, 'j'), x); err == nil {
				return out
			}
		}
		return append(append(b, 's'), x...)
	default:
		return append(b, '0')
	}
}

// isNumber reports whether a text is a decimal number, or one of the words that
// PostgreSQL's numeric has.
func isNumber(text string) bool {
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return true
	}
	_, ok := appendNumber(nil, []byte(text))
	return ok
}

// appendNumber appends a number in its only canonical spelling: its digits without zeros
// at either end, "e" and an exponent. It reports whether text is a number.
func appendNumber(b, text []byte) (_ []byte, ok bool) {
	from := len(b)
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			b = append(b, '-')
		}
		text = text[1:]
	}
	digits := len(b)
	exponent, point, any := 0, false, false
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			any = true
			if point {
				exponent--
			}
			if c != '0' || len(b) > digits {
				b = append(b, c)
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		case (c == 'e' || c == 'E') && any:
			n, err := strconv.Atoi(strings.TrimPrefix(string(text[i+1:]), "+"))
			if err != nil {
				return b[:from], false
			}
			exponent += n
		default:
			return b[:from], false
		}
		break
	}
	if !any {
		return b[:from], false
	}
	for len(b) > digits && b[len(b)-1] == '0' {
		b = b[:len(b)-1]
		exponent++
	}
	if len(b) == digits {
		return append(b[:from], '0'), true
	}
	return strconv.AppendInt(append(b, 'e'), int64(exponent), 10), true
}

// canonicalJSON appends exactly one JSON value: members sorted by name, numbers in one
// spelling, no spaces.
func canonicalJSON(b []byte, text string) ([]byte, error) {
	dec := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	b, err := appendJSON(b, dec)
	if err != nil {
		return b, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return b, errors.New("more than one JSON value")
	}
	return b, nil
}

func appendJSON(b []byte, dec *jsontext.Decoder) ([]byte, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return b, err
	}
	switch token.Kind() {
	case '0':
		b, _ = appendNumber(b, []byte(token.String()))
		return b, nil
	case '"':
		return jsontext.AppendQuote(b, token.String())
	case '[':
		b = append(b, '[')
		for dec.PeekKind() != ']' {
			if b, err = appendJSON(b, dec); err != nil {
				return b, err
			}
			b = append(b, ',')
		}
		_, err = dec.ReadToken()
		return append(b, ']'), err
	case '{':
		var members [][]byte
		for dec.PeekKind() != '}' {
			name, err := appendJSON(nil, dec)
			if err != nil {
				return b, err
			}
			member, err := appendJSON(append(name, ':'), dec)
			if err != nil {
				return b, err
			}
			members = append(members, member)
		}
		if _, err := dec.ReadToken(); err != nil {
			return b, err
		}
		slices.SortStableFunc(members, bytes.Compare)
		return append(append(append(b, '{'), bytes.Join(members, []byte{','})...), '}'), nil
	default:
		return append(b, token.String()...), nil
	}
}
