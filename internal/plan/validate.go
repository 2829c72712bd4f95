package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/syncedgo/synced/mapper"
)

// prepareValidation makes the validator of the type's `validate` tags. It tries the
// validator on an empty row and on a filled one, since a broken rule shows only in
// use.
func (p builder) prepareValidation() error {
	if !hasRules(p.typ, map[reflect.Type]bool{}) {
		return nil
	}
	p.validate = validator.New(validator.WithRequiredStructEnabled())
	for _, filled := range []bool{false, true} {
		row := reflect.New(p.typ)
		if filled {
			fill(row.Elem(), 4)
		}
		var broken *brokenRuleError
		if err := (mapping{p.Plan}).check(row.Interface()); errors.As(err, &broken) {
			return err
		}
	}
	return nil
}

// hasRules reports whether a type, or one in it, has `validate` tags.
func hasRules(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasRules(t.Elem(), seen)
	case reflect.Struct:
	default:
		return false
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("validate") != "" || hasRules(f.Type, seen) {
			return true
		}
	}
	return false
}

// fill puts something into the fields of a trial row: the rules behind "omitempty"
// apply to fields that are not empty.
func fill(v reflect.Value, depth int) {
	if !v.CanSet() || depth == 0 || v.Type() == timeType || scansItself(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("1")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth-1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth-1)
		fill(value, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		if key.Comparable() {
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth-1)
		}
	default:
		switch {
		case v.CanInt():
			v.SetInt(1)
		case v.CanUint():
			v.SetUint(1)
		}
	}
}

// brokenRuleError is a rule that the validator can't apply, and panics at: unknown,
// or not for such a field.
type brokenRuleError struct{ cause string }

func (e *brokenRuleError) Error() string {
	return "a validate tag of the model can't be used: " + e.cause + ": see the rules of go-playground/validator"
}

// BrokenRule reports whether an error is one of the declaration, not of the record:
// a rule that can't be applied.
func BrokenRule(err error) bool {
	var broken *brokenRuleError
	return errors.As(err, &broken)
}

// check applies the validation rules to a row.
func (p mapping) check(row any) (err error) {
	if p.validate == nil {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = &brokenRuleError{shorten(fmt.Sprint(r), 200)}
		}
	}()
	err = p.validate.Struct(row)
	var broken validator.ValidationErrors
	if !errors.As(err, &broken) {
		return err
	}
	return p.explainRule(broken)
}

// explainRule makes the error about the first rule that does not hold.
func (p mapping) explainRule(broken validator.ValidationErrors) error {
	first := broken[0]
	rule := first.Tag()
	if first.Param() != "" {
		rule += "=" + first.Param()
	}
	_, name, _ := strings.Cut(first.StructNamespace(), ".") // the type's name is in front
	e := &mapper.FieldError{Field: name, Err: fmt.Errorf("rule %q of field %s does not hold for %s", rule, name, spell(first.Value()))}
	for _, f := range p.fields {
		if f.name == name {
			e.Attribute = f.remote
		}
	}
	if len(broken) > 1 {
		e.Err = fmt.Errorf("%w (and %d more)", e.Err, len(broken)-1)
	}
	return e
}

// spell writes a value for an error.
func spell(v any) string {
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil():
		return "null"
	case rv.Kind() == reflect.String:
		return quote(rv.String())
	case rv.Kind() == reflect.Pointer:
		return spell(rv.Elem().Interface())
	default:
		return shorten(fmt.Sprint(v), 60)
	}
}
