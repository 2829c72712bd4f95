package model

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Parent is a model whose rows this one's point to, by a remote id in their
// objects.
type Parent struct {
	// Attribute is where the parent's remote id is: a path of names.
	Attribute []string
	// Column is the one that keeps the parent's local key.
	Column  string
	Model   *Model
	Missing Missing
	// API returns whom to ask for a parent that has no row.
	API func(ctx context.Context, scope any) (remote.API, remote.Request, error)
}

// Missing is what to do about a parent that has no row.
type Missing int

// What to do about a parent that has no row.
const (
	LeaveNull Missing = iota
	Fetch
	FailRun
)

// Scope returns the parent's scope in a run of a scope.
func (p *Parent) Scope(scope any) any {
	if p.Model.Table.Scope == "" {
		return nil
	}
	return scope
}

// Path returns the attribute as it is declared.
func (p *Parent) Path() string { return strings.Join(p.Attribute, ".") }

// ID reads the parent's remote id from an object. There is none where the
// attribute is missing or null.
func (p *Parent) ID(o remote.Object) (id backend.ID, ok bool, err error) {
	v, ok := o.Lookup(p.Attribute...)
	if !ok || v.Kind() == 'n' {
		return backend.ID{}, false, nil
	}
	id, err = p.Model.Plan.ParseID(v)
	if field, ok := errors.AsType[*mapper.FieldError](err); ok {
		err = &mapper.FieldError{Attribute: p.Path(), Err: field.Err}
	}
	return id, err == nil, err
}

// Dependents are the models whose rows point to a model's. They register when they
// are made, while runs may read them. It is safe for concurrent use.
type Dependents struct {
	mu  sync.Mutex
	all []Dependent
}

// Dependent is a model that points to another.
type Dependent struct {
	Child  *Model
	Parent *Parent
}

// Add registers a model that points to this one. It replaces an older declaration
// of the same table and column, so that a declaration made again and again takes
// one place.
func (d *Dependents) Add(child *Model, parent *Parent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Dependent, 0, len(d.all)+1)
	for _, other := range d.all {
		if other.Child.Table.Name != child.Table.Name || other.Parent.Column != parent.Column {
			list = append(list, other)
		}
	}
	d.all = append(list, Dependent{child, parent})
}

// List returns the models that point to this one.
func (d *Dependents) List() []Dependent {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all
}
