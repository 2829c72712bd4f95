package backend

import (
	"database/sql/driver"
	"reflect"
	"time"
)

// Plain resolves a value for a driver: pointers are followed, and a
// driver.Valuer gives its value.
func Plain(v any) (any, error) {
	for {
		switch x := v.(type) {
		case nil, bool, int64, float64, string, []byte:
			return v, nil
		case *string:
			if x == nil {
				return nil, nil
			}
			return *x, nil
		case *int64:
			if x == nil {
				return nil, nil
			}
			return *x, nil
		case driver.Valuer:
			if rv := reflect.ValueOf(x); rv.Kind() == reflect.Pointer && rv.IsNil() {
				return nil, nil
			}
			return x.Value()
		}
		rv := reflect.ValueOf(v)
		if rv.Kind() != reflect.Pointer {
			return v, nil
		}
		if rv.IsNil() {
			return nil, nil
		}
		v = rv.Elem().Interface()
	}
}

// Textual is a pointer of a row that writes its text where it is wanted. As a value of
// [Plain], a JSON document takes three allocations more.
type Textual interface {
	// AppendTo appends the text of a value that is not null.
	AppendTo(buf []byte) (out []byte, isNull bool, err error)
}

// Timed is a pointer of a row that gives its time as such.
type Timed interface {
	Time() (at time.Time, isNull bool)
}
