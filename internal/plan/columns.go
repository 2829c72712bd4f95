package plan

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// columns are the fields of a type, by their columns.
type columns struct{ fields []*field }

// RemoteNames lists the attributes that the type reads, in the order of its
// fields, and those that make the remote id.
func (p *Plan) RemoteNames() []string {
	var names []string
	for _, f := range p.fields {
		if f.remote != "" {
			names = append(names, f.remote)
		}
	}
	if p.maker != nil {
		for _, path := range p.maker.paths {
			names = append(names, path.String())
		}
	}
	return names
}

// Paths lists where the attributes are that the type reads.
func (p *columns) Paths() []attribute.Path {
	var paths []attribute.Path
	for _, f := range p.fields {
		if f.remote != "" {
			paths = append(paths, f.path)
		}
	}
	return paths
}

// Bare reports whether an object has none of the attributes that the type reads but
// for its id, although the type reads some. A null is a value, also of an object that
// has some of them.
func (p *Plan) Bare(o remote.Object) bool {
	reads := false
	for _, f := range p.fields {
		if f.remote == "" || f.column == p.id.column {
			continue
		}
		if _, has := f.path.In(o); has || f.path.Empty(o) {
			return false
		}
		reads = true
	}
	return reads
}

// Columns lists the columns that the type has fields for, in the order of
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

// Manage makes runs write a column that no attribute fills: the one that a
// cancellation sets.
func (p *columns) Manage(column string) {
	if f := p.fieldOf(column); f != nil {
		f.canceled = true
	}
}

// Unread notes that of the rows that are mapped only the columns are read. Texts without a
// column are then checked and not copied, unless Map or a rule looks at them: half of the
// memory of a page whose records are large.
func (p *Plan) Unread() {
	for _, f := range p.fields {
		f.unread = f.column+f.translated == "" && f.quick && element(f.typ).Kind() == reflect.String && p.mapping == nil && p.validate == nil
	}
}

// DataColumn returns the column of the whole object, or "".
func (p *Plan) DataColumn() string {
	if p.data == nil {
		return ""
	}
	return p.data.column
}

// Filled says in words what fills a column in each run: `attribute "name"`,
// "Map" or "the whole object"; "" if nothing does.
func (p *columns) Filled(column string) string {
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

// Refused makes the error about a column's value that the database refuses.
func (p *columns) Refused(column string, err error) error {
	f := p.fieldOf(column)
	if f == nil {
		return err
	}
	return &mapper.FieldError{Attribute: f.remote, Field: f.name, Err: err}
}

// Field returns the name and the Go type of a column's field, if it has one.
func (p *columns) Field(column string) (name string, typ reflect.Type, ok bool) {
	f := p.fieldOf(column)
	if f == nil {
		return "", nil, false
	}
	return f.name, f.typ, true
}

// HoldsRemovalTime reports whether a column's field can keep the time of a
// removal, or null. A column without a field can.
func (p *columns) HoldsRemovalTime(column string) bool {
	f := p.fieldOf(column)
	return f == nil || f.class == timed && f.typ != timeType || f.class == scanned && f.nullable
}

// HoldsFlag reports whether a column has a field that is a bool.
func (p *columns) HoldsFlag(column string) bool {
	f := p.fieldOf(column)
	if f == nil {
		return false
	}
	base := element(f.typ)
	return base.Kind() == reflect.Bool && !scansItself(base) || isNull(base) && base.Field(0).Type.Kind() == reflect.Bool
}

// fieldOf returns the field of a column, or nil.
func (p *columns) fieldOf(column string) *field {
	i := slices.IndexFunc(p.fields, func(f *field) bool { return f.column == column && column != "" })
	if i < 0 {
		return nil
	}
	return p.fields[i]
}
