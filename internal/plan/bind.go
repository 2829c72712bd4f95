package plan

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// Bind fits the plan to the table as it is, or says which column is missing or
// of a type that does not hold its field.
func (p *Plan) Bind(d backend.Description) error {
	for _, f := range p.fields {
		if f.column == "" {
			continue
		}
		column, ok := d.Column(f.column)
		if !ok {
			return f.missing(d)
		}
		f.dbType, f.strict = column.Type, d.Strict
		if f.strict && !f.fits(column.Type) {
			return fmt.Errorf("field %s: column %q of type %s does not hold a Go %s: change one of them", f.name, f.column, column.Type, f.typ)
		}
	}
	if p.id.dbType == "uuid" && p.idKind == backend.Text {
		p.idKind = backend.UUID
	}
	return nil
}

// missing says that the field's column is not in the table, and which one was
// meant, where only its case differs.
func (f *field) missing(d backend.Description) error {
	for _, c := range d.Columns {
		if strings.EqualFold(c.Name, f.column) {
			return fmt.Errorf("field %s: the table has no column %q, but one %q: write it so in the db tag", f.name, f.column, c.Name)
		}
	}
	return fmt.Errorf("field %s: the table has no column %q: add the column, or change the db tag", f.name, f.column)
}

// holds is what a type of PostgreSQL keeps; 0 when it is not one of the usual.
func holds(dbType string) backend.Type {
	switch dbType {
	case "bigint", "integer", "smallint":
		return backend.TypeInt
	case "double precision", "real", "numeric":
		return backend.TypeFloat
	case "boolean":
		return backend.TypeBool
	case "text", "character varying", "bpchar":
		return backend.TypeText
	case "uuid":
		return backend.TypeUUID
	case "json", "jsonb":
		return backend.TypeJSON
	case "bytea":
		return backend.TypeBytes
	case "timestamp with time zone", "timestamp without time zone", "date":
		return backend.TypeTime
	default:
		return 0
	}
}

// fits says that the field can be kept in a column of a type.
func (f *field) fits(dbType string) bool {
	held, want := holds(dbType), f.columnType()
	switch {
	case f.class == scanned && want == backend.TypeText && !isNull(element(f.typ)):
		return true // the type knows
	case strings.HasSuffix(dbType, "[]"):
		return false
	case held == 0:
		return true // the database knows
	}
	switch want {
	case backend.TypeText:
		// Any type can be written as text, and is read back cast to it.
		return held == backend.TypeText || held == backend.TypeUUID || dbType == "numeric" || dbType == "date"
	case backend.TypeInt:
		return held == backend.TypeInt || dbType == "numeric"
	case backend.TypeJSON, backend.TypeUUID:
		return held == want || held == backend.TypeText
	default:
		return held == want
	}
}

// keeps says, of a value that the column cannot keep, why.
func (f *field) keeps(v reflect.Value) error {
	if f.typ == translationsType {
		return f.keepsTranslations(v.Interface().(mapper.Translations))
	}
	if f.class == timed && f.managed() {
		return f.keepsTime(v)
	}
	if f.class != plain || !f.managed() {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		return nil
	case v.CanUint() && v.Uint() > math.MaxInt64:
		return fmt.Errorf("the number %d is too big for a column, whose integers end at %d", v.Uint(), int64(math.MaxInt64))
	case v.Kind() == reflect.String && !utf8.ValidString(v.String()):
		return fmt.Errorf("%s in field %s is not valid UTF-8", shorten(strconv.Quote(v.String()), 60), f.name)
	case v.Kind() != reflect.String || !f.strict:
		return nil
	case f.numeric() && !isNumber(v.String()), f.dbType == "uuid" && uuid.Validate(v.String()) != nil:
		mend := ""
		if v.String() == "" && f.typ.Kind() != reflect.Pointer {
			mend = ": make the field a *" + f.typ.String() + ", if it may be missing"
		}
		return fmt.Errorf("%s in field %s is not a %s, as column %q wants%s", shorten(strconv.Quote(v.String()), 60), f.name, f.dbType, f.column, mend)
	}
	return nil
}

// keepsTime finds a time that has no year of four digits in UTC, although it may
// have had one in its own zone: SQLite's text would not be read back.
func (f *field) keepsTime(v reflect.Value) error {
	at := time.Time{}
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		at = *x
	case **time.Time:
		if *x != nil {
			at = **x
		}
	default: // a null
		return f.keepsTime(v.Field(0))
	}
	if at.Year() < 0 || at.Year() > 9999 {
		return fmt.Errorf("the time %s in field %s is out of range: the years 0 to 9999 in UTC", at.Format(time.RFC3339), f.name)
	}
	return nil
}

// casts says that the column is read as text, because its own type would not be
// scanned into a string.
func (f *field) casts() bool {
	return f.class == plain && element(f.typ).Kind() == reflect.String && f.dbType != "" && holds(f.dbType) != backend.TypeText
}
