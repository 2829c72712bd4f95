package plan

import (
	"fmt"
	"reflect"
	"time"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
)

// field is one field of a model's type that takes part in the mapping.
type field struct {
	name     string // Go name, with those of the structs that it is embedded in
	index    []int
	typ      reflect.Type
	remote   string         // attribute; "" if none fills the field
	path     attribute.Path // of the same
	column   string         // "" if the field is delegated
	computed bool
	parent   bool // the local key of another model's row
	canceled bool // a cancellation sets it
	// translated is the column in the table of translations; such a field has none
	// in the model's own.
	translated string
	class      class
	nullable   bool // a type that scans itself can hold a null
	spelling
	bound
	// form brings a value into the form in which the column keeps it, or returns why
	// the column refuses it. Nil keeps all as it is.
	form func(reflect.Value) error
}

// reservedName is the column of the fingerprint.
const reservedName = "synced_hash"

// addFields reads the tags of a struct's fields, and of embedded structs'.
func (p builder) addFields(typ reflect.Type, at []int, path string) error {
	for i := range typ.NumField() {
		sf := typ.Field(i)
		index := append(append([]int(nil), at...), i)
		if err := checkSyntax(sf.Tag); err != nil {
			return fmt.Errorf("field %s: %w", path+sf.Name, err)
		}
		_, hasJSON := sf.Tag.Lookup("json")
		_, hasDB := sf.Tag.Lookup("db")
		if sf.Anonymous && !hasJSON && !hasDB {
			if sf.Type.Kind() != reflect.Struct {
				return fmt.Errorf("field %s: an embedded %s is not supported: embed a struct itself, or list the fields", path+sf.Name, sf.Type)
			}
			if err := p.addFields(sf.Type, index, path+sf.Name+"."); err != nil {
				return err
			}
			continue
		}
		f, err := parseField(sf, p.zone)
		if err != nil {
			return fmt.Errorf("field %s: %w", path+sf.Name, err)
		}
		if f == nil {
			continue
		}
		f.name, f.index = path+sf.Name, index
		if err := p.add(f); err != nil {
			return err
		}
	}
	return nil
}

// add adds a field, unless another has its attribute or column.
func (p builder) add(f *field) error {
	for _, other := range p.fields {
		if f.column+f.translated != "" && f.column+f.translated == other.column+other.translated {
			return fmt.Errorf("fields %s and %s both have column %q: give each its own", other.name, f.name, f.column)
		}
	}
	if other := p.wanted[f.remote]; f.remote != "" && other != nil && other.field != nil {
		return fmt.Errorf("fields %s and %s both read attribute %q: keep one, and set the other in Map", other.field.name, f.name, f.remote)
	}
	if f.class == whole {
		if p.data != nil {
			return fmt.Errorf("fields %s and %s both keep the whole object: keep one", p.data.name, f.name)
		}
		p.data = f
	}
	if f.remote != "" {
		p.wanted.add(f, len(p.stepped))
		if !f.path.Plain() {
			p.stepped = append(p.stepped, f)
		}
	}
	p.fields = append(p.fields, f)
	return nil
}

// parseField reads the tags of one field. It returns nil for a field that takes no
// part in the mapping.
func parseField(sf reflect.StructField, zone *time.Location) (*field, error) {
	f := &field{name: sf.Name, typ: sf.Type, class: classOf(sf.Type)}
	if err := (tagged{f}).readTags(sf.Tag); err != nil {
		return nil, err
	}
	if f.remote == "" && f.column == "" && f.translated == "" && !f.computed && !f.parent && !(tagged{f}).misplacedData(sf.Tag) {
		return nil, nil
	}
	if err := (tagged{f}).checkTags(sf); err != nil {
		return nil, err
	}
	if err := (tagged{f}).readSpelling(sf.Tag, zone); err != nil {
		return nil, err
	}
	if err := (tagged{f}).checkType(); err != nil {
		return nil, err
	}
	f.quick = f.remote != "" && f.read == nil && f.simple()
	if f.class == encoded && f.read == nil {
		f.coder = coderOf(f.typ, 0)
	}
	f.nullable = f.class == scanned && scansNull(f.typ)
	return f, nil
}

// simple reports whether the field's type alone says how to read its values.
func (f *field) simple() bool {
	base := element(f.typ)
	return base == timeType || f.class == plain && base != numberType && !readsItself(base)
}

// misplacedData reports whether the field would keep the whole object but for a
// column.
func (f tagged) misplacedData(tag reflect.StructTag) bool {
	return f.class == whole && tag.Get("db") != "-" && tag.Get("json") != "-"
}

// managed reports whether runs write the field's column.
func (f *field) managed() bool {
	return f.column != "" && (f.remote != "" || f.computed || f.class == whole || f.canceled)
}

// own reports whether the column is the service's own.
func (f *field) own() bool {
	return f.column != "" && f.remote == "" && !f.computed && f.class != whole
}

// describe returns the field's column as stores see it.
func (f *field) describe(uuid bool) backend.Column {
	c := backend.Column{
		Name:    f.column,
		Type:    f.columnType(),
		Made:    f.madeType(),
		DBType:  f.dbType,
		NotNull: f.typ == timeType || (f.class == plain || f.class == lasting) && f.typ.Kind() != reflect.Pointer && f.typ.Kind() != reflect.Slice,
		Managed: f.managed(),
		Key:     f.column == "id" && !f.managed(),
		Parent:  f.parent,
		Read:    (binder{f}).reading(),
		Asked:   f.asked(),
		Equal:   (comparer{f}).equal(),
		Exact:   (comparer{f}).exact(),
	}
	if uuid {
		c.Type = backend.TypeUUID
	}
	return c
}
