package mapper

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/syncedgo/synced/store"
)

// field is one field of a model's type that has a part in its mapping.
type field struct {
	name     string // Go name, with those of the structs that it is embedded in
	index    []int
	typ      reflect.Type
	remote   string // attribute; "" when it comes from none
	column   string // "" when the field is delegated
	computed bool
	canceled bool
	class    class
	dbType   string
}

// class is how a field is written to a column and read from it.
type class int

const (
	plain  class = iota // as the driver does
	timed               // time.Time: UTC, microseconds
	encode              // encoded as JSON
	whole               // Data: the whole object
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	dataType     = reflect.TypeFor[Data]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	scannerType  = reflect.TypeFor[sql.Scanner]()
	valuerType   = reflect.TypeFor[driver.Valuer]()
	reservedName = "synced_hash"
)

// addFields reads the tags of a struct's fields, those of embedded structs
// included.
func (p *Plan) addFields(typ reflect.Type, at []int) error {
	for i := range typ.NumField() {
		sf := typ.Field(i)
		index := append(append([]int(nil), at...), i)
		_, hasJSON := sf.Tag.Lookup("json")
		_, hasDB := sf.Tag.Lookup("db")
		if sf.Anonymous && !hasJSON && !hasDB {
			if sf.Type.Kind() != reflect.Struct {
				return fmt.Errorf("field %s: an embedded %s is not supported: embed the struct itself, or list its fields", sf.Name, sf.Type)
			}
			if err := p.addFields(sf.Type, index); err != nil {
				return err
			}
			continue
		}
		f, err := parseField(sf)
		if err != nil {
			return fmt.Errorf("field %s: %w", sf.Name, err)
		}
		if f == nil {
			continue
		}
		f.index = index
		if err := p.add(f); err != nil {
			return err
		}
	}
	return nil
}

// add takes a field in, unless another has its name or column.
func (p *Plan) add(f *field) error {
	for _, other := range p.fields {
		if f.column != "" && f.column == other.column {
			return fmt.Errorf("fields %s and %s both have column %q: give each its own", other.name, f.name, f.column)
		}
	}
	if other := p.byRemote[f.remote]; f.remote != "" && other != nil {
		return fmt.Errorf("fields %s and %s both read attribute %q: keep one, and set the other in Map", other.name, f.name, f.remote)
	}
	if f.class == whole {
		if p.data != nil {
			return fmt.Errorf("fields %s and %s both keep the whole object: keep one", p.data.name, f.name)
		}
		p.data = f
	}
	if f.remote != "" {
		p.byRemote[f.remote] = f
	}
	p.fields = append(p.fields, f)
	return nil
}

// parseField reads the tags of one field; nil has no part in the mapping.
func parseField(sf reflect.StructField) (*field, error) {
	f := &field{name: sf.Name, typ: sf.Type}
	jsonTag, hasJSON := sf.Tag.Lookup("json")
	f.column = sf.Tag.Get("db")
	if f.column == "-" {
		f.column = ""
	}
	if hasJSON && jsonTag != "-" {
		f.remote, _, _ = strings.Cut(jsonTag, ",")
		if f.remote == "" {
			return nil, fmt.Errorf("the json tag %q names no attribute: write its name", jsonTag)
		}
	}
	switch tag := sf.Tag.Get("synced"); tag {
	case "":
	case "computed":
		f.computed = true
	default:
		return nil, fmt.Errorf("unknown tag `synced:%q`: the one there is, is `synced:\"computed\"`", tag)
	}
	if f.remote == "" && f.column == "" && !f.computed {
		return nil, nil
	}
	if err := f.checkTags(sf); err != nil {
		return nil, err
	}
	f.class = classOf(f.typ)
	return f, f.checkType()
}

func (f *field) checkTags(sf reflect.StructField) error {
	switch {
	case !sf.IsExported():
		return fmt.Errorf("has tags but is not exported, so it can't be set: write it with a capital")
	case f.computed && f.column == "":
		return fmt.Errorf("is computed but has no column: add a db tag")
	case f.computed && f.remote != "":
		return fmt.Errorf("is computed and reads attribute %q as well: drop one of the tags", f.remote)
	case f.column == reservedName:
		return fmt.Errorf("column %q keeps the fingerprint and is nobody else's: drop the field", f.column)
	case strings.Contains(f.column, "."):
		return fmt.Errorf("column %q has a dot in its name: rename it", f.column)
	case f.typ == dataType && f.remote != "":
		return fmt.Errorf("synced.Data is the whole object, not attribute %q: drop the json tag, or use json.RawMessage", f.remote)
	case f.typ == dataType && f.column == "":
		return fmt.Errorf("synced.Data has no column: add `db:\"synced_data\"`")
	}
	return nil
}

func (f *field) checkType() error {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Uintptr:
		return fmt.Errorf("a %s can't be read from JSON nor kept in a column", f.typ)
	}
	return nil
}

// classOf chooses how a type is kept in a column.
func classOf(t reflect.Type) class {
	if t == dataType {
		return whole
	}
	base := t
	if base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	if base == timeType {
		return timed
	}
	if scansItself(t) {
		return plain
	}
	switch base.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return plain
	case reflect.Slice:
		if base.Elem().Kind() == reflect.Uint8 && base != rawType && !marshalsItself(base) {
			return plain
		}
	}
	return encode
}

// scansItself says that a type knows how it is kept in a database.
func scansItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	if t.Kind() == reflect.Pointer {
		pointer = t
	}
	return pointer.Implements(scannerType) && pointer.Implements(valuerType)
}

func marshalsItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]())
}

func isInteger(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 && !scansItself(t)
}

func (f *field) scans() bool { return scansItself(f.typ) }

// managed says that a run writes the field's column.
func (f *field) managed() bool {
	return f.column != "" && (f.remote != "" || f.computed || f.class == whole || f.canceled)
}

// describe is the field's column, as stores see it.
func (f *field) describe(uuid bool) store.Column {
	c := store.Column{
		Name:    f.column,
		Type:    f.columnType(),
		DBType:  f.dbType,
		NotNull: f.typ.Kind() != reflect.Pointer && (f.class == timed || f.class == plain && !f.scans() && f.typ.Kind() != reflect.Slice),
		Managed: f.managed(),
		Key:     f.column == "id" && !f.managed(),
		Cast:    f.casts(),
		Equal:   f.equal(),
	}
	if uuid {
		c.Type = store.TypeUUID
	}
	return c
}

// columnType is what Schema makes of the field.
func (f *field) columnType() store.Type {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case f.class == timed:
		return store.TypeTime
	case f.class == whole, f.class == encode:
		return store.TypeJSON
	case t.Kind() == reflect.Array && t.Len() == 16:
		return store.TypeUUID
	case t.Kind() == reflect.Bool:
		return store.TypeBool
	case t.Kind() == reflect.Float32, t.Kind() == reflect.Float64:
		return store.TypeFloat
	case isInteger(t):
		return store.TypeInt
	case t.Kind() == reflect.Slice:
		return store.TypeBytes
	case t == reflect.TypeFor[sql.NullInt64](), t == reflect.TypeFor[sql.NullInt32](), t == reflect.TypeFor[sql.NullInt16]():
		return store.TypeInt
	case t == reflect.TypeFor[sql.NullBool]():
		return store.TypeBool
	case t == reflect.TypeFor[sql.NullFloat64]():
		return store.TypeFloat
	case t == reflect.TypeFor[sql.NullTime]():
		return store.TypeTime
	default:
		return store.TypeText
	}
}
