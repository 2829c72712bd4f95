package plan

import (
	"bytes"
	"database/sql/driver"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// comparer compares values of a field as its column keeps them.
type comparer struct{ *field }

// equal returns the comparison of two values of the field's column. They are
// pointers as field.pointer makes them.
func (f comparer) equal() func(a, b any) bool {
	switch {
	case f.class == whole:
		return func(a, b any) bool { return SameJSON(*a.(*mapper.Data), *b.(*mapper.Data)) }
	case f.typ == translationsType:
		return func(a, b any) bool { return translationsIn(a).Equal(translationsIn(b)) }
	case f.class == listed:
		return (lister(f)).sameList()
	case f.class == spelled:
		return func(a, b any) bool { return sameDriverValues(a, b, f.sameWritten) }
	case f.class == lasting:
		return func(a, b any) bool { return sameDriverValues(a, b, func(a, b any) bool { return a == b }) }
	case f.class == foreign:
		return func(a, b any) bool { return reflect.DeepEqual(pointed(a), pointed(b)) }
	case f.class == encoded, f.class == raw:
		return func(a, b any) bool { return sameDriverValues(a, b, sameText) }
	case f.class == timed:
		return func(a, b any) bool { return sameDriverValues(a, b, f.sameTime) }
	case f.class == scanned:
		return f.sameScanned
	}
	same := f.samePlain()
	return func(a, b any) bool {
		x, y := pointed(a), pointed(b)
		if !x.IsValid() || !y.IsValid() {
			return x.IsValid() == y.IsValid()
		}
		return same(x, y)
	}
}

// exact reports whether two values that are written otherwise are never equal: a column that
// keeps decimals gives 1.00 for a 1.
func (f comparer) exact() bool {
	switch kind := element(f.typ).Kind(); {
	case f.class == timed:
		return f.base == "timestamp with time zone" && len(f.limits) == 0
	case f.class != plain:
		return false
	case kind == reflect.String:
		return f.spelled() == nil && (f.base == "text" || f.base == "character varying")
	case kind == reflect.Bool:
		return f.base == "boolean"
	default:
		return kind >= reflect.Int && kind <= reflect.Int64 && (f.base == "bigint" || f.base == "integer" || f.base == "smallint")
	}
}

// samePlain returns the comparison of two values that are no nulls.
func (f comparer) samePlain() func(x, y reflect.Value) bool {
	base := element(f.typ)
	spelled := f.spelled()
	switch {
	case base.Kind() == reflect.String && spelled != nil:
		return func(x, y reflect.Value) bool { return spelled(x.String(), y.String()) }
	case base.Kind() == reflect.Float64 && f.base == "real":
		return func(x, y reflect.Value) bool { return float32(x.Float()) == float32(y.Float()) }
	case base.Kind() == reflect.Slice:
		return func(x, y reflect.Value) bool { return x.IsNil() == y.IsNil() && bytes.Equal(x.Bytes(), y.Bytes()) }
	default:
		return reflect.Value.Equal
	}
}

// spelled returns the comparison of two texts of a column whose type spells them
// its own way: it may return "70.0" as "70" or "70.00". Nil means as they are.
func (f comparer) spelled() func(a, b string) bool {
	switch {
	case f.numeric(), f.strict && (holds(f.base) == backend.TypeInt || holds(f.base) == backend.TypeFloat), f.affinity() == numericAffinity, f.affinity() == realAffinity:
		return sameNumber
	case f.base == "uuid":
		return func(a, b string) bool {
			x, err1 := uuid.Parse(a)
			y, err2 := uuid.Parse(b)
			return a == b || err1 == nil && err2 == nil && x == y
		}
	case f.base == "bpchar":
		return func(a, b string) bool { return strings.TrimRight(a, " ") == strings.TrimRight(b, " ") }
	default:
		return nil
	}
}

// numeric reports whether the column keeps the field's text as a number.
func (f comparer) numeric() bool {
	return strings.HasPrefix(f.base, "numeric") || strings.HasPrefix(f.base, "decimal")
}

// pointed returns the value behind a pointer to a field, or to a pointer field; an
// invalid one for a null.
func pointed(p any) reflect.Value {
	v := reflect.ValueOf(p).Elem()
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// sameScanned compares values of a type that scans itself: by its method Equal if
// it has one (a decimal's 1.0 is its 1.00), otherwise by what it writes to the
// database.
func (f comparer) sameScanned(a, b any) bool {
	x, y := scannedValue(a), scannedValue(b)
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid()
	}
	if equal := x.MethodByName("Equal"); equal.IsValid() && compares(equal.Type(), x.Type()) {
		return equal.Call([]reflect.Value{y})[0].Bool()
	}
	return sameDriverValues(x.Addr().Interface(), y.Addr().Interface(), f.sameWritten)
}

// compares reports whether a method takes one value of a type and returns a bool.
func compares(method, of reflect.Type) bool {
	return method.NumIn() == 1 && method.In(0) == of && method.NumOut() == 1 && method.Out(0).Kind() == reflect.Bool
}

func scannedValue(p any) reflect.Value {
	if c, ok := p.(*scanColumn); ok {
		return c.field
	}
	return pointed(p)
}

// sameWritten compares two values as drivers get them.
func (f comparer) sameWritten(a, b any) bool {
	switch x := a.(type) {
	case time.Time:
		y, ok := b.(time.Time)
		return ok && f.sameTime(cut(x), cut(y))
	case string:
		y, ok := b.(string)
		if spelled := f.spelled(); ok && spelled != nil {
			return spelled(x, y)
		}
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

// sameDriverValues compares what two values write to the database. Two nulls are
// the same.
func sameDriverValues(a, b any, same func(a, b any) bool) bool {
	x, err1 := a.(driver.Valuer).Value()
	y, err2 := b.(driver.Valuer).Value()
	if err1 != nil || err2 != nil || x == nil || y == nil {
		return err1 == nil && err2 == nil && x == nil && y == nil
	}
	return same(x, y)
}

func sameText(a, b any) bool { return SameJSON([]byte(a.(string)), []byte(b.(string))) }

// sameTime compares instants, or days if the column keeps no more.
func (f *field) sameTime(a, b any) bool {
	x, y := a.(time.Time), b.(time.Time)
	if f.base == "date" && f.strict {
		return x.Format(time.DateOnly) == y.Format(time.DateOnly)
	}
	return x.Equal(y)
}
