package mapper

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// ID reads the remote id of an object.
func (p *Plan) ID(o remote.Object) (store.ID, error) {
	v, ok := o.Lookup(p.id.remote)
	if !ok {
		return store.ID{}, &FieldError{Attribute: p.id.remote, Err: errors.New("the record has no such attribute, and it is the remote id")}
	}
	return p.ParseID(v)
}

// ParseID reads a remote id, as it stands in an object or in a list of deleted
// ids.
func (p *Plan) ParseID(v remote.Value) (store.ID, error) {
	fail := func(want string) (store.ID, error) {
		return store.ID{}, &FieldError{Attribute: p.id.remote, Err: fmt.Errorf("the remote id is %s, but field %s wants %s", shorten(string(v)), p.id.name, want)}
	}
	if p.idKind == store.Int {
		var n int64
		if v.Kind() != '0' || json.Unmarshal(v, &n) != nil {
			return fail("a 64-bit integer")
		}
		return store.IntID(n), nil
	}
	var text string
	if v.Kind() != '"' || json.Unmarshal(v, &text) != nil || text == "" {
		return fail("a string that is not empty")
	}
	if strings.Contains(text, "\x00") {
		return fail("a string without NUL characters")
	}
	if p.idKind == store.UUID {
		id, err := uuid.Parse(text)
		if err != nil {
			return fail("a UUID")
		}
		text = id.String()
	}
	return store.TextID(text), nil
}

// Record maps an object to a row: attributes, computed attributes, the whole
// object; then it validates the row. Its errors are a [FieldError] where a field
// is at fault.
func (p *Plan) Record(o remote.Object, scopeColumn string, scope any) (store.Record, error) {
	row := reflect.New(p.typ)
	clean := withoutNUL(o)
	if err := p.decode(clean.Raw(), row.Elem(), func(*field) bool { return true }); err != nil {
		return store.Record{}, err
	}
	if p.data != nil {
		kept := o.Raw()
		if p.data.dbType == "jsonb" {
			kept = clean.Raw()
		}
		row.Elem().FieldByIndex(p.data.index).SetBytes(kept)
	}
	p.setScope(row.Elem(), scopeColumn, scope)
	if p.mapping != nil {
		if err := p.mapping(clean, row.Interface()); err != nil {
			return store.Record{}, fmt.Errorf("map: %w", err)
		}
	}
	p.settle(row.Elem())
	if err := p.check(row.Interface()); err != nil {
		return store.Record{}, err
	}
	return p.record(row), nil
}

// Delegate fills the delegated fields of a row from its stored object.
func (p *Plan) Delegate(rec store.Record) error {
	if p.data == nil {
		return nil
	}
	row := reflect.ValueOf(rec.Value).Elem()
	stored := row.FieldByIndex(p.data.index).Bytes()
	if len(stored) == 0 {
		return nil
	}
	return p.decode(stored, row, func(f *field) bool { return f.column == "" })
}

// decode reads the members of an object into the fields that want them. Each
// field is decoded on its own, so that an error knows its field.
func (p *Plan) decode(object []byte, row reflect.Value, want func(*field) bool) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		f := p.byRemote[name.String()]
		if f == nil || !want(f) {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f.decode(value, row.FieldByIndex(f.index)); err != nil {
			return err
		}
	}
	return nil
}

// decode reads one attribute.
func (f *field) decode(value jsontext.Value, v reflect.Value) error {
	if err := json.Unmarshal(value, v.Addr().Interface()); err != nil {
		return &FieldError{Attribute: f.remote, Field: f.name, Err: f.explain(value, err)}
	}
	return nil
}

// settle gives values the form in which they come back from a database.
func (p *Plan) settle(row reflect.Value) {
	for _, f := range p.fields {
		v := row.FieldByIndex(f.index)
		switch {
		case f.class == timed && f.typ == timeType:
			v.Set(reflect.ValueOf(cut(v.Interface().(time.Time))))
		case f.class == timed && !v.IsNil():
			at := cut(v.Elem().Interface().(time.Time))
			v.Set(reflect.ValueOf(&at))
		case f == p.id && p.idKind == store.UUID && v.Kind() == reflect.String:
			if id, err := uuid.Parse(v.String()); err == nil {
				v.SetString(id.String())
			}
		}
	}
}

// setScope fills the field of the scope's column, where there is one.
func (p *Plan) setScope(row reflect.Value, column string, scope any) {
	if scope == nil {
		return
	}
	for _, f := range p.fields {
		if f.column != column {
			continue
		}
		v := row.FieldByIndex(f.index)
		if s, ok := v.Addr().Interface().(interface{ Scan(any) error }); ok {
			_ = s.Scan(scope) // New has checked that the kinds fit
			continue
		}
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		v.Set(reflect.ValueOf(scope).Convert(v.Type()))
	}
}

// withoutNUL writes U+2400, the picture of a NUL, for each NUL in the object's
// strings: PostgreSQL keeps none in its text. The object itself is kept as
// received.
func withoutNUL(o remote.Object) remote.Object {
	raw := o.Raw()
	if !bytes.Contains(raw, []byte(`\u0000`)) {
		return o
	}
	clean := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			clean = append(clean, raw[i])
			continue
		}
		if bytes.HasPrefix(raw[i:], []byte(`\u0000`)) {
			clean = append(clean, `\u2400`...)
			i += 5
			continue
		}
		clean = append(clean, raw[i], raw[i+1])
		i++
	}
	object, err := remote.ParseObject(clean)
	if err != nil {
		return o // two member names that differ by a NUL alone: the database's error says the rest
	}
	return object
}
