package plan

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// SameJSON reports whether two JSON values mean the same: members in any order,
// numbers in any spelling (1, 1.0 and 1e0), strings however escaped. It compares
// numbers of any size exactly.
func SameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, err1 := parse(a)
	y, err2 := parse(b)
	return err1 == nil && err2 == nil && sameTree(x, y)
}

// parse reads exactly one value.
func parse(text []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	v, err := tree(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// number is a number in its canonical spelling.
type number string

// tree reads a value into maps, slices and scalars.
func tree(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return objectTree(dec)
	case '[':
		return listTree(dec)
	case '"':
		return token.String(), nil
	case '0':
		return number(canonicalNumber(token.String())), nil
	case 't', 'f':
		return token.Bool(), nil
	default:
		return nil, nil
	}
}

// objectTree reads what an object holds, and its end.
func objectTree(dec *jsontext.Decoder) (map[string]any, error) {
	all := map[string]any{}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if all[key], err = tree(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return all, err
}

// listTree reads what an array holds, and its end.
func listTree(dec *jsontext.Decoder) ([]any, error) {
	list := []any{}
	for dec.PeekKind() != ']' {
		v, err := tree(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.ReadToken()
	return list, err
}

func sameTree(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for name, v := range x {
			w, ok := y[name]
			if !ok || !sameTree(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameTree(x[i], y[i]) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}
