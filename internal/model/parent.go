package model

import (
	"context"
	"errors"
	"slices"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Parent is a model whose rows this one's point to, by a remote id in their
// objects.
type Parent struct {
	// Attribute is where the parent's remote id is.
	Attribute attribute.Path
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
func (p *Parent) Path() string { return p.Attribute.String() }

// ID reads the parent's remote id from an object. There is none where the
// attribute is missing or null.
func (p *Parent) ID(o remote.Object) (id backend.ID, ok bool, err error) {
	v, ok := p.Attribute.In(o)
	if !ok || v.Kind() == 'n' {
		return backend.ID{}, false, nil
	}
	id, err = p.Model.Plan.ParseID(v)
	if field, ok := errors.AsType[*mapper.FieldError](err); ok {
		err = &mapper.FieldError{Attribute: p.Path(), Err: field.Err}
	}
	return id, err == nil, err
}

// Dependent is a model whose rows point to those of another.
type Dependent struct {
	Child  *Model
	Parent *Parent
}

// nest is the column in which an association keeps the local keys of parents.
type nest struct{ column string }

// listed is the endpoint that a model of a table asks for its list.
type listed struct{ endpoint string }

// Lists makes the endpoint that the model asks for its list known to its store, and
// returns that of the model which had the table before, "" if there was none.
func (m *Model) Lists(endpoint string) (before string) {
	for _, l := range related[listed](m) {
		before = l.endpoint
	}
	m.DB.Relations().Add(m.Table.Name, backend.Relation{Table: m.Table.Name, Model: listed{endpoint}})
	return before
}

// Relate makes the model known to its store as a dependent of its parents, the
// associations that fill columns of its children, and the tables that tie its rows to
// children that they share.
func (m *Model) Relate() {
	for i := range m.Parents {
		p := &m.Parents[i]
		m.DB.Relations().Add(p.Model.Table.Name, backend.Relation{Table: m.Table.Name, Column: p.Column, Model: Dependent{m, p}})
	}
	for _, a := range m.Associations {
		if l := a.Link; l != nil {
			m.DB.Relations().Add(l.Child.Table, backend.Relation{Table: l.Name, Column: l.Child.Name, Model: l})
		} else {
			m.DB.Relations().Add(a.Child.Table.Name, backend.Relation{Table: m.Table.Name, Column: a.Child.Table.Name + "." + a.Column, Model: nest{a.Column}})
		}
	}
}

// Orphan returns a column for the local key of a parent that nothing fills: neither a
// parent of the model, nor an association of another model of the store. It is "" where
// there is none.
func (m *Model) Orphan() string {
	for _, c := range m.Table.Columns {
		if c.Parent && c.Name != m.Table.Scope && !slices.ContainsFunc(m.Parents, func(p Parent) bool { return p.Column == c.Name }) &&
			!slices.Contains(related[nest](m), nest{c.Name}) {
			return c.Name
		}
	}
	return ""
}

// Dependents returns the models of the store that point to this one.
func (m *Model) Dependents() []Dependent { return related[Dependent](m) }

// Links returns the tables of the store that tie rows of other models to this one's.
func (m *Model) Links() []*backend.Links { return related[*backend.Links](m) }

// related returns what is known of those that point to a model.
func related[T any](m *Model) []T {
	var list []T
	for _, r := range m.DB.Relations().To(m.Table.Name) {
		if of, ok := r.Model.(T); ok {
			list = append(list, of)
		}
	}
	return list
}
