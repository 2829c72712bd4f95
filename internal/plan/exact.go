package plan

import (
	"database/sql"
	"encoding"
	stdjson "encoding/json"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// integers reads whole numbers into an integer in any spelling, such as 5.0.
func integers[T int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64]() *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *T) error {
		if dec.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if whole, ok := wholeNumber(string(value)); ok {
			value = jsontext.Value(whole)
		}
		return json.Unmarshal(value, v)
	})
}

// exact reads and writes JSON without losing digits: it takes encoding/json's
// Number for a number, and makes one of each number in an any.
var exact = json.JoinOptions(
	json.WithUnmarshalers(exactly),
	json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, n stdjson.Number) error {
		if n == "" {
			return enc.WriteToken(jsontext.Null)
		}
		return enc.WriteValue(jsontext.Value(n))
	})),
	json.Deterministic(true), json.FormatNilMapAsNull(true), json.FormatNilSliceAsNull(true),
)

// exactly is how exact reads.
var exactly = json.JoinUnmarshalers(
	json.UnmarshalFromFunc(readNumber),
	integers[int](), integers[int8](), integers[int16](), integers[int32](), integers[int64](),
	integers[uint](), integers[uint8](), integers[uint16](), integers[uint32](), integers[uint64](),
	json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
		if dec.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		var n stdjson.Number
		err := readNumber(dec, &n)
		*v = n
		return err
	}))

// readNumber reads a number, or like encoding/json a string that spells one.
func readNumber(dec *jsontext.Decoder, n *stdjson.Number) error {
	switch dec.PeekKind() {
	case '0':
		v, err := dec.ReadValue()
		*n = stdjson.Number(v)
		return err
	case '"':
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if text := token.String(); jsontext.Value(text).Kind() == '0' && jsontext.Value(text).IsValid() {
			*n = stdjson.Number(text)
			return nil
		}
		return errors.New("not a number")
	default:
		return errors.ErrUnsupported
	}
}

var (
	numberType   = reflect.TypeFor[stdjson.Number]()
	durationType = reflect.TypeFor[time.Duration]()
)

// decodeJSON reads a value into a field. A null leaves the zero value, unless the
// type reads nulls itself.
func decodeJSON(value jsontext.Value, v reflect.Value) error {
	t := v.Type()
	switch {
	case isNull(t):
		v.SetZero()
		if value.Kind() == 'n' {
			return nil
		}
		if err := decodeJSON(value, v.Field(0)); err != nil {
			return err
		}
		v.Field(1).SetBool(true)
		return nil
	case value.Kind() == 'n' && v.Kind() == reflect.Slice:
		v.SetZero() // a RawMessage too, as a column returns it
		return nil
	case element(t) != numberType && element(t).Kind() <= reflect.Float64, element(t) == timeType:
		err := json.Unmarshal(value, v.Addr().Interface())
		if whole, ok := wholeNumber(string(value)); err != nil && ok && isInteger(element(t)) {
			return json.Unmarshal([]byte(whole), v.Addr().Interface())
		}
		return err
	case element(t).Kind() == reflect.Struct && scansItself(t) && !readsItself(element(t)):
		return scanJSON(value, v)
	default:
		return json.Unmarshal(value, v.Addr().Interface(), exact)
	}
}

// scanJSON reads a value into a type that knows how a database keeps it, and has no JSON
// form of its own: a text or a number as a driver would give it.
func scanJSON(value jsontext.Value, v reflect.Value) error {
	if value.Kind() == 'n' {
		v.SetZero()
		return nil
	}
	var src []any
	switch value.Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		src = []any{text}
	case '0':
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			src = []any{n}
		}
		x, _ := strconv.ParseFloat(string(value), 64)
		src = append(src, string(value), x)
	case 't', 'f':
		src = []any{value.Kind() == 't'}
	default:
		return json.Unmarshal(value, v.Addr().Interface(), exact)
	}
	to := v
	if v.Kind() == reflect.Pointer {
		to = reflect.New(v.Type().Elem()).Elem()
	}
	var err error
	for _, s := range src {
		if err = to.Addr().Interface().(sql.Scanner).Scan(s); err == nil {
			if v.Kind() == reflect.Pointer {
				v.Set(to.Addr())
			}
			return nil
		}
	}
	return err
}

// readsItself reports whether a type has its own JSON form.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
