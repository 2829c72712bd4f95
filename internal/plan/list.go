package plan

import (
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
)

// elementOf returns the elements of a list in a column of an array type as a field of
// their own; nil if no array keeps such a list.
func (f binder) elementOf() *field {
	if f.typ.Kind() != reflect.Slice && f.typ.Kind() != reflect.Array || f.typ == rawType || marshalsItself(f.typ) {
		return nil
	}
	elem := *f.field
	elem.typ, elem.elem, elem.spelling = f.typ.Elem(), nil, spelling{}
	elem.class = classOf(elem.typ)
	elem.nullable = elem.class == scanned && scansNull(elem.typ)
	if inner := (binder{&elem}).elementOf(); inner != nil && elem.class == encoded {
		elem.class, elem.elem = listed, inner
		return &elem
	}
	elem.dbType, elem.base = strings.TrimSuffix(f.base, "[]"), strings.TrimSuffix(f.base, "[]")
	elem.class = (binder{&elem}).classIn()
	if elem.class == plain && element(elem.typ).Kind() == reflect.Slice { // bytes, which JSON spells otherwise than PostgreSQL
		return nil
	}
	return &elem
}

// holdsNull reports whether the field can hold a null.
func (f *field) holdsNull() bool {
	switch {
	case f.typ.Kind() == reflect.Pointer, f.class == encoded, f.class == raw:
		return true
	case f.class == listed:
		return f.typ.Kind() == reflect.Slice
	case f.class == spelled:
		return f.emptyIsNull()
	default:
		return isNull(f.typ) || f.nullable || f.class == plain && f.typ.Kind() == reflect.Slice
	}
}

// lister works through a list that is kept as an array.
type lister struct{ *field }

// listColumn keeps a list in an array of PostgreSQL. It is written as a text of that,
// and read as JSON, which does not depend on the session's settings.
type listColumn struct {
	*field
	list reflect.Value
}

func (c *listColumn) Value() (driver.Value, error) {
	if c.list.Kind() == reflect.Slice && c.list.IsNil() {
		return nil, nil
	}
	var text strings.Builder
	err := (lister{c.field}).write(&text, c.list)
	return text.String(), err
}

func (f lister) write(text *strings.Builder, list reflect.Value) error {
	text.WriteByte('{')
	for i := range list.Len() {
		if i > 0 {
			text.WriteByte(',')
		}
		v := list.Index(i)
		if f.elem.class == listed {
			if err := (lister{f.elem}).write(text, v); err != nil {
				return err
			}
			continue
		}
		value, err := backend.Plain(f.elem.pointer(v))
		if err != nil {
			return err
		}
		writeElement(text, value)
	}
	text.WriteByte('}')
	return nil
}

// elementEscapes are what a quoted element has in place of characters.
var elementEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func writeElement(text *strings.Builder, v any) {
	switch x := v.(type) {
	case nil:
		text.WriteString("NULL")
	case string:
		text.WriteByte('"')
		_, _ = elementEscapes.WriteString(text, x) // never fails
		text.WriteByte('"')
	case []byte:
		text.WriteString(`"\\x` + hex.EncodeToString(x) + `"`)
	case time.Time:
		text.WriteString(`"` + x.UTC().Format(time.RFC3339Nano) + `"`)
	case float64:
		text.WriteString(strconv.FormatFloat(x, 'g', -1, 64))
	default:
		fmt.Fprint(text, x)
	}
}

// stored reads JSON as a database spells it, where times may have no zone.
var stored = json.JoinOptions(exact, json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(func(dec *jsontext.Decoder, at *time.Time) error {
		if dec.PeekKind() != '"' {
			return errors.ErrUnsupported
		}
		token, err := dec.ReadToken()
		if err == nil {
			*at, err = parseTime(token.String())
		}
		return err
	}), exactly)))

func (c *listColumn) Scan(src any) error {
	c.list.SetZero()
	text, ok := src.(string)
	switch {
	case src == nil:
		return nil
	case !ok:
		return fmt.Errorf("want an array as JSON, the column holds a %T", src)
	}
	err := json.Unmarshal([]byte(text), c.list.Addr().Interface(), stored)
	if err == nil && !(lister{c.field}).nulls() && strings.Contains(text, "null") {
		err = hasNull(jsontext.Value(text))
	}
	if err != nil {
		c.list.SetZero()
	}
	return err
}

// WasNull reports whether the column held a null, which the field can't.
func (c *listColumn) WasNull() bool { return false }

// nulls reports whether the list's elements can hold nulls.
func (f lister) nulls() bool {
	if f.elem.class == listed {
		return (lister{f.elem}).nulls()
	}
	return f.elem.holdsNull()
}

// hasNull finds a null in a list.
func hasNull(list jsontext.Value) error {
	tokens := jsontext.NewDecoder(strings.NewReader(string(list)))
	for {
		token, err := tokens.ReadToken()
		switch {
		case err != nil:
			return nil // its end
		case token.Kind() == 'n':
			return errors.New("the array has a null, which the list can't hold")
		}
	}
}

// sameList compares two lists, element by element.
func (f lister) sameList() func(a, b any) bool {
	same := (comparer{f.elem}).equal()
	return func(a, b any) bool {
		x, y := a.(*listColumn).list, b.(*listColumn).list
		if x.Len() != y.Len() || x.Kind() == reflect.Slice && x.IsNil() != y.IsNil() {
			return false
		}
		for i := range x.Len() {
			if !same(f.elem.pointer(x.Index(i)), f.elem.pointer(y.Index(i))) {
				return false
			}
		}
		return true
	}
}

// formOfList returns the form of a list: that of its elements. PostgreSQL keeps a list
// of empty lists as an empty one.
func (f former) formOfList() func(reflect.Value) error {
	form := (former{f.elem}).formOf()
	nested := f.elem.class == listed
	if form == nil && !nested {
		return nil
	}
	return func(v reflect.Value) error {
		left := 0
		for i := range v.Len() {
			e := v.Index(i)
			if form != nil {
				if err := form(e); err != nil {
					return fmt.Errorf("element %d: %w", i, err)
				}
			}
			if nested {
				left += e.Len()
			}
		}
		if nested && left == 0 && v.Kind() == reflect.Slice && !v.IsNil() {
			v.SetLen(0)
		}
		return nil
	}
}

// settleList gives the values of a list the form in which a database returns them.
func (f lister) settleList(v reflect.Value) {
	for i := range v.Len() {
		switch e := v.Index(i); f.elem.class {
		case timed:
			settleTime(e, cut)
		case listed:
			(lister{f.elem}).settleList(e)
		}
	}
}

// keepsList finds an element that the array can't keep.
func (f keeper) keepsList(v reflect.Value) error {
	for i := range v.Len() {
		if err := (keeper{f.elem}).keeps(v.Index(i)); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}
