package synced

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
)

// Association ties a model to one whose objects are nested in its own: the photos
// of a rental. The nested objects become rows of the child model, in the
// transaction of their parents, and are asked for by the parent's requests
// (Include).
//
// The child's type has a field for the local key of its parent, tagged
// synced:"parent". A child is known by its remote id, in its own scope: in the
// parent's where the child declares a Scope, and in the whole table where it does
// not. Listed by another parent, it moves there.
//
// Where removal is on in the parent's run, children that a listed parent does not
// list any more are removed, as the child declares, or else deleted; a parent
// that does not have the attribute at all says nothing about its children.
// Children of parents that are deleted are deleted before them.
type Association struct {
	attribute, column string
	one               bool
	child             *model.Model
	scope             ScopeColumn
}

// HasMany is an association with a list of objects in an attribute, "photos" or
// "links.photos". Column is the child's, for the parent's local key.
func HasMany[C any](child *Model[C], attribute, column string) Association {
	return associate(child, attribute, column, false)
}

// HasOne is an association with one object in an attribute, or null.
func HasOne[C any](child *Model[C], attribute, column string) Association {
	return associate(child, attribute, column, true)
}

func associate[C any](child *Model[C], attribute, column string, one bool) Association {
	a := Association{attribute: attribute, column: column, one: one}
	if child != nil {
		a.child, a.scope = child.engine, child.declared.Scope
	}
	return a
}

// associate binds the declared associations.
func (s *declared) associate(db backend.Store, table *backend.Table) ([]model.Association, error) {
	var list []model.Association
	for _, a := range s.Associations {
		bound, err := s.bindAssociation(db, table, a)
		if err != nil {
			return nil, fmt.Errorf("association %q: %w", a.attribute, err)
		}
		list = append(list, bound)
	}
	return list, nil
}

func (s *declared) bindAssociation(db backend.Store, table *backend.Table, a Association) (model.Association, error) {
	none := model.Association{}
	key := keyColumn(table)
	switch {
	case a.child == nil:
		return none, errors.New("the child model is nil: make it with synced.New first")
	case a.attribute == "":
		return none, errors.New("no attribute: name the one that holds the nested objects")
	case a.child.DB != db:
		return none, fmt.Errorf("the child %s is in another store: make both with the same one", a.child.Table.Name)
	case key < 0:
		return none, errors.New("rows have no local key for their children to point to: add ID int64 `db:\"id\"`")
	case a.scope != "" && (s.Scope == "" || a.child.Table.ScopeKind != table.ScopeKind):
		return none, fmt.Errorf("the child %s has scopes by %q, which its parent has not: give both the same kind of scope, or the child none", a.child.Table.Name, a.scope)
	}
	column := slices.IndexFunc(a.child.Table.Columns, func(c backend.Column) bool { return c.Name == a.column && c.Parent })
	if column < 0 {
		return none, fmt.Errorf("the child %s has no field for the parent's key in column %q: add one with `db:%q synced:\"parent\"`", a.child.Table.Name, a.column, a.column)
	}
	table.Key, table.KeyKind = table.Columns[key].Name, kindOfType(table.Columns[key].Type)
	if kind := kindOfType(a.child.Table.Columns[column].Type); (kind == backend.Int) != (table.KeyKind == backend.Int) {
		return none, fmt.Errorf("the child's column %q keeps %s, but the parent's key is %s", a.column, kindName(kind), kindName(table.KeyKind))
	}
	return model.Association{Attribute: strings.Split(a.attribute, "."), Column: a.column, One: a.one, Child: asChild(a, column, table.KeyKind)}, nil
}

// asChild is a child model as its parents' runs see it: they know the parent's
// key.
func asChild(a Association, column int, key backend.Kind) *model.Model {
	child, table := *a.child, *a.child.Table
	table.Columns = slices.Clone(table.Columns)
	table.Columns[column].Managed = true
	table.Parent, table.ParentKind = a.column, key
	child.Table = &table
	return &child
}

// kindOfType is the kind of key that a column type holds.
func kindOfType(t backend.Type) backend.Kind {
	switch t {
	case backend.TypeInt:
		return backend.Int
	case backend.TypeUUID:
		return backend.UUID
	default:
		return backend.Text
	}
}
