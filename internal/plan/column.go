package plan

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
)

// pointer returns what a store reads the field's column from and scans it into.
func (f *field) pointer(v reflect.Value) any {
	switch {
	case f.class == encoded:
		return &jsonColumn{v, f.coder, f.notNull}
	case f.class == raw:
		return &jsonColumn{f.view(v), nil, f.notNull}
	case f.class == listed:
		return &listColumn{f, v}
	case f.class == spelled:
		return &spelledColumn{field: f, at: v}
	case f.class == lasting:
		return &durationColumn{at: v}
	case f.class == foreign:
		return v.Addr().Interface()
	case f.typ == timeType:
		return &timeColumn{at: v.Addr().Interface().(*time.Time)}
	case f.class == timed && v.Kind() == reflect.Pointer:
		return &nullTimeColumn{at: v.Addr().Interface().(**time.Time)}
	case f.class == timed:
		return &nullTimeStruct{v}
	case f.class == scanned && !f.nullable:
		return &scanColumn{field: v}
	default:
		return v.Addr().Interface()
	}
}

// view returns bytes that are JSON already as such, and any other value as it is.
func (f *field) view(v reflect.Value) reflect.Value {
	if f.class != raw {
		return v
	}
	return v.Addr().Convert(reflect.PointerTo(rawType)).Elem()
}

// scanColumn gives a null to a type that scans itself but no null.
type scanColumn struct {
	field reflect.Value
	null  bool
}

func (c *scanColumn) Value() (driver.Value, error) {
	return c.field.Addr().Interface().(driver.Valuer).Value()
}

func (c *scanColumn) Scan(src any) error {
	if c.null = src == nil; c.null {
		c.field.SetZero()
		return nil
	}
	return c.field.Addr().Interface().(sql.Scanner).Scan(src)
}

// WasNull reports whether the column held a null, which the field can't.
func (c *scanColumn) WasNull() bool { return c.null }

// jsonColumn keeps a field as JSON text. A value that encodes as null is null.
type jsonColumn struct {
	field   reflect.Value
	coder   *coder // of the field's type, or nil
	notNull bool   // the column takes no null, but the JSON null
}

func (c *jsonColumn) Value() (driver.Value, error) {
	text, isNull, err := c.AppendTo(make([]byte, 0, 128))
	if err != nil || isNull {
		return nil, err
	}
	return string(text), nil
}

// AppendTo implements [backend.Textual].
func (c *jsonColumn) AppendTo(buf []byte) (_ []byte, isNull bool, err error) {
	from := len(buf)
	if buf, err = c.coder.appendJSON(buf, c.field); err != nil {
		return buf, false, err
	}
	text := buf[from:]
	if string(text) == "null" && !c.notNull {
		return buf[:from], true, nil
	}
	clean, changed := unescapeNUL(text)
	if !changed {
		return buf, false, nil
	}
	if !jsontext.Value(clean).IsValid() {
		return buf, false, errTwins
	}
	return append(buf[:from], clean...), false, nil
}

func (c *jsonColumn) Scan(src any) error {
	c.field.SetZero()
	var err error
	switch text := src.(type) {
	case nil:
		return nil
	case string:
		err = json.Unmarshal([]byte(text), c.field.Addr().Interface(), exact)
	case int64, float64: // a column of SQLite that makes numbers of texts, such as one of type json
		err = json.Unmarshal(fmt.Append(nil, text), c.field.Addr().Interface(), exact)
	case []byte:
		err = json.Unmarshal(text, c.field.Addr().Interface(), exact)
	default:
		return fmt.Errorf("want JSON text, the column holds a %T", src)
	}
	if err != nil {
		c.field.SetZero()
	} else if c.field.Type() == translationsType {
		settleTranslations(c.field)
	}
	return err
}

// timeColumn keeps a time in UTC, cut to microseconds as PostgreSQL does.
type timeColumn struct {
	at   *time.Time
	null bool
}

func (c *timeColumn) Value() (driver.Value, error) { return cut(*c.at), nil }

// Time implements [backend.Timed].
func (c *timeColumn) Time() (at time.Time, isNull bool) { return cut(*c.at), false }

func (c *timeColumn) Scan(src any) error {
	if c.null = src == nil; c.null {
		*c.at = time.Time{}
		return nil
	}
	t, err := parseTime(src)
	*c.at = t
	return err
}

// WasNull reports whether the column held a null, which the field can't.
func (c *timeColumn) WasNull() bool { return c.null }

// nullTimeColumn is a timeColumn for a *time.Time.
type nullTimeColumn struct{ at **time.Time }

func (c *nullTimeColumn) Value() (driver.Value, error) {
	if *c.at == nil {
		return nil, nil
	}
	return cut(**c.at), nil
}

// Time implements [backend.Timed].
func (c *nullTimeColumn) Time() (at time.Time, isNull bool) {
	if *c.at == nil {
		return at, true
	}
	return cut(**c.at), false
}

func (c *nullTimeColumn) Scan(src any) error {
	*c.at = nil
	if src == nil {
		return nil
	}
	t, err := parseTime(src)
	*c.at = &t
	return err
}

// cut brings a time into the form that databases keep.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// parseTime reads a time as a database gives it.
func parseTime(src any) (time.Time, error) {
	switch v := src.(type) {
	case time.Time:
		if cut(v).Year() < 0 || cut(v).Year() > 9999 {
			return time.Time{}, fmt.Errorf("the year %d has no four digits", v.Year())
		}
		return cut(v), nil
	case []byte:
		return parseTime(string(v))
	case string:
		return backend.ParseTime(v)
	default:
		return time.Time{}, fmt.Errorf("want a time, the column holds a %T", src)
	}
}
