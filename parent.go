package synced

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
)

// Parent ties rows to those of another model, by a remote id in their objects:
// "links.rental" of a photo. The column keeps the local key of the parent; its
// field is tagged synced:"parent".
type Parent struct {
	attribute, column string
	missing           Missing
	model             *model.Model
	scope             ScopeColumn
	api               func(ctx context.Context, scope any) (remote.API, remote.Request, error)
}

// Missing says what to do about a parent that has no row yet.
type Missing int

const (
	// LeaveNull leaves the column null, and fills it when the parent arrives: in
	// the parent's run, in the transaction that creates it, where both models are
	// declared in one process, or else in the child's next run. That is no change
	// that OnChange is told.
	LeaveNull = Missing(model.LeaveNull)
	// Fetch asks the parent's API for the parent, once a run, before the page is
	// written, and keeps it in a transaction of its own, which stays whatever
	// becomes of the run. The API is a remote.Getter. A parent that it does not have leaves
	// the column null.
	Fetch = Missing(model.Fetch)
	// FailRun ends the run with an error that names the record.
	FailRun = Missing(model.FailRun)
)

// BelongsTo ties rows to a parent whose remote id is in an attribute, a name or a
// path of names.
func BelongsTo[P any](parent *Model[P], attribute, column string, missing Missing) Parent {
	p := Parent{attribute: attribute, column: column, missing: missing}
	if parent == nil {
		return p
	}
	p.model, p.scope = parent.engine, parent.declared.Scope
	p.api = func(ctx context.Context, scope any) (remote.API, remote.Request, error) {
		request, err := parent.request(Scope{value: scope}, Call{})
		if err != nil {
			return nil, request, err
		}
		api, err := parent.api(ctx, Scope{value: scope}, Call{})
		return api, request, err
	}
	return p
}

// parents binds the declared parents, whose columns become managed.
func (s *declared) parents(db backend.Store, table *backend.Table) ([]model.Parent, error) {
	var list []model.Parent
	for _, p := range s.BelongsTo {
		if err := s.checkParent(db, table, p); err != nil {
			return nil, fmt.Errorf("belongs to %q: %w", p.attribute, err)
		}
		column := slices.IndexFunc(table.Columns, func(c backend.Column) bool { return c.Name == p.column })
		table.Columns[column].Managed = true
		parent := *p.model
		parent.Table = keyed(p.model.Table)
		list = append(list, model.Parent{Attribute: strings.Split(p.attribute, "."), Column: p.column, Model: &parent, Missing: model.Missing(p.missing), API: p.api})
	}
	return list, nil
}

func (s *declared) checkParent(db backend.Store, table *backend.Table, p Parent) error {
	switch {
	case p.model == nil:
		return errors.New("the parent model is nil: make it with synced.New first")
	case p.attribute == "":
		return errors.New("no attribute: name the one that holds the parent's remote id")
	case p.missing < LeaveNull || p.missing > FailRun:
		return fmt.Errorf("what to do about missing parents is %d: use LeaveNull, Fetch or FailRun", p.missing)
	case p.model.DB != db:
		return fmt.Errorf("the parent %s is in another store: make both with the same one", p.model.Table.Name)
	case keyColumn(p.model.Table) < 0:
		return fmt.Errorf("rows of the parent %s have no local key to point to: add ID int64 `db:\"id\"`", p.model.Table.Name)
	case p.scope != "" && (s.Scope == "" || p.model.Table.ScopeKind != table.ScopeKind):
		return fmt.Errorf("the parent %s has scopes by %q, which its child has not: give both the same kind of scope, or the parent none", p.model.Table.Name, p.scope)
	}
	column := slices.IndexFunc(table.Columns, func(c backend.Column) bool { return c.Name == p.column && c.Parent })
	if column < 0 {
		return fmt.Errorf("no field for the parent's key in column %q: add one with `db:%q synced:\"parent\"`", p.column, p.column)
	}
	if kind, key := kindOfType(table.Columns[column].Type), kindOfType(p.model.Table.Columns[keyColumn(p.model.Table)].Type); (kind == backend.Int) != (key == backend.Int) {
		return fmt.Errorf("column %q keeps %s, but the parent's key is %s", p.column, kindName(kind), kindName(key))
	}
	if table.Columns[column].NotNull && p.missing != FailRun {
		return fmt.Errorf("the field of column %q can't be null, as it is while the parent is missing: make it a pointer, or use synced.FailRun", p.column)
	}
	return nil
}

// keyColumn finds the local key among the columns; negative when there is none.
func keyColumn(t *backend.Table) int {
	return slices.IndexFunc(t.Columns, func(c backend.Column) bool { return c.Key })
}

// keyed is a table whose outcomes tell the local key.
func keyed(t *backend.Table) *backend.Table {
	copied := *t
	key := t.Columns[keyColumn(t)]
	copied.Key, copied.KeyKind = key.Name, kindOfType(key.Type)
	return &copied
}
