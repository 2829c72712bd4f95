package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
)

// field is one field of a model's type that takes part in the mapping.
type field struct {
	name     string // Go name, with those of the structs that it is embedded in
	index    []int
	typ      reflect.Type
	remote   string // attribute; "" if none fills the field
	column   string // "" if the field is delegated
	computed bool
	parent   bool // the local key of another model's row
	canceled bool // a cancellation sets it
	// translated is the column in the table of translations; such a field has none
	// in the model's own.
	translated string
	class      class
	nullable   bool // a type that scans itself can hold a null
	quick      bool // decodeQuick may read it
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
		f, err := parseField(sf)
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

// parseField reads the tags of one field. It returns nil for a field that takes no
// part in the mapping.
func parseField(sf reflect.StructField) (*field, error) {
	f := &field{name: sf.Name, typ: sf.Type, class: classOf(sf.Type)}
	if err := f.readTags(sf.Tag); err != nil {
		return nil, err
	}
	if f.remote == "" && f.column == "" && f.translated == "" && !f.computed && !f.parent && !f.misplacedData(sf.Tag) {
		return nil, nil
	}
	if err := f.checkTags(sf); err != nil {
		return nil, err
	}
	if err := f.checkType(); err != nil {
		return nil, err
	}
	f.quick = f.remote != "" && f.simple()
	f.nullable = f.class == scanned && scansNull(f.typ)
	return f, nil
}

// simple reports whether the field's type alone says how to read its values.
func (f *field) simple() bool {
	base := element(f.typ)
	return base == timeType || f.class == plain && base != numberType && !readsItself(base)
}

func (f *field) readTags(tag reflect.StructTag) error {
	if column, ok := tag.Lookup("db"); ok && column != "-" {
		name, options, _ := strings.Cut(column, ",")
		switch {
		case name == "":
			return fmt.Errorf("the db tag %q names no column: write its name, or drop the tag", column)
		case options != "":
			return fmt.Errorf("the db tag %q has options, and there are none: write the column's name alone", column)
		}
		f.column = name
	}
	if attribute, ok := tag.Lookup("json"); ok && attribute != "-" {
		name, options, _ := strings.Cut(attribute, ",")
		if name == "" {
			return fmt.Errorf("the json tag %q names no attribute: write its name", attribute)
		}
		for option := range strings.SplitSeq(options, ",") {
			if option != "" && option != "omitempty" && option != "omitzero" { // those are for writing JSON
				return fmt.Errorf("the json tag %q has option %q, which is not supported: drop it, and convert in Map", attribute, option)
			}
		}
		f.remote = name
	}
	switch own := tag.Get("synced"); own {
	case "":
	case "computed":
		f.computed = true
	case "parent":
		f.parent = true
	case "translated":
		f.translated, f.column = f.column, ""
		f.computed = f.remote == ""
		return f.checkTranslated()
	default:
		return fmt.Errorf("unknown tag `synced:%q`: there are `synced:\"computed\"`, `synced:\"parent\"` and `synced:\"translated\"`", own)
	}
	return nil
}

// misplacedData reports whether the field would keep the whole object but for a
// column.
func (f *field) misplacedData(tag reflect.StructTag) bool {
	return f.class == whole && tag.Get("db") != "-" && tag.Get("json") != "-"
}

func (f *field) checkTags(sf reflect.StructField) error {
	switch {
	case !sf.IsExported():
		return errors.New("it has tags but is not exported, so it can't be set: write it with a capital")
	case f.typ == dataType && f.remote != "":
		return fmt.Errorf("synced.Data is the whole object, not attribute %q: drop the json tag, or use json.RawMessage", f.remote)
	case f.typ == dataType && f.computed:
		return errors.New("synced.Data is the whole object, and nothing computes it: drop the synced tag")
	case f.typ == dataType && f.column == "":
		return errors.New("synced.Data has no column: add `db:\"synced_data\"`")
	case f.computed && f.column+f.translated == "":
		return errors.New("it is computed but has no column: add a db tag")
	case f.computed && f.remote != "":
		return fmt.Errorf("it is computed and reads attribute %q as well: drop one of the tags", f.remote)
	case f.parent && f.column == "":
		return errors.New("it keeps the local key of a parent but has no column: add a db tag")
	case f.parent && f.remote != "":
		return fmt.Errorf("it keeps the local key of a parent and reads attribute %q as well: drop one of the tags", f.remote)
	case f.translated == backend.TranslationParent, f.translated == backend.TranslationLocale:
		return fmt.Errorf("column %q of the table of translations has another purpose: name another column", f.translated)
	case f.column == reservedName:
		return fmt.Errorf("column %q is reserved for the fingerprint: remove the field", f.column)
	case strings.Contains(f.column+f.translated, "."):
		return fmt.Errorf("column %q has a dot in its name: rename it", f.column+f.translated)
	}
	return nil
}

// managed reports whether runs write the field's column.
func (f *field) managed() bool {
	return f.column != "" && (f.remote != "" || f.computed || f.class == whole || f.canceled)
}

// describe returns the field's column as stores see it.
func (f *field) describe(uuid bool) backend.Column {
	c := backend.Column{
		Name:    f.column,
		Type:    f.columnType(),
		DBType:  f.dbType,
		NotNull: f.typ == timeType || f.class == plain && f.typ.Kind() != reflect.Pointer && f.typ.Kind() != reflect.Slice,
		Managed: f.managed(),
		Key:     f.column == "id" && !f.managed(),
		Parent:  f.parent,
		Cast:    f.casts(),
		Asked:   f.asked(),
		Equal:   (comparer{f}).equal(),
	}
	if uuid {
		c.Type = backend.TypeUUID
	}
	return c
}
