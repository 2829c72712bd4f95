package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
)

// bound is a field's column as the table has it.
type bound struct {
	dbType string // its type
	base   string // what that is made of
	limits []int  // of base
	strict bool   // the database holds the column to its type
}

// Bind fits the plan to the table as it is. Its error names a column that is
// missing, or whose type does not hold its field.
func (p *Plan) Bind(d backend.Description) error {
	for _, f := range p.fields {
		if f.column == "" {
			continue
		}
		column, ok := d.Column(f.column)
		if !ok {
			return f.missing(d)
		}
		f.bound = bound{dbType: column.Type, base: cmp.Or(column.Base, column.Type), limits: column.Limits, strict: d.Strict}
		if f.strict && !f.fits(column.Type) {
			return fmt.Errorf("field %s: column %q of type %s does not hold a Go %s: change one of them", f.name, f.column, column.Type, f.typ)
		}
		f.form = (former{f}).formOf()
	}
	if p.id.dbType == "uuid" && p.idKind == backend.Text {
		p.idKind = backend.UUID
	}
	return nil
}

// typeName returns the type of the column with its limits.
func (f *bound) typeName() string {
	if len(f.limits) == 0 || f.dbType != f.base {
		return f.dbType
	}
	limits := make([]string, len(f.limits))
	for i, n := range f.limits {
		limits[i] = strconv.Itoa(n)
	}
	name, rest, _ := strings.Cut(f.dbType, " ")
	if f.dbType == "character varying" {
		name, rest = f.dbType, ""
	}
	return strings.TrimSpace(name + "(" + strings.Join(limits, ",") + ") " + rest)
}

// missing makes the error about a column that the table does not have. It names
// the one that was meant, if only its case differs.
func (f *field) missing(d backend.Description) error {
	for _, c := range d.Columns {
		if strings.EqualFold(c.Name, f.column) {
			return fmt.Errorf("field %s: the table has no column %q, but one %q: write it so in the db tag", f.name, f.column, c.Name)
		}
	}
	return fmt.Errorf("field %s: the table has no column %q: add the column, or change the db tag", f.name, f.column)
}

// holds returns what a type of PostgreSQL keeps; 0 for an unusual one.
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

// fits reports whether a column of a type can keep the field.
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

// casts reports whether the column is read as text: a driver does not scan its own
// type into a string.
func (f *field) casts() bool {
	return f.class == plain && element(f.typ).Kind() == reflect.String && f.dbType != "" && holds(f.dbType) != backend.TypeText
}
