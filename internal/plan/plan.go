// Package plan turns remote objects into rows of a Go type and back, by the
// tags of its fields: which attribute goes into which column, which fields are
// computed and which are read from the stored object, and what the fingerprint
// of an object is. The plan of a type is made once.
//
// Attributes are read by the rules of JSON v2, and exactly: names match exactly,
// a number does not become a string, an integer that does not fit is an error. A
// number in an any, as in a map[string]any, becomes an encoding/json.Number, so
// that no digit is lost. A null leaves the field zero. Types that implement
// sql.Scanner and driver.Valuer are kept as they say, times in UTC cut to the
// microsecond, and structs, maps and slices as JSON.
package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-playground/validator/v10"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Options are the parts of a declaration that are not in the type.
type Options struct {
	// IDColumn is the column of the remote id.
	IDColumn string
	// Map sets computed attributes of the row, a pointer to the model's type. Nil
	// uses the type's [mapper.RemoteMapper], where it is one.
	Map func(o remote.Object, row any) error
	// Volatile are paths of values that are left out of the comparison.
	Volatile []string
	// Version changes the fingerprints, so that rows are mapped again.
	Version int
}

// Plan maps remote objects to rows of one type. It is safe for concurrent use
// once [Plan.Bind] was called.
type Plan struct {
	typ      reflect.Type
	fields   []*field
	byRemote map[string]*field
	id, data *field
	version  *field // the one that tells versions, or nil
	idKind   backend.Kind
	mapping  func(o remote.Object, row any) error
	validate *validator.Validate
	seed     uint64
	volatile [][]string
	order    atomic.Pointer[[]memberField]
}

// New makes the plan of a struct type. Its errors name the field and the mend.
func New(typ reflect.Type, options Options) (*Plan, error) {
	switch {
	case typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct:
		return nil, fmt.Errorf("%s is not a struct: declare the model with %s itself", typ, typ.Elem())
	case typ.Kind() != reflect.Struct:
		return nil, fmt.Errorf("%s is not a struct: declare the model with a struct type", typ)
	}
	p := &Plan{typ: typ, byRemote: map[string]*field{}, mapping: options.Map}
	if err := p.addFields(typ, nil, ""); err != nil {
		return nil, err
	}
	if err := p.findID(options.IDColumn); err != nil {
		return nil, err
	}
	if err := p.checkDelegated(); err != nil {
		return nil, err
	}
	if err := p.chooseMapping(); err != nil {
		return nil, err
	}
	if err := p.prepareValidation(); err != nil {
		return nil, err
	}
	if err := p.setVolatile(options.Volatile); err != nil {
		return nil, err
	}
	p.seed = p.digest(options.Version)
	return p, nil
}

// findID finds the field of the remote id.
func (p *Plan) findID(column string) error {
	p.id = p.fieldOf(column)
	switch {
	case p.id == nil:
		return fmt.Errorf("no field for the remote id: add SyncedID int64 `json:\"id\" db:%q`", column)
	case p.id.remote == "":
		return fmt.Errorf("field %s: column %q keeps the remote id, but no json tag says which attribute that is: add `json:\"id\"`", p.id.name, column)
	}
	switch t := p.id.typ; {
	case isInteger(t):
		p.idKind = backend.Int
	case t.Kind() == reflect.String && !scansItself(t):
		p.idKind = backend.Text
	case isUUID(t):
		p.idKind = backend.UUID
	default:
		return fmt.Errorf("field %s: a %s can't be a remote id: use an integer, a string or a uuid.UUID", p.id.name, t)
	}
	return nil
}

func (p *Plan) checkDelegated() error {
	for _, f := range p.fields {
		if f.column == "" && f.translated == "" && f.remote != "" && p.data == nil {
			return fmt.Errorf("field %s: %q has no column, so it is read from the stored object, and there is none: add SyncedData synced.Data `db:\"synced_data\"`, or give the field a db tag", f.name, f.remote)
		}
	}
	return nil
}

