package remote

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/scan"
)

// check says whether v is exactly one strict JSON value.
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
	dec := jsontext.NewDecoder(bytes.NewBuffer(v))
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadToken()
		if err != nil {
			return nil, false
		}
		found := key.String() == name
		if !found {
			if dec.SkipValue() != nil {
				return nil, false
			}
			continue
		}
		start := dec.InputOffset()
		if dec.SkipValue() != nil {
			return nil, false
		}
		return trimColon(v[start:dec.InputOffset()]), true
	}
	return nil, false
}

// trimColon drops what stands between a name and its value.
func trimColon(v Value) Value {
	return trim(bytes.TrimPrefix(bytes.TrimSpace(v), []byte(":")))
}
