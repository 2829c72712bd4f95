package plan

import (
	"database/sql"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// ScopeKind returns the kind of key that a column's field holds; 0 if the type has
// no field for the column.
func (p *columns) ScopeKind(column string) (backend.Kind, error) {
	f := p.fieldOf(column)
	if f == nil {
		return 0, nil
	}
	t := element(f.typ)
	if isNull(t) {
		t = t.Field(0).Type
	}
	switch {
	case isInteger(t) && t != durationType:
		return backend.Int, nil
	case t.Kind() == reflect.String:
		return backend.Text, nil
	case isUUID(t), t == reflect.TypeFor[uuid.NullUUID]():
		return backend.UUID, nil
	}
	return 0, fmt.Errorf("field %s: a %s can't keep a scope: use an integer, a string or a uuid.UUID", f.name, f.typ)
}

// setKey fills the field of a key's column, if there is one.
func (p mapping) setKey(row reflect.Value, key Key) error {
	f := p.fieldOf(key.Column)
	if key.Value == nil || f == nil {
		return nil
	}
	v := row.FieldByIndex(f.index)
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if setKey(v, key.Value) {
		return nil
	}
	return &mapper.FieldError{Field: f.name, Err: fmt.Errorf("the key %v does not fit field %s of type %s", key.Value, f.name, f.typ)}
}

// setKey sets a value to a key, an int64 or a string, and reports whether the value
// can hold it.
func setKey(v reflect.Value, key any) bool {
	if s, ok := v.Addr().Interface().(sql.Scanner); ok {
		return s.Scan(key) == nil
	}
	switch k := key.(type) {
	case int64:
		switch {
		case v.CanInt() && !v.OverflowInt(k):
			v.SetInt(k)
			return true
		case v.CanUint() && k >= 0 && !v.OverflowUint(uint64(k)):
			v.SetUint(uint64(k))
			return true
		}
	case string:
		if v.Kind() == reflect.String {
			v.SetString(k)
			return true
		}
	}
	return false
}
