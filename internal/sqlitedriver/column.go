package sqlitedriver

import (
	"bytes"
	"database/sql/driver"
	"reflect"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// column is the type that a column was declared with, as far as values depend on it.
type column byte

const (
	asStored column = iota
	asText
	asBool
	asTime
)

func declared(as string) column {
	switch typeName(as) {
	case "TEXT":
		return asText
	case "BOOLEAN":
		return asBool
	case "DATE", "TIME", "DATETIME", "TIMESTAMP":
		return asTime
	default:
		return asStored
	}
}

// typeName returns the name of a declared type in upper case, without its limits:
// DATETIME of datetime(6), as Rails declares times.
func typeName(declared string) string {
	name, _, _ := strings.Cut(declared, "(")
	return strings.ToUpper(strings.TrimSpace(name))
}

// value returns what a value of SQLite's is in Go. Texts are slices with room for the
// byte that ends them, blobs without.
func (c column) value(v driver.Value) driver.Value {
	if data, ok := v.([]byte); ok {
		if len(data) == cap(data) {
			return data
		}
		return c.text(data)
	}
	switch {
	case c == asTime && v != nil:
		if t, err := sqlite3.TimeFormatAuto.Decode(v); err == nil {
			return t
		}
	case c == asBool && v == int64(0):
		return false
	case c == asBool && v == int64(1):
		return true
	}
	return v
}

// text returns a text, or the time that it stands for.
func (c column) text(text []byte) driver.Value {
	if c == asTime && len(text) > 0 && text[len(text)-1] == 'Z' {
		// As stores write times: 0.5 µs, and 2.8 where each spelling is tried.
		if t, err := time.Parse(time.RFC3339Nano, string(text)); err == nil {
			return t
		}
	}
	if c != asText {
		if t, ok := written(text); ok {
			return t
		}
	}
	if c == asTime {
		if t, err := sqlite3.TimeFormatAuto.Decode(string(text)); err == nil {
			return t
		}
	}
	return string(text)
}

// written reads a time as the driver writes it: one that database/sql turns into the
// same text again, where a text is wanted.
func written(text []byte) (time.Time, bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > len(time.RFC3339Nano) ||
		text[4] != '-' || text[10] != 'T' || text[16] != ':' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return time.Time{}, false
	}
	var as [len(time.RFC3339Nano)]byte
	return t, bytes.Equal(text, t.AppendFormat(as[:0], time.RFC3339Nano))
}

// scanType returns the Go type of a column that has no value yet.
func scanType(declared string) reflect.Type {
	switch typeName(declared) {
	case "INT", "INTEGER":
		return reflect.TypeFor[int64]()
	case "REAL":
		return reflect.TypeFor[float64]()
	case "TEXT":
		return reflect.TypeFor[string]()
	case "BLOB":
		return reflect.TypeFor[[]byte]()
	case "BOOLEAN":
		return reflect.TypeFor[bool]()
	case "DATE", "TIME", "DATETIME", "TIMESTAMP":
		return reflect.TypeFor[time.Time]()
	default:
		return reflect.TypeFor[any]()
	}
}
