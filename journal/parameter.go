package journal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// parameter returns a neutral value of the column as a parameter of a statement.
func (c column) parameter(v any) (any, error) {
	switch x := v.(type) {
	case nil, bool, int, int64:
		return v, nil
	case json.Number:
		if n, err := strconv.ParseInt(string(x), 10, 64); err == nil && c.kind != other && c.kind != text {
			return n, nil
		}
		return string(x), nil
	case string:
		if c.kind == binary {
			return base64.StdEncoding.DecodeString(x)
		}
		return x, nil
	case json.RawMessage:
		return string(x), nil
	}
	return nil, fmt.Errorf("a %T is no value of a Row", v)
}

// keyParameters returns the values of a key as parameters.
func (d *described) keyParameters(key Key) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(key), &raw); err != nil || len(raw) != len(d.key) {
		return nil, fmt.Errorf("%q is no key of it, which has %d columns", key, len(d.key))
	}
	values := make([]any, len(raw))
	for i, c := range d.key {
		v, err := c.kind.neutral(jsontext.Value(raw[i]))
		if err == nil {
			values[i], err = c.parameter(v)
		}
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", key, err)
		}
	}
	return values, nil
}
