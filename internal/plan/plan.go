// Package plan turns remote objects into rows of a Go type and back, by the
// tags of its fields: which attribute goes into which column, which fields are
// computed and which are read from the stored object, and what the fingerprint
// of an object is. The plan of a type is made once.
//
// Attributes are read by the rules of JSON v2, and exactly: names match exactly,
// a number does not become a string unless the field's tag says so, an integer that does
// not fit is an error. Whole numbers fit an integer in any spelling, such as 5.0. A
// number in an any, as in a map[string]any, becomes an encoding/json.Number, so
// that no digit is lost. A null leaves the field zero. Types that implement
// sql.Scanner and driver.Valuer are kept as they say, times in UTC cut to the
// microsecond, and structs, maps and slices as JSON.
package plan

import (
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/go-playground/validator/v10"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Options are the parts of a declaration that are not in the type.
type Options struct {
	// IDColumn is the column of the remote id, and Scope that of the scope, if any.
	IDColumn, Scope string
	// ID are the attributes that make the remote id, or just [Content], and IDOf makes it of
	// an object. One of them at most is given; without, the field of IDColumn names an
	// attribute.
	ID   []string
	IDOf func(o remote.Object) (string, error)
	// Map sets computed attributes of the row, a pointer to the model's type. Nil
	// uses the type's [mapper.RemoteMapper], where it is one.
	Map func(o remote.Object, row any) error
	// Volatile are the paths of values that no comparison looks at.
	Volatile []string
	// Zone is where times are that are spelled without a zone; nil refuses them.
	Zone *time.Location
	// Version is part of the fingerprints: rows of another one are mapped again. So is
	// Redacted, which tells what is taken out of objects before they are mapped.
	Version  int
	Redacted string
}

// Plan maps remote objects to rows of one type. It is safe for concurrent use
// after [Plan.Bind].
type Plan struct {
	columns
	identity
	decoder
	fingerprints
	typ      reflect.Type
	data     *field // keeps the whole object; or nil
	version  *field // tells which of two versions is later; or nil
	mapping  func(o remote.Object, row any) error
	validate *validator.Validate
}

// ShowsObjects reports whether a function of the service's is given the objects that are
// mapped, and ShowsID whether one is given each object to make its id.
func (p *Plan) ShowsObjects() bool { return p.mapping != nil }
func (p *Plan) ShowsID() bool      { return p.maker != nil && p.maker.of != nil }

// builder makes a plan from the tags of a type.
type builder struct {
	*Plan
	zone  *time.Location
	scope string
}

// New makes the plan of a struct type. Its errors name the field and what to
// change.
func New(typ reflect.Type, options Options) (*Plan, error) {
	switch {
	case typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct:
		return nil, fmt.Errorf("%s is not a struct: declare the model with %s itself", typ, typ.Elem())
	case typ.Kind() != reflect.Struct:
		return nil, fmt.Errorf("%s is not a struct: declare the model with a struct type", typ)
	}
	p := &Plan{typ: typ, mapping: options.Map, decoder: decoder{wanted: members{}}}
	b := builder{p, options.Zone, options.Scope}
	for _, step := range []func() error{
		func() error { return b.addFields(typ, nil, "") },
		func() error { return b.findID(options) },
		b.checkDelegated,
		b.chooseMapping,
		b.prepareValidation,
		b.checkRules,
		func() error { return b.setVolatile(options.Volatile) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if p.maker != nil {
		p.maker.volatile = p.volatile
	}
	p.seed = b.digest(options.Version, options.Redacted)
	return p, nil
}

// findID finds the field of the remote id.
func (p builder) findID(options Options) (err error) {
	if p.maker, err = newIDMaker(options.ID, options.IDOf); err != nil {
		return err
	}
	column := options.IDColumn
	p.id = p.fieldOf(column)
	switch {
	case p.id == nil && p.maker != nil:
		return fmt.Errorf("no field for the remote id: add SyncedID string `db:%q`", column)
	case p.id == nil:
		return fmt.Errorf("no field for the remote id: add SyncedID int64 `json:\"id\" db:%q`", column)
	case p.maker != nil && p.id.remote != "":
		return fmt.Errorf("field %s: attribute %q is the remote id, and ID or IDOf makes it as well: drop the json tag, or the option", p.id.name, p.id.remote)
	case p.maker != nil && (p.id.computed || p.id.parent):
		return fmt.Errorf("field %s: ID or IDOf makes the remote id: drop the synced tag", p.id.name)
	case p.maker.makesText() && (p.id.typ.Kind() != reflect.String || scansItself(p.id.typ)):
		return fmt.Errorf("field %s: a remote id that is made of attributes is a text: make the field a string", p.id.name)
	case p.maker != nil:
		p.id.computed = true
	case p.id.remote == "":
		return fmt.Errorf("field %s: column %q keeps the remote id, but no json tag says which attribute that is: add `json:\"id\"`, or set ID or IDOf", p.id.name, column)
	}
	switch t := p.id.typ; {
	case isInteger(t):
		p.idKind = backend.Int
		p.id.read = func(value jsontext.Value, at reflect.Value) error {
			return json.Unmarshal(value, at.Addr().Interface())
		} // 1.0 is no id
	case t.Kind() == reflect.String && !scansItself(t):
		p.idKind = backend.Text
	case isUUID(t):
		p.idKind = backend.UUID
	default:
		return fmt.Errorf("field %s: a %s can't be a remote id: use an integer, a string or a uuid.UUID", p.id.name, t)
	}
	return nil
}

// checkDelegated finds a delegated field where no object is stored to read it
// from.
func (p builder) checkDelegated() error {
	for _, f := range p.fields {
		if f.column == "" && f.translated == "" && f.remote != "" && p.data == nil {
			return fmt.Errorf("field %s: %q has no column, so it is read from the stored object, and there is none: add SyncedData synced.Data `db:\"synced_data\"`, or give the field a db tag", f.name, f.remote)
		}
	}
	return nil
}

// chooseMapping decides who sets the computed attributes.
func (p builder) chooseMapping() error {
	if reflect.PointerTo(p.typ).Implements(reflect.TypeFor[mapper.RemoteMapper]()) {
		if p.mapping != nil {
			return fmt.Errorf("both Map and the method MapRemote of %s set computed attributes: keep one", p.typ)
		}
		p.mapping = func(o remote.Object, row any) error { return row.(mapper.RemoteMapper).MapRemote(o) }
	}
	for _, f := range p.fields {
		if f.computed && f != p.id && p.mapping == nil {
			return fmt.Errorf("field %s is computed, but nothing computes it: set Map, or give the model's type a method MapRemote(remote.Object) error", f.name)
		}
	}
	return nil
}
