package remote

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

// Object is one remote object, kept as the bytes received: unknown members,
// member order and the digits of big numbers survive. The zero Object holds
// nothing. Objects may be shared between goroutines; their bytes must not be
// changed.
type Object struct {
	raw     Value
	invalid bool
}

// errNotObject is a record of another kind.
var errNotObject = errors.New("not a JSON object")

// ParseObject checks that raw is one JSON object, strictly (RFC 8259: valid
// UTF-8, no lone surrogates; RFC 7493: no duplicate names), and keeps it without
// copying it.
func ParseObject(raw []byte) (Object, error) {
	v := Value(raw)
	if err := check(v); err != nil {
		return Object{}, err
	}
	if v.Kind() != '{' {
		return Object{}, errNotObject
	}
	return Object{raw: trim(v)}, nil
}

// UncheckedObject keeps raw without looking at it. It is for clients whose decoder has
// checked raw by the rules of [ParseObject]. Bytes that break them fail later, when they
// are read, or in the database.
func UncheckedObject(raw []byte) Object { return Object{raw: raw} }

// InvalidObject keeps raw, of which it is clear where it begins and ends, but which breaks
// the rules of [ParseObject]: two members have one name, or a text is not UTF-8. The
// record is invalid, and no other one with it.
func InvalidObject(raw []byte) Object { return Object{raw: raw, invalid: true} }

// KeptObject is [ParseObject] for an object that was received and stored. One that breaks
// its rules is an [InvalidObject].
func KeptObject(raw []byte) (Object, error) {
	o, err := ParseObject(raw)
	if v := trim(raw); err != nil && v.Kind() == '{' {
		return InvalidObject(v), nil
	}
	return o, err
}

// Err returns why the object is an [InvalidObject], and nil for all others.
func (o Object) Err() error {
	if !o.invalid {
		return nil
	}
	return check(o.raw)
}

// ObjectOf encodes v, a struct or a map, as a remote object. It is for records
// that the caller has at hand (see synced.Call) and for tests.
func ObjectOf(v any) (Object, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return Object{}, fmt.Errorf("encode %T: %w", v, err)
	}
	return ParseObject(raw)
}

// Raw returns the object as received. It must not be changed.
func (o Object) Raw() []byte { return o.raw }

// mostShown is how much of an object is shown, in bytes.
const mostShown = 200

// String returns the beginning of the object's JSON, for people: at most 200 bytes on
// one line, and "…" where there is more. Raw has all of it.
func (o Object) String() string {
	if o.raw == nil {
		return "null"
	}
	begin := o.raw[:min(len(o.raw), 10*mostShown)] // enough to choose from, white space included
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(begin), "\uFFFD")), " ")
	if len(begin) == len(o.raw) && len(text) <= mostShown {
		return text
	}
	text = text[:min(len(text), mostShown)]
	return strings.ToValidUTF8(text, "") + "…"
}

// Clone returns a copy with its own memory. An object that a page listed keeps the
// memory of the whole page.
func (o Object) Clone() Object { return Object{bytes.Clone(o.raw), o.invalid} }

// MarshalJSON returns the object as received.
func (o Object) MarshalJSON() ([]byte, error) {
	if o.raw == nil {
		return []byte("null"), nil
	}
	return o.raw, nil
}

// UnmarshalJSON keeps a copy of raw. A null is the zero Object, as MarshalJSON
// writes it.
func (o *Object) UnmarshalJSON(raw []byte) error {
	if Value(raw).Kind() == 'n' {
		*o = Object{}
		return nil
	}
	parsed, err := ParseObject(bytes.Clone(raw))
	*o = parsed
	return err
}

// Lookup finds the value at a path of member names, and whether there is one. A
// null is a value.
func (o Object) Lookup(path ...string) (Value, bool) {
	v := o.raw
	for _, name := range path {
		next, ok := member(v, name)
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, v != nil
}

// Decode stores the value at path in dst, a pointer, by the rules of JSON v2:
// names match exactly, a number does not become a string, integers are exact or
// an error. Nothing at the path, and null, leave the zero value.
func (o Object) Decode(dst any, path ...string) error {
	v, ok := o.Lookup(path...)
	if !ok {
		v = Value("null")
	}
	if err := json.Unmarshal(v, dst); err != nil {
		if len(path) == 0 {
			return err
		}
		return fmt.Errorf("%s: %w", strings.Join(path, "."), err)
	}
	return nil
}

// Get returns the value at path as a T. It is [Object.Decode] in one expression:
//
//	city, err := remote.Get[string](o, "address", "city")
func Get[T any](o Object, path ...string) (T, error) {
	var v T
	err := o.Decode(&v, path...)
	return v, err
}
