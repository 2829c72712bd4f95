package declare

import (
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
)

// Association ties a model to a child whose objects are nested in its own.
type Association struct {
	Attribute, Column string
	// One reports whether the attribute holds one object instead of a list.
	One   bool
	Child *Bound
}

// associate binds the associations. It returns the table as they need it.
func (b *binding) associate(table *backend.Table) (*backend.Table, []model.Association, error) {
	if len(b.Associations) == 0 {
		return table, nil, nil
	}
	list := make([]model.Association, len(b.Associations))
	for i, a := range b.Associations {
		var err error
		if list[i], err = b.association(table, a); err != nil {
			return nil, nil, fmt.Errorf("association %q: %w", a.Attribute, err)
		}
	}
	with := keyed(*table)
	return &with, list, nil
}

func (b *binding) association(table *backend.Table, a Association) (model.Association, error) {
	none := model.Association{}
	if a.Child == nil {
		return none, errors.New("the child model is nil: make it with synced.New first")
	}
	child := a.Child.Model
	switch {
	case a.Attribute == "":
		return none, errors.New("no attribute: name the one that holds the nested objects")
	case child.DB != b.db:
		return none, fmt.Errorf("the child %s is in another store: make both with the same one", child.Table.Name)
	case keyColumn(table) < 0:
		return none, errors.New("rows have no local key for their children to point to: add ID int64 `db:\"id\"`")
	case child.Table.Scope != "" && (b.Scope == "" || child.Table.ScopeKind != table.ScopeKind):
		return none, fmt.Errorf("the child %s has scopes by %q, which its parent has not: give both the same kind of scope, or the child none", child.Table.Name, child.Table.Scope)
	}
	column := parentColumn(child.Table, a.Column)
	if column < 0 {
		return none, fmt.Errorf("the child %s has no field for the parent's key in column %q: add one with `db:%q synced:\"parent\"`", child.Table.Name, a.Column, a.Column)
	}
	key := kindOfType(table.Columns[keyColumn(table)].Type)
	if kind := kindOfType(child.Table.Columns[column].Type); (kind == backend.Int) != (key == backend.Int) {
		return none, fmt.Errorf("the child's column %q keeps %s, but the parent's key is %s", a.Column, kindName(kind), kindName(key))
	}
	return model.Association{Attribute: strings.Split(a.Attribute, "."), Column: a.Column, One: a.One, Child: asChild(child, column, key)}, nil
}

// asChild returns a model as its parents' runs see it: they know the parent's key.
func asChild(m *model.Model, column int, key backend.Kind) *model.Model {
	child, table := *m, managed(*m.Table, column)
	table.Parent, table.ParentKind = table.Columns[column].Name, key
	child.Table = &table
	return &child
}
