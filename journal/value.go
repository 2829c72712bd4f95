package journal

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
)

// kind is what the values of a column are.
type kind int

const (
	other kind = iota // as the database writes it
	integer
	float
	decimal
	boolean
	moment
	day
	binary
	document // JSON that the database keeps as text
	text
)

// timeLayout is that of times in a [Row].
const timeLayout = "2006-01-02T15:04:05.000000Z"

// neutral returns a value as a [Row] has it, of one that a trigger wrote.
func (k kind) neutral(raw jsontext.Value) (any, error) {
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw.Kind() == 't', nil
	case '0':
		return k.number(string(raw)), nil
	case '"':
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil && len(unquoted) == 0 { // text that is not UTF-8 is mended
			return nil, err
		}
		return k.text(string(unquoted)), nil
	}
	if blob, ok := blobOf(raw); ok {
		return k.blob(blob), nil
	}
	compact := raw.Clone()
	if err := compact.Compact(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	return json.RawMessage(compact), nil
}

// number reads a number. SQLite has some for booleans, and infinity as one that is too large.
func (k kind) number(digits string) any {
	switch {
	case k == boolean && (digits == "0" || digits == "1"):
		return digits == "1"
	case strings.HasPrefix(digits, "9.0e+999"):
		return "Infinity"
	case strings.HasPrefix(digits, "-9.0e+999"):
		return "-Infinity"
	case k == float || k != other && strings.ContainsAny(digits, "eE"):
		if f, err := strconv.ParseFloat(digits, 64); err == nil {
			return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
		}
	}
	return json.Number(digits)
}

// text reads a text by what its column is for.
func (k kind) text(s string) any {
	switch k {
	case moment:
		if at, err := backend.ParseTime(s); err == nil && len(s) > len(time.DateOnly) {
			return at.Format(timeLayout)
		}
	case day:
		if at, err := backend.ParseTime(s); err == nil && at.Equal(at.Truncate(24*time.Hour)) {
			return at.Format(time.DateOnly)
		}
	case document:
		if raw := jsontext.Value(s); raw.IsValid(jsontext.AllowDuplicateNames(true)) {
			if v, err := other.neutral(raw); err == nil {
				return v
			}
		}
	case binary:
		if digits, ok := strings.CutPrefix(s, `\x`); ok {
			if b, err := hex.DecodeString(digits); err == nil {
				return base64.StdEncoding.EncodeToString(b)
			}
		}
		return base64.StdEncoding.EncodeToString([]byte(s))
	}
	return s
}

// blob reads bytes, which SQLite may have in any column.
func (k kind) blob(b []byte) any {
	if k == text || k == document || k == moment || k == day {
		return k.text(string(b))
	}
	return base64.StdEncoding.EncodeToString(b)
}

// plain reads a neutral value of JSON.
func plain(raw json.RawMessage) (any, error) { return other.neutral(jsontext.Value(raw)) }
