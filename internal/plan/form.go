package plan

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// former brings values of a field into the form in which its column keeps them.
type former struct{ *field }

// formOf returns how values of the field are brought into the form in which its
// column keeps them: what is compared, written, and handed to others is then what
// the column returns. It returns nil where the column keeps them as they are.
func (f former) formOf() func(reflect.Value) error {
	switch {
	case !f.managed() || f.canceled:
		return nil
	case f.class == listed:
		return f.formOfList()
	case f.class == spelled:
		return f.formOfSpelled()
	case f.class == lasting:
		return throughPointer(cutDuration)
	case f.class == timed:
		return f.formOfTime()
	case f.class == plain:
		return throughPointer(f.formOfPlain(element(f.typ)))
	case f.class == scanned && isNull(element(f.typ)):
		return throughPointer(ofNull(f.formOfPlain(element(f.typ).Field(0).Type)))
	case f.class == scanned:
		return f.formOfScanned()
	default:
		return nil
	}
}

// throughPointer applies a form to what a pointer field points to.
func throughPointer(form func(reflect.Value) error) func(reflect.Value) error {
	if form == nil {
		return nil
	}
	return func(v reflect.Value) error {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if !v.IsValid() {
			return nil
		}
		return form(v)
	}
}

// ofNull applies a form to the value of one of database/sql's nulls.
func ofNull(form func(reflect.Value) error) func(reflect.Value) error {
	if form == nil {
		return nil
	}
	return func(v reflect.Value) error {
		if !v.Field(1).Bool() {
			return nil
		}
		return form(v.Field(0))
	}
}

// formOfPlain returns the form of values of one of Go's own types.
func (f former) formOfPlain(typ reflect.Type) func(reflect.Value) error {
	switch {
	case typ.Kind() == reflect.String:
		form := f.formOfText()
		if form == nil {
			return nil
		}
		return func(v reflect.Value) error {
			text, err := form(v.String())
			if err == nil {
				v.SetString(text)
			}
			return err
		}
	case typ.Kind() == reflect.Float32, typ.Kind() == reflect.Float64:
		form := f.formOfFloat()
		if form == nil {
			return nil
		}
		return func(v reflect.Value) error {
			x, err := form(v.Float(), typ.Bits())
			if err == nil {
				v.SetFloat(x)
			}
			return err
		}
	case isInteger(typ):
		return f.formOfInt()
	default:
		return nil
	}
}

// formOfScanned returns the form of a type that scans itself: what it writes is
// brought into it, and scanned where it says something else then.
func (f former) formOfScanned() func(reflect.Value) error {
	text, float, kept := f.formOfText(), f.formOfFloat(), f.keptOfTime()
	if text == nil && float == nil && kept == nil || isUUID(element(f.typ)) {
		return nil
	}
	return func(v reflect.Value) error {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		written, err := v.Addr().Interface().(driver.Valuer).Value()
		if err != nil {
			return nil // whoever writes it tells
		}
		var formed any
		switch x := written.(type) {
		case string:
			if text == nil {
				return nil
			}
			if formed, err = text(x); err != nil || (comparer(f)).sameWritten(formed, x) {
				return err
			}
		case float64:
			if float == nil {
				return nil
			}
			if formed, err = float(x, 64); err != nil || formed == x {
				return err
			}
		case time.Time:
			if kept == nil {
				return nil
			}
			at := kept(cut(x))
			if at.Equal(x) {
				return nil
			}
			formed = at
		default:
			return nil
		}
		scanner := v.Addr().Interface().(sql.Scanner)
		if err := scanner.Scan(formed); err != nil {
			return fmt.Errorf("column %q keeps it as %v, which its type %s does not read: %w", f.column, formed, f.typ, err)
		}
		return nil
	}
}

// asked reports whether only the database knows the form in which it keeps a text:
// of addresses, intervals, ranges and others.
func (f *field) asked() bool {
	texts := f.class == plain && element(f.typ).Kind() == reflect.String || f.class == scanned || f.class == spelled
	if f.class == listed {
		return f.elem.asked()
	}
	switch {
	case !f.strict || !f.managed() || f.canceled || !texts, f.base == "enum", strings.HasSuffix(f.base, "citext"), strings.HasSuffix(f.base, "[]"):
		return false
	case f.base == "date":
		return f.class == plain
	default:
		return holds(f.base) == 0
	}
}
