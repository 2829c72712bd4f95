package remote

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/scan"
)

// check returns an error unless v is exactly one strict JSON value.
func check(v Value) error {
	if end := scan.Value(v, scan.Space(v, 0)); end != scan.None && scan.Space(v, end) == len(v) {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(v))
	if err := dec.SkipValue(); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// trim drops the white space around a checked value.
func trim(v Value) Value { return Value(bytes.TrimSpace(v)) }

// member finds a member of a JSON object by its name.
func member(v Value, name string) (Value, bool) {
	if v.Kind() != '{' {
		return nil, false
	}
	if at := scan.Find(v, 0, name); at != scan.None {
		if end := scan.Value(v, at); end != scan.None {
			return v[at:end:end], true
		}
	}
	return memberSlowly(v, name)
}

// memberSlowly reads what the scanner leaves: names with escapes, unusual values.
func memberSlowly(v Value, name string) (Value, bool) {
	// Also of an InvalidObject: of two members of one name, the first counts.
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadToken()
		if err != nil {
			return nil, false
		}
		found := key.String() == name // before the token is overwritten
		start := dec.InputOffset()
		if dec.SkipValue() != nil {
			return nil, false
		}
		if found {
			value := bytes.TrimSpace(v[start:dec.InputOffset()])
			return trim(bytes.TrimPrefix(value, []byte(":"))), true
		}
	}
	return nil, false
}
