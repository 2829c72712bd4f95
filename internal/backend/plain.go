package backend

import (
	"database/sql/driver"
	"reflect"
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
