package mapper

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/syncedgo/synced/store"
)

// Bind fits the plan to the table as it is, or says which column is missing or
// of a type that does not hold its field.
func (p *Plan) Bind(d store.Description, dialect string) error {
	for _, f := range p.fields {
		if f.column == "" {
			continue
		}
		column, ok := d.Column(f.column)
		if !ok {
			return fmt.Errorf("field %s: the table has no column %q: add the column, or change the db tag", f.name, f.column)
		}
		f.dbType = column.Type
		// SQLite keeps any value in a column of any type.
		if held := holds(column.Type); dialect == "postgres" && held != 0 && !f.fits(held, column.Type) {
			return fmt.Errorf("field %s: column %q is of type %s, which does not hold a %s", f.name, f.column, column.Type, f.typ)
		}
	}
	if p.id.dbType == "uuid" && p.idKind == store.Text {
		p.idKind = store.UUID
	}
	return nil
}

// holds is what a type of PostgreSQL keeps; 0 when it is not one of the usual.
func holds(dbType string) store.Type {
	switch dbType {
	case "bigint", "integer", "smallint":
		return store.TypeInt
	case "double precision", "real", "numeric":
		return store.TypeFloat
	case "boolean":
		return store.TypeBool
	case "text", "character varying", "bpchar":
		return store.TypeText
	case "uuid":
		return store.TypeUUID
	case "json", "jsonb":
		return store.TypeJSON
	case "bytea":
		return store.TypeBytes
	case "timestamp with time zone", "timestamp without time zone", "date":
		return store.TypeTime
	default:
		return 0
	}
}

// fits says that the field can be kept in a column that holds such a type.
func (f *field) fits(held store.Type, dbType string) bool {
	if f.class == plain && f.scans() {
		return true // the type knows
	}
	switch want := f.columnType(); want {
	case store.TypeText:
		// Any type can be written as text, and is read back cast to it.
		return held == store.TypeText || held == store.TypeUUID || dbType == "numeric" || dbType == "date"
	case store.TypeInt:
		return held == store.TypeInt || dbType == "numeric"
	case store.TypeJSON:
		return held == store.TypeJSON || held == store.TypeText
	default:
		return held == want
	}
}

// casts says that the column is read as text, because its own type would not be
// scanned into a string.
func (f *field) casts() bool {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.String || f.scans() || f.dbType == "" {
		return false
	}
	held := holds(strings.TrimSpace(f.dbType))
	return held != store.TypeText
}
