package remotetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Record is a remote object by its members. It has an "id", or what [Style] calls
// it: a whole number, a string or a UUID. Records that a collection returns have int64 for whole
// numbers, whatever was put.
type Record map[string]any

// entry is a stored record.
type entry struct {
	key  string // the id as JSON
	raw  jsontext.Value
	at   time.Time // of its last change
	seq  int       // of its last change
	gone bool      // deleted, and listed with a tombstone
}

// lenient reads the raw records of tests, which may be wrong on purpose.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// encode writes a record with its members in the order of their names.
func encode(members any) jsontext.Value {
	raw, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("remotetest: record: %v", err))
	}
	return raw
}

// decode reads a record, whole numbers as int64 where they fit.
func decode(raw jsontext.Value) Record {
	var r Record
	numbers := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
		if dec.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		digits, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if whole, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
			*v = whole
			return nil
		}
		*v, err = strconv.ParseFloat(string(digits), 64)
		return err
	})
	options := append([]jsontext.Options{json.WithUnmarshalers(numbers)}, lenient...)
	if err := json.Unmarshal(raw, &r, options...); err != nil {
		panic(fmt.Sprintf("remotetest: record %s: %v", raw, err))
	}
	return r
}

// members reads the top level of a record, in order, and leaves the values as
// they are.
func members(raw jsontext.Value, each func(name string, value jsontext.Value)) error {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), lenient...)
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		each(text, value.Clone())
	}
	_, err := dec.ReadToken()
	return err
}

// merge sets members of a record and leaves the others as they are.
func merge(raw jsontext.Value, changes Record) (map[string]any, error) {
	merged := map[string]any{}
	err := members(raw, func(name string, value jsontext.Value) { merged[name] = value })
	maps.Copy(merged, changes)
	return merged, err
}

// pick keeps the id and the named members, in the record's order.
func pick(raw jsontext.Value, id string, fields map[string]bool) jsontext.Value {
	var b bytes.Buffer
	b.WriteByte('{')
	// What members can't read was stored by PutRaw, which checked it.
	_ = members(raw, func(name string, value jsontext.Value) {
		if name != id && !fields[name] {
			return
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(encode(name))
		b.WriteByte(':')
		b.Write(value)
	})
	b.WriteByte('}')
	return b.Bytes()
}

// keyOf is an id as JSON.
func keyOf(id any) string { return string(encode(id)) }

// valueOf is the id of a key.
func valueOf(key string) any {
	return decode(jsontext.Value(`{"id":` + key + `}`))["id"]
}
