package upload

import (
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
)

// neutral brings a value as a database gave it into the form that it has on every
// database: nil, bool, int64, float64, string, []byte or a time in UTC. It reports
// whether the value is of its kind. One that is not, which only SQLite can hold, stays
// what it is.
func neutral(k kind, v any) (any, bool) {
	v = simple(v)
	switch x := v.(type) {
	case nil:
		return nil, true
	case []byte:
		if k == kindBytes {
			return x, true
		}
		v = strings.ToValidUTF8(string(x), "\uFFFD")
	case time.Time:
		switch k {
		case kindTime:
			return backend.Moment(x), true
		case kindDate:
			return x.Format(time.DateOnly), true
		default: // a text that SQLite's driver took for a time
			v = x.Format(time.RFC3339Nano)
		}
	case string:
		v = strings.ToValidUTF8(x, "\uFFFD")
	}
	switch x := v.(type) {
	case string:
		return ofText(k, x)
	case int64:
		switch k {
		case kindInt:
			return x, true
		case kindFloat:
			return float64(x), true
		case kindBool:
			if x == 0 || x == 1 {
				return x == 1, true
			}
		case kindDecimal, kindText, kindJSON:
			return strconv.FormatInt(x, 10), true
		}
	case float64:
		switch {
		case k == kindFloat:
			return x, true
		case k == kindInt && x == math.Trunc(x) && math.Abs(x) < 1<<53:
			return int64(x), true
		case k == kindDecimal, k == kindText, k == kindJSON:
			return strconv.FormatFloat(x, 'g', -1, 64), true
		}
	case bool:
		return x, k == kindBool
	}
	return v, false
}

// simple makes one of the few types of a value that a driver gave.
func simple(v any) any {
	switch x := v.(type) {
	case nil, bool, int64, float64, string, []byte, time.Time:
		return v
	case int16:
		return int64(x)
	case int32:
		return int64(x)
	case float32:
		f, _ := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
		return f
	case driver.Valuer:
		if plain, err := x.Value(); err == nil {
			return simple(plain)
		}
	}
	return fmt.Sprint(v)
}

// ofText reads the text of a value. The text of bytes is that of a misfit.
func ofText(k kind, text string) (any, bool) {
	switch k {
	case kindText, kindJSON:
		return text, true
	case kindDecimal:
		return text, isNumber(text)
	case kindFloat:
		f, err := strconv.ParseFloat(text, 64)
		if err == nil {
			return f, true
		}
	case kindTime:
		if at, err := backend.ParseTime(text); err == nil {
			return at, true
		}
	case kindDate:
		if at, err := backend.ParseTime(text); err == nil {
			return at.Format(time.DateOnly), true
		}
	case kindUUID:
		if id, err := uuid.Parse(text); err == nil {
			return id.String(), true
		}
	case kindBytes:
		return []byte(text), true
	}
	return text, false
}

// timeLayout is how times are written on the wire and in keys.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// appendWire appends a neutral value as JSON.
func appendWire(b []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, x)
	case int64:
		return strconv.AppendInt(b, x, 10)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return strconv.AppendQuote(b, strconv.FormatFloat(x, 'g', -1, 64))
		}
		return strconv.AppendFloat(b, x, 'g', -1, 64)
	case time.Time:
		b = append(b, '"')
		return append(x.AppendFormat(b, timeLayout), '"')
	case []byte:
		b = append(b, '"')
		return append(base64.StdEncoding.AppendEncode(b, x), '"')
	case string:
		quoted, _ := jsontext.AppendQuote(b, x) // it is valid UTF-8
		return quoted
	default:
		return append(b, "null"...)
	}
}

// fromWire reads a value that came as JSON, and refuses one that is not of its kind.
func fromWire(k kind, token jsontext.Token) (any, error) {
	var v any
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		v = token.Bool()
	case '0':
		text := token.String()
		switch n, err := strconv.ParseInt(text, 10, 64); {
		case err == nil:
			v = n
		case k == kindFloat:
			f, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, misfit(k, text)
			}
			v = f
		default:
			v = text
		}
	case '"':
		text := token.String()
		if k == kindBytes {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, misfit(k, text)
			}
			return data, nil
		}
		v = text
	default:
		return nil, fmt.Errorf("%w: want a number, a text, true, false or null, not %s", errRequest, token.Kind())
	}
	fitting, ok := neutral(k, v)
	if text, isText := fitting.(string); ok && isText && k == kindJSON {
		ok = jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true))
	}
	if !ok {
		return nil, misfit(k, fmt.Sprint(v))
	}
	return fitting, nil
}

func misfit(k kind, text string) error {
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	what := map[kind]string{
		kindInt: "an integer of 64 bits", kindFloat: "a number", kindDecimal: "a number", kindBool: "true or false",
		kindTime: "a time", kindDate: "a day", kindBytes: "base64", kindUUID: "a UUID", kindJSON: "JSON", kindText: "a text",
	}[k]
	return fmt.Errorf("%q is not %s", text, what)
}

// parseSalt reads the secret that row hashes are keyed with.
func parseSalt(text string) (salt [16]byte, err error) {
	n, err := hex.Decode(salt[:], []byte(text))
	if err == nil && n != len(salt) {
		err = fmt.Errorf("it has %d bytes, not %d", n, len(salt))
	}
	return salt, err
}
