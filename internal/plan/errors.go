package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/mapper"
)

// explain makes the error about an attribute that does not fit its field.
func (f *field) explain(value jsontext.Value, err error) error {
	at, why := "", err
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		why = semantic.Err
		if semantic.JSONPointer != "" {
			at = " (at " + shorten(string(semantic.JSONPointer), 60) + ")"
		}
	}
	what := kindName(value.Kind()) + " " + shorten(string(value), 60)
	if value.Kind() == 'n' {
		what = "null"
	}
	reason := ""
	if why != nil {
		reason = ": " + shorten(plainly(why), 200)
	}
	fit := &fitError{text: fmt.Sprintf("%s does not fit field %s of type %s%s%s", what, f.name, f.typ, at, reason), err: why}
	if out := f.wayOut(value); out != "" {
		fit.text += out
	} else {
		fit.advice = f.advice(value.Kind(), at)
	}
	return fit
}

// wayOut names the tag with which a value would fit, if there is one.
func (f *field) wayOut(value jsontext.Value) string {
	base := element(f.typ)
	if isNull(base) {
		base = base.Field(0).Type
	}
	text := strings.Trim(string(value), `"`)
	number := jsontext.Value(text).Kind() == '0' && jsontext.Value(text).IsValid()
	switch {
	case f.read != nil || f.remote == "":
		return ""
	case base == timeType && value.Kind() == '0':
		return ": tag it `time:\"unix\"` or `time:\"unixms\"`"
	case base == timeType && value.Kind() == '"':
		return ": tag it with another layout, such as `time:\"2006-01-02 15:04:05\"`, or set Zone"
	case number && (value.Kind() == '0' && base.Kind() == reflect.String && strings.ContainsAny(text, ".eE") || value.Kind() == '"' && base.Kind() != reflect.String && holdsNumber(base)):
		return ": tag it `synced:\"number\"`"
	default:
		return ""
	}
}

// invalidObject makes the error about an object that is not valid JSON, as far as it
// is about one attribute of it.
func invalidObject(err error) error {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return err
	}
	why := fmt.Errorf("the record is not valid JSON: %w", syntax.Err)
	if !errors.Is(err, jsontext.ErrDuplicateName) {
		why = fmt.Errorf("the record is not valid JSON: a text has bytes that are no UTF-8, a control character, an unknown escape or half a surrogate pair, or a number is NaN (%w): have the remote mend it, or set ReplaceInvalid of the client", syntax.Err)
	}
	for name := range syntax.JSONPointer.Tokens() {
		return &mapper.FieldError{Attribute: shorten(name, 60), Err: why}
	}
	return why
}

// fitError is a reason in plain words. It wraps the error that has it in others.
type fitError struct {
	text, advice string
	err          error
}

func (e *fitError) Error() string { return e.text }
func (e *fitError) Unwrap() error { return e.err }

// Advice says what may be changed, where the text does not.
func (e *fitError) Advice() string { return e.advice }

// advice says which type a field would need for a kind of value, which stands inside of
// another where at says so.
func (f *field) advice(kind jsontext.Kind, at string) string {
	if at != "" {
		return "change the type of what is" + strings.Trim(at, "()")
	}
	typ := "a string"
	switch kind {
	case '0':
		typ = "an int64, a float64 or a json.Number"
		if f.typ.Kind() == reflect.Float32 || f.typ.Kind() == reflect.Float64 {
			typ = "a json.Number"
		}
	case 't', 'f':
		typ = "a bool"
	case '{':
		typ = "a struct or a map"
	case '[':
		typ = "a list, such as []string"
	case 'n':
		typ = "a pointer"
	}
	return "make " + f.name + " " + typ
}

// plainly turns a parser's error into plain words.
func plainly(err error) string {
	var time *time.ParseError
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return "not a whole number of that type"
	case errors.Is(err, strconv.ErrRange):
		return "out of its range"
	case errors.As(err, &time):
		return "not a time as RFC 3339 spells it, such as 2006-01-02T15:04:05Z"
	default:
		return err.Error()
	}
}

// kindName names a JSON value by its first character.
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

// quote quotes the start of a text for an error.
func quote(s string) string { return shorten(strconv.Quote(s), 60) }

// shorten keeps a text's start on one line, so that an error stays readable.
func shorten(s string, most int) string {
	if len(s) > 10*most {
		s = s[:10*most] // enough to choose from, white space included
	}
	short := strings.Join(strings.Fields(s), " ")
	if len(short) <= most {
		return strings.ToValidUTF8(short, "")
	}
	end := most
	for end > 0 && !utf8.RuneStart(short[end]) {
		end--
	}
	return short[:end] + "…"
}
