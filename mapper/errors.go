package mapper

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// FieldError is what is wrong with one attribute of a record.
type FieldError struct {
	Attribute string // remote name; "" for a computed field
	Field     string // Go name
	Err       error
}

func (e *FieldError) Error() string {
	name := e.Attribute
	if name == "" {
		name = e.Field
	}
	return name + ": " + e.Err.Error()
}

func (e *FieldError) Unwrap() error { return e.Err }

// explain says in plain words why an attribute does not fit its field.
func (f *field) explain(value jsontext.Value, err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	at := ""
	if semantic.JSONPointer != "" {
		at = " (at " + string(semantic.JSONPointer) + ")"
	}
	if semantic.Err != nil && semantic.GoType != nil && semantic.GoType.Kind() != reflect.String {
		return fmt.Errorf("%s %s does not fit field %s of type %s%s: %v", kindName(value.Kind()), shorten(string(value)), f.name, f.typ, at, semantic.Err)
	}
	return fmt.Errorf("%s %s does not fit field %s of type %s%s", kindName(value.Kind()), shorten(string(value)), f.name, f.typ, at)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "the object"
	case '[':
		return "the array"
	case '"':
		return "the string"
	case '0':
		return "the number"
	case 't', 'f':
		return "the boolean"
	default:
		return "the value"
	}
}

// shorten keeps a value's start, so that an error stays one line.
func shorten(s string) string {
	const most = 60
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
