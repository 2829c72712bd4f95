package plan

import (
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
)

var (
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// spellsItself reports whether a type has a form as text, and no form for databases.
func spellsItself(t reflect.Type) bool {
	p := reflect.PointerTo(element(t))
	return !scansItself(t) && p.Implements(textMarshalerType) && p.Implements(textUnmarshalerType)
}

// emptyIsNull reports whether an empty text is written as null: the column is of a type,
// such as inet, that has no empty one.
func (f *field) emptyIsNull() bool { return f.strict && holds(f.base) != backend.TypeText }

// spelledColumn keeps a value of a type that spells itself as text.
type spelledColumn struct {
	*field
	at   reflect.Value
	null bool
}

// spellsEmpty reports whether the type's zero value is an empty text.
func (f binder) spellsEmpty() bool {
	text, err := reflect.New(element(f.typ)).Interface().(encoding.TextMarshaler).MarshalText()
	return err == nil && len(text) == 0
}

func (c *spelledColumn) Value() (driver.Value, error) {
	v := c.at
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil || len(text) == 0 && c.emptyIsNull() {
		return nil, err
	}
	return cleanText(string(text)), nil
}

func (c *spelledColumn) Scan(src any) error {
	c.at.SetZero()
	if c.null = src == nil; c.null {
		return nil
	}
	text := fmt.Sprint(src)
	if b, ok := src.([]byte); ok {
		text = string(b)
	}
	return c.set(text)
}

// set reads a text. A column may spell a value otherwise than the type does: a number
// with a fraction of zeros, an address with the length of its network.
func (c *spelledColumn) set(text string) error {
	v := c.at
	if v.Kind() == reflect.Pointer {
		v = reflect.New(v.Type().Elem()).Elem()
	}
	read := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText
	err := read([]byte(text))
	if err != nil {
		if whole, ok := wholeNumber(text); ok && read([]byte(whole)) == nil {
			err = nil
		} else if address, length, ok := strings.Cut(text, "/"); ok && (length == "32" || length == "128") && read([]byte(address)) == nil {
			err = nil
		}
	}
	switch {
	case err != nil:
		return err
	case c.at.Kind() == reflect.Pointer:
		c.at.Set(v.Addr())
	default:
		c.at.Set(v)
	}
	return nil
}

// WasNull reports whether the column held a null, which the field can't.
func (c *spelledColumn) WasNull() bool {
	return c.null && c.at.Kind() != reflect.Pointer && !c.emptyIsNull()
}

// formOfSpelled returns the form of a type that spells itself: its text is brought into
// it, and read where it says something else then.
func (f former) formOfSpelled() func(reflect.Value) error {
	form := f.formOfText()
	if form == nil {
		return nil
	}
	return func(v reflect.Value) error {
		c := &spelledColumn{field: f.field, at: v}
		written, err := c.Value()
		text, ok := written.(string)
		if err != nil || !ok {
			return nil // whoever writes it tells
		}
		formed, err := form(text)
		if err != nil || (comparer(f)).sameWritten(formed, text) {
			return err
		}
		return c.set(formed)
	}
}
