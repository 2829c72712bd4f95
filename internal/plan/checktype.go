package plan

import (
	"errors"
	"fmt"
	"reflect"
)

// checkType finds a type that can't be read from JSON, or that no column can keep.
func (f tagged) checkType() error {
	base := element(f.typ)
	switch {
	case base == dataType && f.typ != dataType:
		return errors.New("a *synced.Data is null in two ways: make it synced.Data")
	case isNull(base) && f.typ != base:
		return fmt.Errorf("a %s is null in two ways: make it %s", f.typ, base)
	case base.Kind() == reflect.Pointer:
		return fmt.Errorf("a %s is a pointer to a pointer: make it %s", f.typ, base)
	case f.own() && base.Kind() != reflect.Func && base.Kind() != reflect.Chan:
		return nil
	case base.Kind() == reflect.Interface:
		return errors.New("an interface can't be kept in a column: use json.RawMessage for any JSON value, or a type of your own")
	case f.read != nil:
		return nil
	case f.class == plain && base == durationType:
		if f.remote == "" {
			return nil
		}
	case isNull(base):
		base = base.Field(0).Type
	case f.class == scanned && (f.remote == "" || base.Kind() == reflect.Struct):
		return nil
	}
	if path, bad := withoutJSON(base, map[reflect.Type]bool{}); bad != nil {
		if path != "" {
			return fmt.Errorf("its %s, a %s, can't be read from JSON: make it a type that can, tag it `json:\"-\"`, or use json.RawMessage for the whole", path, bad)
		}
		if bad == durationType {
			return errors.New("a time.Duration has no JSON form: say what its number counts with a tag such as `time:\"seconds\"`")
		}
		if bad.Kind() == reflect.Struct {
			return fmt.Errorf("a %s can't be read from JSON, as it has no exported fields: export them, or give it the method UnmarshalJSON", f.typ)
		}
		return fmt.Errorf("a %s can't be read from JSON nor kept in a column: drop the tags, or use a number, string, bool, time.Time, slice, map, struct or json.RawMessage", f.typ)
	}
	return nil
}

// withoutJSON finds a type in t, or t itself, that can't be read from JSON, and the
// path to it.
func withoutJSON(t reflect.Type, seen map[reflect.Type]bool) (path string, bad reflect.Type) {
	if seen[t] || t == timeType || t == numberType || readsItself(t) {
		return "", nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Uintptr:
		return "", t
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return "", t
		}
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		if path, bad = withoutJSON(t.Elem(), seen); bad != nil {
			return "element" + dotted(path), bad
		}
	case reflect.Struct:
		return memberWithoutJSON(t, seen)
	default:
		if t == durationType {
			return "", t
		}
	}
	return "", nil
}

func memberWithoutJSON(t reflect.Type, seen map[reflect.Type]bool) (path string, bad reflect.Type) {
	if isNull(t) {
		return "", t
	}
	exported := false
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		exported = true
		if f.Tag.Get("json") == "-" {
			continue
		}
		if path, bad = withoutJSON(f.Type, seen); bad != nil {
			return f.Name + dotted(path), bad
		}
	}
	if !exported && t.NumField() > 0 {
		return "", t
	}
	return "", nil
}

func dotted(path string) string {
	if path == "" {
		return ""
	}
	return fmt.Sprintf(".%s", path)
}