// chooseMapping settles who sets the computed attributes.
func (p *Plan) chooseMapping() error {
	if reflect.PointerTo(p.typ).Implements(reflect.TypeFor[mapper.RemoteMapper]()) {
		if p.mapping != nil {
			return fmt.Errorf("both Map and the method MapRemote of %s set computed attributes: keep one", p.typ)
		}
		p.mapping = func(o remote.Object, row any) error { return row.(mapper.RemoteMapper).MapRemote(o) }
	}
	for _, f := range p.fields {
		if f.computed && p.mapping == nil {
			return fmt.Errorf("field %s is computed, but nothing computes it: set Map, or give the model's type a method MapRemote(remote.Object) error", f.name)
		}
	}
	return nil
}

// digest tells mappings apart: a row whose fingerprint another mapping made is
// mapped again.
func (p *Plan) digest(version int) uint64 {
	var lines []string
	for _, f := range p.fields {
		if f.managed() {
			lines = append(lines, fmt.Sprintf("%q %q %s %t", f.column, f.remote, f.typ, f.computed))
		}
	}
	slices.Sort(lines) // the order of the fields changes nothing
	return xxh3.HashString(fmt.Sprintf("synced mapping 1, version %d, mapped %t, volatile %q\n%s", version, p.mapping != nil, p.volatile, strings.Join(lines, "\n")))
}

// IDKind is the type of the remote ids.
func (p *Plan) IDKind() backend.Kind { return p.idKind }

// RemoteNames are the attributes that the type reads, in the order of its
// fields.
func (p *Plan) RemoteNames() []string {
	var names []string
	for _, f := range p.fields {
		if f.remote != "" {
			names = append(names, f.remote)
		}
	}
	return names
}

// Columns are the columns that the type has fields for, in the order of
// [backend.Row.Pointers].
func (p *Plan) Columns() []backend.Column {
	var columns []backend.Column
	for _, f := range p.fields {
		if f.column != "" {
			c := f.describe(f == p.id && p.idKind == backend.UUID)
			if f.class == whole {
				c.Equal = p.sameData
			}
			columns = append(columns, c)
		}
	}
	return columns
}

// Manage makes column one that a run writes, although no attribute fills it: the
// one that cancelling sets.
func (p *Plan) Manage(column string) {
	if f := p.fieldOf(column); f != nil {
		f.canceled = true
	}
}

// DataColumn is the column of the whole object, or "".
func (p *Plan) DataColumn() string {
	if p.data == nil {
		return ""
	}
	return p.data.column
}

// Filled is what fills a column in each run, in words: "attribute \"name\"",
// "Map", "the whole object". It is "" when nothing does.
func (p *Plan) Filled(column string) string {
	switch f := p.fieldOf(column); {
	case f == nil:
		return ""
	case f.remote != "":
		return fmt.Sprintf("attribute %q", f.remote)
	case f.computed:
		return "Map"
	case f.class == whole:
		return "the whole object"
	default:
		return ""
	}
}

// Field is the name and Go type of a column's field, and whether it has one.
func (p *Plan) Field(column string) (name string, typ reflect.Type, ok bool) {
	f := p.fieldOf(column)
	if f == nil {
		return "", nil, false
	}
	return f.name, f.typ, true
}

// HoldsRemovalTime says that a column's field, where it has one, can keep the
// time of a removal, or null.
func (p *Plan) HoldsRemovalTime(column string) bool {
	f := p.fieldOf(column)
	return f == nil || f.class == timed && f.typ != timeType || f.class == scanned && f.nullable
}

func (p *Plan) fieldOf(column string) *field {
	i := slices.IndexFunc(p.fields, func(f *field) bool { return f.column == column && column != "" })
	if i < 0 {
		return nil
	}
	return p.fields[i]
}

// NewRow makes an empty row.
func (p *Plan) NewRow() backend.Row { return p.record(reflect.New(p.typ)) }

// RecordOf is a row of the type, a pointer, by its columns.
func (p *Plan) RecordOf(row any) backend.Row { return p.record(reflect.ValueOf(row)) }

func (p *Plan) record(row reflect.Value) backend.Row {
	pointers := make([]any, 0, len(p.fields))
	for _, f := range p.fields {
		if f.column != "" {
			pointers = append(pointers, f.pointer(row.Elem().FieldByIndex(f.index)))
		}
	}
	return backend.Row{Value: row.Interface(), Pointers: pointers}
}
