package mapper

import (
	"bytes"
	"database/sql/driver"
	"math/big"
	"reflect"
	"strings"
	"time"
)

// equal compares two values of the field's column, given pointers as
// field.pointer makes them.
func (f *field) equal() func(a, b any) bool {
	switch {
	case f.class == whole:
		return func(a, b any) bool { return SameJSON(*a.(*Data), *b.(*Data)) }
	case f.class == encode:
		return func(a, b any) bool { return sameValues(a.(driver.Valuer), b.(driver.Valuer), sameText) }
	case f.class == timed:
		return func(a, b any) bool { return sameValues(a.(driver.Valuer), b.(driver.Valuer), f.sameTime) }
	case f.numeric():
		return func(a, b any) bool { return sameNumber(text(a), text(b)) }
	default:
		return func(a, b any) bool { return same(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()) }
	}
}

// numeric says that the database keeps the field's text as a number, and may
// spell it otherwise: "70.0" comes back as "70" or "70.00".
func (f *field) numeric() bool {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String && (strings.HasPrefix(f.dbType, "numeric") || strings.HasPrefix(f.dbType, "decimal"))
}

// text is the string behind a *string or **string, and "" for null.
func text(p any) string {
	v := reflect.ValueOf(p).Elem()
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	return v.String()
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	return canonicalNumber(a) == canonicalNumber(b)
}

// canonicalNumber spells a decimal number in one way: digits without leading or
// trailing zeros, and an exponent. What is not a number is returned as it is.
func canonicalNumber(s string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	negative := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimLeft(mantissa, "+-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	exp := new(big.Int)
	if exponent != "" {
		if _, ok := exp.SetString(strings.TrimPrefix(exponent, "+"), 10); !ok {
			return s
		}
	}
	trimmed := strings.TrimRight(digits, "0")
	exp.Add(exp, big.NewInt(int64(len(digits)-len(trimmed)-len(fraction))))
	sign := ""
	if negative {
		sign = "-"
	}
	return sign + trimmed + "e" + exp.String()
}

// sameValues compares what is written to the database.
func sameValues(a, b driver.Valuer, same func(a, b any) bool) bool {
	x, err1 := a.Value()
	y, err2 := b.Value()
	if err1 != nil || err2 != nil || x == nil || y == nil {
		return err1 == nil && err2 == nil && x == y
	}
	return same(x, y)
}

func sameText(a, b any) bool { return SameJSON([]byte(a.(string)), []byte(b.(string))) }

// sameTime compares instants, and days where the column keeps no more.
func (f *field) sameTime(a, b any) bool {
	x, y := a.(time.Time), b.(time.Time)
	if f.dbType == "date" {
		return x.Format(time.DateOnly) == y.Format(time.DateOnly)
	}
	return x.Equal(y)
}

// same compares values of one type, by their Equal method where they have one:
// a decimal's 1.0 is its 1.00.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Pointer {
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	}
	if a.Kind() == reflect.Slice && a.Type().Elem().Kind() == reflect.Uint8 {
		return a.IsNil() == b.IsNil() && bytes.Equal(a.Bytes(), b.Bytes())
	}
	if m := a.MethodByName("Equal"); m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0) == a.Type() && m.Type().NumOut() == 1 && m.Type().Out(0).Kind() == reflect.Bool {
		return m.Call([]reflect.Value{b})[0].Bool()
	}
	if a.Comparable() {
		return a.Equal(b)
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
