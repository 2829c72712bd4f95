package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// Version makes column the one that compares versions: a record without a version
// can't be mapped. It returns why the column can't be that, as far as the Go type
// shows.
func (p *Plan) Version(column string) error {
	f := p.fieldOf(column)
	switch {
	case f == nil:
		return fmt.Errorf("the Version is column %q, but %s has no field for it: add one, such as UpdatedAt time.Time `json:%[1]q db:%[1]q`", column, p.typ)
	case f == p.id:
		return fmt.Errorf("the Version is column %q, which keeps the remote id and is the same in each version: name the column of a time or a counter", column)
	case !f.managed() || f.canceled || f.class == whole:
		return fmt.Errorf("the Version is column %q, but no attribute fills its field %s: name the column of a local or computed attribute", column, f.name)
	case !f.ordered():
		return fmt.Errorf("the Version is column %q, but field %s of type %s does not tell which of two versions is later: name the column of a time, a number, or a text that sorts", column, f.name, f.typ)
	}
	p.version = f
	return nil
}

// ordered reports whether the field's values have an order.
func (f *field) ordered() bool {
	switch f.columnType() {
	case backend.TypeTime, backend.TypeInt, backend.TypeFloat, backend.TypeText:
		return f.typ != translationsType
	default:
		return false
	}
}

// CheckVersion finds a column, as the table has it, that would compare versions
// wrongly. Call it after [Plan.Bind].
func (p *Plan) CheckVersion() error {
	f := p.version
	if f == nil {
		return nil
	}
	number := f.columnType() == backend.TypeInt || f.columnType() == backend.TypeFloat || f.class == scanned && !isNull(element(f.typ))
	switch {
	case f.losesVersions():
		return fmt.Errorf("the Version is column %q of type %s, which keeps less than field %s may hold, so that two versions would look the same: make it %s", f.column, f.typeName(), f.name, f.exactType())
	case f.dbType == "uuid":
		return fmt.Errorf("the Version is column %q of type uuid, which does not tell which of two versions is later: name another", f.column)
	case number && !f.sortsNumbers():
		return fmt.Errorf("the Version is column %q of type %s, which compares the numbers of field %s as texts, 10 before 9: make it numeric", f.column, f.dbType, f.name)
	}
	return nil
}

// losesVersions reports whether the column keeps what two versions differ in
// otherwise than it was given.
func (f *field) losesVersions() bool {
	integer := isInteger(element(f.typ))
	switch {
	case !f.strict:
		return f.affinity() == textAffinity && f.columnType() == backend.TypeFloat
	case f.base == "date":
		return true
	case f.base == "numeric":
		return len(f.limits) == 2 && (!integer || f.limits[1] < 0)
	case f.base == "real":
		return true
	default:
		return (former{f}).keptOfTime() != nil
	}
}

// exactType is a type that keeps all of a version.
func (f *field) exactType() string {
	switch f.base {
	case "date":
		return "timestamp with time zone"
	case "real":
		return "double precision"
	case "numeric":
		return "numeric without limits"
	}
	if !f.strict {
		return "double"
	}
	return f.base
}

// sortsNumbers reports whether the column compares numbers as numbers. A type that
// scans itself may write them as text.
func (f *field) sortsNumbers() bool {
	if f.class == scanned && !isNull(element(f.typ)) {
		return (comparer{f}).numeric()
	}
	return strings.Contains(f.dbType, "int") || !strings.Contains(f.dbType, "text") && !strings.Contains(f.dbType, "char") && !strings.Contains(f.dbType, "clob")
}

// checkVersion finds a row that has no version.
func (p mapping) checkVersion(row reflect.Value) error {
	f := p.version
	if f == nil {
		return nil
	}
	v := pointed(row.FieldByIndex(f.index).Addr().Interface())
	if v.IsValid() && isNull(v.Type()) {
		valid := v.Field(1).Bool()
		if v = v.Field(0); !valid {
			v = reflect.Value{}
		}
	}
	missing := !v.IsValid()
	if !missing {
		at, isTime := v.Interface().(time.Time)
		missing = isTime && at.IsZero() || v.Kind() == reflect.String && v.Len() == 0
	}
	if missing {
		return &mapper.FieldError{Attribute: f.remote, Field: f.name, Err: errors.New("the record has no version to compare with its row's: set one in Map, or declare no Version")}
	}
	return nil
}
