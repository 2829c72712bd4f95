package peer

import (
	stdjson "encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/remote"
)

// encodeValue writes a neutral value as JSON.
func encodeValue(v any) (remote.Value, error) {
	switch v := v.(type) {
	case nil:
		return remote.Value("null"), nil
	case stdjson.Number:
		return remote.Value(v), nil
	case stdjson.RawMessage:
		return remote.Value(v), nil
	}
	return json.Marshal(v, jsontext.AllowInvalidUTF8(true))
}

// decodeValue reads a neutral value.
func decodeValue(raw remote.Value) (any, error) {
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw.Kind() == 't', nil
	case '0':
		return stdjson.Number(raw), nil
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[':
		return stdjson.RawMessage(slices.Clone(raw)), nil
	}
	return nil, fmt.Errorf("%.20q is no value", raw)
}

// encodeRow writes a row as JSON; nil is "".
func encodeRow(row journal.Row) (string, error) {
	if row == nil {
		return "", nil
	}
	values := map[string]remote.Value{}
	for column, v := range row {
		value, err := encodeValue(v)
		if err != nil {
			return "", fmt.Errorf("column %q: %w", column, err)
		}
		values[column] = value
	}
	text, err := json.Marshal(values, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return string(text), err
}

// decodeRow reads what encodeRow wrote.
func decodeRow(text string) (journal.Row, error) {
	if text == "" {
		return nil, nil
	}
	var values map[string]remote.Value
	if err := json.Unmarshal([]byte(text), &values, jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	row := journal.Row{}
	for column, value := range values {
		v, err := decodeValue(value)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", column, err)
		}
		row[column] = v
	}
	return row, nil
}

// same reports whether two neutral values are equal.
func same(a, b any) bool {
	switch x := a.(type) {
	case stdjson.Number:
		y, ok := b.(stdjson.Number)
		return ok && sameNumber(x.String(), y.String())
	case stdjson.RawMessage:
		y, ok := b.(stdjson.RawMessage)
		return ok && sameDocument(jsontext.Value(x), jsontext.Value(y))
	}
	switch b.(type) {
	case stdjson.Number, stdjson.RawMessage:
		return false
	}
	return a == b
}

// sameNumber compares digits. Those with exponents are compared as they are written: a
// short text may stand for a number of any length.
func sameNumber(a, b string) bool {
	if a == b || len(a) > 1000 || len(b) > 1000 || strings.ContainsAny(a+b, "eE") {
		return a == b
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// sameDocument compares JSON, whatever the order of members.
func sameDocument(a, b jsontext.Value) bool {
	a, b = a.Clone(), b.Clone()
	ordered := jsontext.ReorderRawObjects(true)
	return a.Compact(ordered) == nil && b.Compact(ordered) == nil && string(a) == string(b)
}

// sameRow reports whether two rows have the same values in the columns that both have.
func sameRow(a, b journal.Row) bool {
	for column, v := range a {
		if w, has := b[column]; has && !same(v, w) {
			return false
		}
	}
	return true
}

// over returns a row with other columns put over its own.
func over(row, columns journal.Row) journal.Row {
	both := maps.Clone(row)
	if both == nil {
		both = journal.Row{}
	}
	maps.Copy(both, columns)
	return both
}
