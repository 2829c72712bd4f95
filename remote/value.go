package remote

import (
	"bytes"
	"errors"
)

// Value is one JSON value, as received.
type Value []byte

// Kind tells what the value is by its first byte: 'n' is null, 't' and 'f' are the
// booleans, '"' is a string, '0' any number, '{' an object and '[' a list. It is 0
// where the bytes are no JSON.
func (v Value) Kind() byte {
	text := bytes.TrimLeft(v, " \t\r\n")
	if len(text) == 0 {
		return 0
	}
	switch c := text[0]; c {
	case 'n', 't', 'f', '"', '{', '[':
		return c
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	}
	return 0
}

// String returns the value as it is written.
func (v Value) String() string { return string(v) }

// MarshalJSON returns the value as received. Nil is null.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	return v, nil
}

// UnmarshalJSON keeps a copy of raw.
func (v *Value) UnmarshalJSON(raw []byte) error {
	if v == nil {
		return errors.New("remote: UnmarshalJSON on a nil Value")
	}
	*v = bytes.Clone(raw)
	return nil
}
