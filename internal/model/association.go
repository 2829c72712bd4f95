package model

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/scan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Association ties a model to one whose objects are nested in its own.
type Association struct {
	// Attribute is where the nested objects are.
	Attribute attribute.Path
	// Column is the child's column that keeps the parent's local key.
	Column string
	// One reports whether there is one object, or null, instead of a list.
	One   bool
	Child *Model
	// Ends tell whether a list is whole. Without any, each list is.
	Ends []ListEnd
	// Link is the table that ties the rows to those of the child, where parents share
	// their children; or else nil. There is no Column then.
	Link *backend.Links
}

// Nested are the objects that a parent has in an attribute.
type Nested struct {
	Objects []remote.Object
	// Known reports whether the parent has the attribute: without it, it says nothing
	// about its children.
	Known bool
	// Whole reports whether these are all, so that a child that is not among them is
	// no longer the parent's.
	Whole bool
}

// Name returns how errors and plans call the association.
func (a *Association) Name() string { return a.Child.Table.Name }

// Path returns the attribute as it is declared.
func (a *Association) Path() string { return a.Attribute.String() }

// Scope returns the scope of a child, in a run of its parent's scope.
func (a *Association) Scope(parents any) any {
	if a.Child.Table.Scope == "" {
		return nil
	}
	return parents
}

// Removal returns what happens to children, given what happens to their parents:
// what the child declares, or else they are canceled where the parents' removal cancels
// and the child's table can, and deleted elsewhere.
func (a *Association) Removal(parents Removal) Removal {
	switch {
	case !parents.On():
		return Removal{Kind: Keep}
	case a.Child.Removal.On():
		return a.Child.Removal
	case parents.MayCancel() && a.Child.Table.Canceled != "":
		return Removal{Kind: Cancel, Either: true, Column: a.Child.Table.Canceled}
	default:
		return Removal{Kind: Destroy, Either: parents.MayCancel()}
	}
}

// Objects returns the nested objects of a parent.
func (a *Association) Objects(parent remote.Object) (Nested, error) {
	v, ok := a.Attribute.In(parent)
	if !ok {
		return Nested{}, nil
	}
	n := Nested{Known: true}
	var err error
	switch {
	case v.Kind() == 'n':
	case a.One:
		var o remote.Object
		o, err = remote.ParseObject(v)
		n.Objects = []remote.Object{o}
	default:
		n.Objects, err = objectsIn(v, parent.Err() == nil)
	}
	if err != nil {
		return Nested{}, &mapper.FieldError{Attribute: a.Path(), Err: errors.New(a.want(v))}
	}
	n.Whole, err = a.whole(parent, len(n.Objects))
	return n, err
}

// objectsIn reads a list of objects. Those of an object that is checked are not checked once
// more: that was half of the time of a run that finds nothing new.
func objectsIn(list remote.Value, checked bool) (objects []remote.Object, err error) {
	whole := checked && scan.Items(list, func(item []byte) bool {
		objects = append(objects, remote.UncheckedObject(item))
		return item[0] == '{'
	})
	if !whole {
		objects = nil
		err = json.Unmarshal(list, &objects)
	}
	return objects, err
}

// whole reports whether nothing tells that a list has more than it holds.
func (a *Association) whole(parent remote.Object, holds int) (bool, error) {
	for _, end := range a.Ends {
		if whole, err := end.Whole(parent, holds); err != nil || !whole {
			return false, err
		}
	}
	return true, nil
}

// want tells what an attribute should hold, given what it does.
func (a *Association) want(v remote.Value) string {
	var ids []remote.Value
	switch {
	case a.One && v.Kind() == '[':
		return "it holds a list, where HasOne wants an object or null for the rows of " + a.Name() + ": declare HasMany"
	case a.One:
		return "it holds no object for the rows of " + a.Name() + ": name the attribute that has one, or null"
	case json.Unmarshal(v, &ids) == nil && !slices.ContainsFunc(ids, func(id remote.Value) bool { return id.Kind() != '0' && id.Kind() != '"' }):
		return "it holds ids, not objects: synchronize " + a.Name() + " from an endpoint of their own, and tie them to their parents with BelongsTo"
	case v.Kind() == '{':
		return "it holds an object, where a list is wanted for the rows of " + a.Name() + ": declare HasOne, or name the list in it"
	default:
		return "it holds no list of objects for the rows of " + a.Name() + ": name the attribute that has one"
	}
}

// CheckNested finds attributes that do not hold the nested objects that they
// should.
func (m *Model) CheckNested(o remote.Object) error {
	for i := range m.Associations {
		if _, err := m.Associations[i].Objects(o); err != nil {
			return err
		}
	}
	return nil
}
