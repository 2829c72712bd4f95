package mapper

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/go-playground/validator/v10"
)

// prepareValidation makes the validator of the type's `validate` tags, and tries
// it, since an unknown rule shows only in use.
func (p *Plan) prepareValidation() (err error) {
	if !hasRules(p.typ) {
		return nil
	}
	p.validate = validator.New(validator.WithRequiredStructEnabled())
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("validate tags of %s: %v: see the rules of go-playground/validator", p.typ, r)
		}
	}()
	var invalid *validator.InvalidValidationError
	if err := p.validate.Struct(reflect.New(p.typ).Interface()); errors.As(err, &invalid) {
		return fmt.Errorf("validate tags of %s: %w", p.typ, err)
	}
	return nil
}

func hasRules(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("validate") != "" || f.Anonymous && f.Type.Kind() == reflect.Struct && hasRules(f.Type) {
			return true
		}
	}
	return false
}

// check runs the validation rules on a row.
func (p *Plan) check(row any) error {
	if p.validate == nil {
		return nil
	}
	err := p.validate.Struct(row)
	var broken validator.ValidationErrors
	if !errors.As(err, &broken) {
		return err
	}
	first := broken[0]
	rule := first.Tag()
	if first.Param() != "" {
		rule += "=" + first.Param()
	}
	e := &FieldError{Field: first.StructField(), Err: fmt.Errorf("rule %q does not hold for %s", rule, shorten(fmt.Sprintf("%q", fmt.Sprint(first.Value()))))}
	for _, f := range p.fields {
		if f.name == e.Field {
			e.Attribute = f.remote
		}
	}
	if len(broken) > 1 {
		e.Err = fmt.Errorf("%w (and %d more)", e.Err, len(broken)-1)
	}
	return e
}
