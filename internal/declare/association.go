package declare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
)

// Association ties a model to a child whose objects are nested in its own.
type Association struct {
	Attribute, Column string
	// One reports whether the attribute holds one object instead of a list.
	One   bool
	Child *Bound
	// Ends tell whether a list is whole.
	Ends []ListEnd
	// Shared reports whether several parents may have the same child. Link is the table
	// that ties them then, Column its column for the parent's key, and ChildColumn the
	// one for the child's.
	Shared            bool
	Link, ChildColumn string
}

// ListEnd is a synced.ListEnd: an attribute that tells whether a list is whole.
type ListEnd struct {
	Attribute      string
	Total, Omitted bool
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
		if err := apart(b.Associations[:i], a); err != nil {
			return nil, nil, fmt.Errorf("association %q: %w", a.Attribute, err)
		}
	}
	with := keyed(*table)
	return &with, list, nil
}

// apart reports an association whose rows another one would take for its own: each
// would remove what the other wrote.
func apart(others []Association, a Association) error {
	for _, other := range others {
		if !other.Shared && !a.Shared && other.Column == a.Column && other.Child.Model.Table.Name == a.Child.Model.Table.Name {
			return fmt.Errorf("association %q has its rows in table %q with the parent in column %q, too: give each a column or a table of its own", other.Attribute, a.Child.Model.Table.Name, a.Column)
		}
	}
	return nil
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
	case !a.Shared && child.Table.Scope == a.Column && a.Column != "":
		if err := checkWithin(child.Table, table); err != nil {
			return none, err
		}
	case !a.Shared && child.Plan.ByContent():
		return none, fmt.Errorf("the content of a record of %s is its id, and two parents may have equal ones: declare Scope: %q for it, so that each has its own", child.Table.Name, a.Column)
	case child.Table.Scope != "" && parentColumn(child.Table, child.Table.Scope) >= 0:
		return none, fmt.Errorf("the ids of the child %s are unique only among the rows of one parent, that in column %q: name that column, or give the child no such Scope", child.Table.Name, child.Table.Scope)
	case child.Table.Scope != "" && (b.Scope == "" || child.Table.ScopeKind != table.ScopeKind):
		return none, fmt.Errorf("the child %s has scopes by %q, which its parent has not: give both the same kind of scope, or the child none", child.Table.Name, child.Table.Scope)
	}
	path, err := attribute.Parse(a.Attribute)
	if err != nil {
		return none, err
	}
	ends, err := listEnds(a.Ends)
	if err != nil {
		return none, err
	}
	bound := model.Association{Attribute: path, One: a.One, Ends: ends}
	if a.Shared {
		if bound.Link, err = b.link(table, a); err != nil {
			return none, err
		}
		bound.Child = asParent(child)
		return bound, nil
	}
	column := parentColumn(child.Table, a.Column)
	if column < 0 {
		return none, fmt.Errorf("the child %s has no field for the parent's key in column %q: add one with `db:%q synced:\"parent\"`", child.Table.Name, a.Column, a.Column)
	}
	key := kindOfType(table.Columns[keyColumn(table)].Type)
	if kind := kindOfType(child.Table.Columns[column].Type); (kind == backend.Int) != (key == backend.Int) {
		return none, fmt.Errorf("the child's column %q keeps %s, but the parent's key is %s", a.Column, kindName(kind), kindName(key))
	}
	bound.Column, bound.Child = a.Column, asChild(child, column, key)
	if k := b.Remove.Kind; k == model.Cancel || k == model.CancelOrDestroy {
		bound.Child.Table.Canceled = cmp.Or(bound.Child.Table.Canceled, a.Child.childCanceled)
	}
	return bound, nil
}

// listEnds binds what tells whether a list is whole.
func listEnds(declared []ListEnd) ([]model.ListEnd, error) {
	ends := make([]model.ListEnd, len(declared))
	for i, e := range declared {
		if e.Attribute == "" {
			return nil, errors.New("a ListMore or ListTotal names no attribute: name the one that tells whether the list is whole")
		}
		path, err := attribute.Parse(e.Attribute)
		if err != nil {
			return nil, err
		}
		ends[i] = model.ListEnd{Attribute: path, Total: e.Total, Omitted: e.Omitted}
	}
	return ends, nil
}

// checkWithin finds what keeps ids that are unique only within their parent from telling
// rows apart.
func checkWithin(child, parent *backend.Table) error {
	for _, c := range child.Columns {
		if c.Parent && c.Name != child.Scope {
			return fmt.Errorf("the ids of the child %s are unique only within the parent in column %q, its Scope, so its rows can't point to another in column %q as well: leave one of them out", child.Name, child.Scope, c.Name)
		}
	}
	if kind := kindOfType(parent.Columns[keyColumn(parent)].Type); kind == backend.Text {
		return fmt.Errorf("the ids of the child %s are unique only within their parent, whose key is a text: give the parent an integer or a UUID as its key", child.Name)
	}
	return nil
}

// asChild returns a model as its parents' runs see it: they know the parent's key.
func asChild(m *model.Model, column int, key backend.Kind) *model.Model {
	child, table := *m, managed(*m.Table, column)
	table.Parent, table.ParentKind = table.Columns[column].Name, key
	table.Followed = slices.DeleteFunc(slices.Clone(table.Followed), func(name string) bool { return name == table.Parent })
	if table.Scope == table.Parent { // its rows are told apart by both
		table.Scope, table.Within, table.IDKind = "", table.IDKind, backend.Text
	}
	child.Table = &table
	return &child
}
