package plan

import (
	"database/sql"
	"database/sql/driver"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// class is how a field is written to a column and read from it.
type class int

const (
	plain   class = iota // as the driver does
	timed                // time.Time: UTC, microseconds
	scanned              // by the type itself: sql.Scanner and driver.Valuer
	encode               // encoded as JSON
	whole                // Data: the whole object
)

var (
	timeType    = reflect.TypeFor[time.Time]()
	dataType    = reflect.TypeFor[mapper.Data]()
	rawType     = reflect.TypeFor[stdjson.RawMessage]()
	scannerType = reflect.TypeFor[sql.Scanner]()
	valuerType  = reflect.TypeFor[driver.Valuer]()
)

// classOf chooses how a type is kept in a column.
func classOf(t reflect.Type) class {
	base := element(t)
	switch {
	case t == dataType:
		return whole
	case base == timeType, isNull(base) && base.Field(0).Type == timeType:
		return timed
	case scansItself(t):
		return scanned
	}
	switch base.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return plain
	case reflect.Slice:
		if base.Elem().Kind() == reflect.Uint8 && base != rawType && !marshalsItself(base) {
			return plain
		}
	}
	return encode
}

// element is the type that a pointer points to, or the type itself.
func element(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// scansItself says that a type knows how it is kept in a database.
func scansItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(element(t))
	return pointer.Implements(scannerType) && pointer.Implements(valuerType)
}

// scansNull says that a type that scans itself can hold a null.
func scansNull(t reflect.Type) (ok bool) {
	if t.Kind() == reflect.Pointer {
		return true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return reflect.New(t).Interface().(sql.Scanner).Scan(nil) == nil
}

func marshalsItself(t reflect.Type) bool { return t.Implements(reflect.TypeFor[stdjson.Marshaler]()) }

func isInteger(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 && !scansItself(t)
}

// isUUID says that a type is a UUID, such as uuid.UUID of google/uuid.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8 && scansItself(t) && readsItself(t)
}

// columnType is what Schema makes of a type.
func (f *field) columnType() backend.Type { return columnType(f.typ, f.class) }

func columnType(t reflect.Type, c class) backend.Type {
	t = element(t)
	switch {
	case c == timed:
		return backend.TypeTime
	case c == whole, c == encode:
		return backend.TypeJSON
	case isNull(t):
		value := t.Field(0).Type
		return columnType(value, classOf(value))
	case isUUID(t):
		return backend.TypeUUID
	case c == scanned:
		return backend.TypeText
	}
	switch {
	case t.Kind() == reflect.Bool:
		return backend.TypeBool
	case t.Kind() == reflect.Float32, t.Kind() == reflect.Float64:
		return backend.TypeFloat
	case isInteger(t):
		return backend.TypeInt
	case t.Kind() == reflect.Slice:
		return backend.TypeBytes
	default:
		return backend.TypeText
	}
}

// checkType finds a type that cannot be read from JSON, or not be kept in a
// column.
func (f *field) checkType() error {
	base := element(f.typ)
	switch {
	case base == dataType && f.typ != dataType:
		return errors.New("a *synced.Data is null in two ways: make it synced.Data")
	case isNull(base) && f.typ != base:
		return fmt.Errorf("a %s is null in two ways: make it %s", f.typ, base)
	case base.Kind() == reflect.Pointer:
		return fmt.Errorf("a %s is a pointer to a pointer: make it %s", f.typ, base)
	case base.Kind() == reflect.Interface:
		return errors.New("an interface can't be kept in a column: use json.RawMessage for any JSON value, or a type of your own")
	case f.class == plain && base == durationType:
		if f.remote == "" {
			return nil
		}
	case isNull(base):
		base = base.Field(0).Type
	case f.class == scanned && f.remote == "":
		return nil
	}
	if path, bad := withoutJSON(base, map[reflect.Type]bool{}); bad != nil {
		if path != "" {
			return fmt.Errorf("its %s, a %s, can't be read from JSON", path, bad)
		}
		if bad == durationType {
			return errors.New("a time.Duration has no JSON form: read a number or a string, and compute the duration in Map")
		}
		if bad.Kind() == reflect.Struct {
			return fmt.Errorf("a %s can't be read from JSON: it has no exported fields", f.typ)
		}
		return fmt.Errorf("a %s can't be read from JSON nor kept in a column", f.typ)
	}
	return nil
}
