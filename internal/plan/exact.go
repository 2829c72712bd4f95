package plan

import (
	"encoding"
	stdjson "encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// exact reads and writes JSON without losing digits: it takes encoding/json's
// Number for a number, and makes one of each number in an any.
var exact = json.JoinOptions(
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readNumber),
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
			if dec.PeekKind() != '0' {
				return errors.ErrUnsupported
			}
			var n stdjson.Number
			err := readNumber(dec, &n)
			*v = n
			return err
		}))),
	json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, n stdjson.Number) error {
		if n == "" {
			return enc.WriteToken(jsontext.Null)
		}
		return enc.WriteValue(jsontext.Value(n))
	})),
	json.Deterministic(true), json.FormatNilMapAsNull(true), json.FormatNilSliceAsNull(true),
)

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
		return json.Unmarshal(value, v.Addr().Interface())
	default:
		return json.Unmarshal(value, v.Addr().Interface(), exact)
	}
}

// readsItself reports whether a type has its own JSON form.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
