package plan

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Key is a value that no attribute fills: the scope of a row, or the local key of
// its parent. A nil Value is null.
type Key struct {
	Column string
	Value  any // int64 or string
}

// NewRow makes an empty row.
func (p *Plan) NewRow() backend.Row { return p.rowOf(reflect.New(p.typ)) }

// RowOf gives access to the columns of a row, a pointer to the model's type.
func (p *Plan) RowOf(row any) backend.Row { return p.rowOf(reflect.ValueOf(row)) }

func (p *Plan) rowOf(row reflect.Value) backend.Row { return new(Shelf).rowOf(p, row) }

// Map makes the row of an object: attributes, the whole object, keys, computed
// attributes. Then it validates the row. An error is a [mapper.FieldError] where
// one field is at fault.
func (p *Plan) Map(o remote.Object, keys ...Key) (backend.Row, error) {
	return p.MapOn(new(Shelf), o, keys...)
}

// MapOn is [Plan.Map], where the row is one of many.
func (p *Plan) MapOn(shelf *Shelf, o remote.Object, keys ...Key) (backend.Row, error) {
	if err := o.Err(); err != nil {
		return backend.Row{}, invalidObject(err)
	}
	m := mapping{p}
	row, used := shelf.take(p)
	clean, err := withoutNUL(o)
	if err != nil {
		return backend.Row{}, err
	}
	if err := p.decode(clean, row.Elem(), nil); err != nil {
		return backend.Row{}, err
	}
	if err := p.fillID(o, row.Elem()); err != nil {
		return backend.Row{}, err
	}
	m.keepObject(row.Elem(), o, clean)
	for _, key := range keys {
		if err := m.setKey(row.Elem(), key); err != nil {
			return backend.Row{}, err
		}
	}
	if p.mapping != nil {
		if err := p.mapping(clean, row.Interface()); err != nil {
			return backend.Row{}, fmt.Errorf("map: %w", err)
		}
	}
	m.settle(row.Elem())
	if err := m.check(row.Interface()); err != nil {
		return backend.Row{}, err
	}
	if err := m.checkVersion(row.Elem()); err != nil {
		return backend.Row{}, err
	}
	if err := m.keeps(row.Elem()); err != nil {
		return backend.Row{}, err
	}
	if err := m.form(row.Elem()); err != nil {
		return backend.Row{}, err
	}
	if used.Pointers != nil {
		return used, nil
	}
	return shelf.rowOf(p, row), nil
}

// Closed reports whether rows are mapped, and written, without anything of the service's, that
// could keep what it sees: by no function of its own, and no type that reads or writes itself.
func (p *Plan) Closed() bool {
	return p.mapping == nil && p.maker == nil && p.validate == nil && !slices.ContainsFunc(p.fields, func(f *field) bool {
		return f.computed || f.class != whole && f.remote != "" && !f.quick && f.coder == nil
	})
}

// mapping maps one object after the other to rows.
type mapping struct{ *Plan }

// keepObject keeps the whole object, if the type has a field for it. A column of
// type jsonb takes no NUL.
func (p mapping) keepObject(row reflect.Value, o, clean remote.Object) {
	switch {
	case p.data == nil:
	case p.data.dbType == "jsonb":
		row.FieldByIndex(p.data.index).SetBytes(clean.Raw())
	default:
		row.FieldByIndex(p.data.index).SetBytes(o.Raw())
	}
}

// keeps finds a value that its column can't keep.
func (p mapping) keeps(row reflect.Value) error {
	for _, f := range p.fields {
		if f.class == plain && f.typ.Kind() < reflect.Uint {
			continue // a column keeps each bool and integer
		}
		v := row.FieldByIndex(f.index)
		err := (keeper{f}).keeps(v)
		if f == p.id && err == nil {
			err = (keeper{f}).keepsID(v)
		}
		if err != nil {
			return &mapper.FieldError{Attribute: f.remote, Field: f.name, Err: err}
		}
	}
	return nil
}

// form brings the values of a row into the form in which their columns keep them,
// or finds one that its column refuses.
func (p mapping) form(row reflect.Value) error {
	for _, f := range p.fields {
		if f.notNull {
			(lister{f}).fillEmpty(row.FieldByIndex(f.index))
		}
		if f.form == nil {
			continue
		}
		if err := f.form(row.FieldByIndex(f.index)); err != nil {
			return &mapper.FieldError{Attribute: f.remote, Field: f.name, Err: err}
		}
	}
	return nil
}

// Delegate fills the delegated fields of a row from its stored object.
func (p *Plan) Delegate(rec backend.Row) error {
	if p.data == nil {
		return nil
	}
	row := reflect.ValueOf(rec.Value).Elem()
	stored := row.FieldByIndex(p.data.index).Bytes()
	if len(stored) == 0 || jsontext.Value(stored).Kind() == 'n' {
		return nil
	}
	err := (mapping{p}).decodeStored(stored, row)
	if _, ok := errors.AsType[*mapper.FieldError](err); err != nil && !ok {
		return fmt.Errorf("the stored object in column %q: %w", p.data.column, err)
	}
	(mapping{p}).settle(row)
	return err
}

// decodeStored reads the delegated fields from a stored object, which somebody
// else may have written.
func (p mapping) decodeStored(stored []byte, row reflect.Value) error {
	delegated := func(f *field) bool { return f.column+f.translated == "" }
	clean, _ := unescapeNUL(stored)
	if o, err := remote.ParseObject(clean); err == nil {
		return p.decode(o, row, delegated)
	}
	return p.decodeInvalid(clean, row, delegated)
}
