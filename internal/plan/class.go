package plan

import (
	"database/sql"
	"database/sql/driver"
	stdjson "encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// class is the way in which a field is written to a column and read from it.
type class int

const (
	plain   class = iota // as the driver does
	timed                // time.Time: UTC, microseconds
	scanned              // by the type itself: sql.Scanner and driver.Valuer
	encoded              // as JSON
	whole                // mapper.Data: the whole object
	spelled              // as text, by its MarshalText
	raw                  // bytes that are JSON already
	listed               // as an array of PostgreSQL
	lasting              // time.Duration: as an interval of PostgreSQL
	foreign              // by the driver; of the service's own columns alone
)

var (
	timeType    = reflect.TypeFor[time.Time]()
	dataType    = reflect.TypeFor[mapper.Data]()
	rawType     = reflect.TypeFor[stdjson.RawMessage]()
	scannerType = reflect.TypeFor[sql.Scanner]()
	valuerType  = reflect.TypeFor[driver.Valuer]()
)

// classOf chooses the way for a type.
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
	}
	switch {
	case spellsItself(t):
		return spelled
	case isBytes(base):
		return plain
	default:
		return encoded
	}
}

// isBytes reports whether a type is bytes that are kept as such.
func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && t != rawType && !marshalsItself(t)
}

// classIn chooses the way for the field's column, of a type for which another one than
// [classOf] is right.
func (f binder) classIn() class {
	base, keepsJSON := element(f.typ), f.base == "json" || f.base == "jsonb"
	switch chosen := classOf(f.typ); {
	case chosen == spelled && keepsJSON:
		return encoded
	case chosen == spelled && isBytes(base) && f.keepsBytes():
		return plain
	case chosen == plain && isInteger(base) && spellsItself(base) && f.keepsNames():
		return spelled
	case isBytes(f.typ) && keepsJSON:
		return raw
	case base == durationType && f.strict && f.base == "interval":
		return lasting
	case chosen == encoded && f.strict && strings.HasSuffix(f.base, "[]") && f.elem != nil:
		return listed
	case f.own() && (base.Kind() == reflect.Interface || chosen == encoded && f.strict && !keepsJSON && holds(f.base) != backend.TypeText):
		return foreign
	default:
		return chosen
	}
}

// keepsBytes reports whether the column is one of bytes.
func (f *bound) keepsBytes() bool {
	return f.base == "bytea" || !f.strict && strings.Contains(strings.ToLower(f.dbType), "blob")
}

// keepsNames reports whether the column keeps texts, also those of an enum.
func (f *bound) keepsNames() bool {
	if !f.strict {
		return f.affinity() == textAffinity
	}
	held := holds(f.base)
	return held == backend.TypeText || held == 0
}

// element returns the type that a pointer points to, or the type itself.
func element(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// scansItself reports whether a type knows how a database keeps it.
func scansItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(element(t))
	return pointer.Implements(scannerType) && pointer.Implements(valuerType)
}

// scansNull reports whether a type that scans itself can hold a null.
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

// marshalsItself reports whether a type writes its own JSON.
func marshalsItself(t reflect.Type) bool { return t.Implements(reflect.TypeFor[stdjson.Marshaler]()) }

// isInteger reports whether a type is one of Go's integers, kept as such.
func isInteger(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 && !scansItself(t)
}

// isUUID reports whether a type is a UUID, such as uuid.UUID of google/uuid.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8 && scansItself(t) && readsItself(t)
}

// columnType returns the type of column that Schema makes for the field.
func (f *field) columnType() backend.Type { return columnType(f.typ, f.class) }

func columnType(t reflect.Type, c class) backend.Type {
	t = element(t)
	switch {
	case c == timed:
		return backend.TypeTime
	case c == whole, c == encoded, c == raw, c == listed, c == foreign:
		return backend.TypeJSON
	case c == spelled:
		return backend.TypeText
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
