package declare

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
)

// Parent ties rows to those of another model, by a remote id in their objects.
type Parent struct {
	Attribute, Column string
	Missing           model.Missing
	Model             *Bound
}

// parents binds the parents. It returns the table with their columns managed.
func (b *binding) parents(table *backend.Table) (*backend.Table, []model.Parent, error) {
	list := make([]model.Parent, len(b.BelongsTo))
	with := *table
	for i, p := range b.BelongsTo {
		if err := b.checkParent(table, p); err != nil {
			return nil, nil, fmt.Errorf("belongs to %q: %w", p.Attribute, err)
		}
		if c, _ := b.found.Column(p.Column); c.NotNull && p.Missing != model.FailRun {
			return nil, nil, fmt.Errorf("belongs to %q: column %q is NOT NULL, and is null while the parent is missing: allow null, or use synced.MissingFail", p.Attribute, p.Column)
		}
		with = managed(with, parentColumn(table, p.Column))
		with.Followed = append(slices.Clip(with.Followed), p.Column)
		path, err := attribute.Parse(p.Attribute)
		if err != nil {
			return nil, nil, fmt.Errorf("belongs to %q: %w", p.Attribute, err)
		}
		list[i] = model.Parent{Attribute: path, Column: p.Column, Missing: p.Missing, Model: asParent(p.Model.Model), API: p.Model.whomToAsk}
	}
	return &with, list, nil
}

// asParent returns a model as its children's runs see it: they ask for local keys.
func asParent(m *model.Model) *model.Model {
	parent, table := *m, keyed(*m.Table)
	parent.Table = &table
	return &parent
}

// whomToAsk returns the API of a scope, and what to ask it for.
func (b *Bound) whomToAsk(ctx context.Context, scope any) (remote.API, remote.Request, error) {
	request, err := b.request(scope, Call{})
	if err != nil {
		return nil, request, err
	}
	api, err := b.api(ctx, scope, Call{})
	return api, request, err
}

func (b *binding) checkParent(table *backend.Table, p Parent) error {
	if p.Model == nil {
		return errors.New("the parent model is nil: make it with synced.New first")
	}
	parent := p.Model.Model
	switch {
	case p.Attribute == "":
		return errors.New("no attribute: name the one that holds the parent's remote id")
	case p.Missing < model.LeaveNull || p.Missing > model.FailRun:
		return fmt.Errorf("what to do about missing parents is %d: use synced.MissingNull, MissingFetch or MissingFail", p.Missing)
	case parent.DB != b.db:
		return fmt.Errorf("the parent %s is in another store: make both with the same one", parent.Table.Name)
	case parent.Plan.ByContent():
		return fmt.Errorf("the content of a record of %s is its id, so no attribute can name one: make it Linked or HasMany the other way, or give %s an id", parent.Table.Name, parent.Table.Name)
	case keyColumn(parent.Table) < 0:
		return fmt.Errorf("rows of the parent %s have no local key to point to: add ID int64 `db:\"id\"`", parent.Table.Name)
	case parent.Table.Scope != "" && parentColumn(parent.Table, parent.Table.Scope) >= 0:
		return fmt.Errorf("the ids of the parent %s are unique only among the rows of one parent of its own, that in column %q: they do not tell which is meant", parent.Table.Name, parent.Table.Scope)
	case parent.Table.Scope != "" && (b.Scope == "" || parent.Table.ScopeKind != table.ScopeKind):
		return fmt.Errorf("the rows of the parent %s belong to scopes by %q, and those of the child do not: give both the same kind of scope, or the parent none", parent.Table.Name, parent.Table.Scope)
	}
	return checkParentColumn(table, p)
}

// checkParentColumn finds columns that can't keep the parent's local key.
func checkParentColumn(table *backend.Table, p Parent) error {
	column := parentColumn(table, p.Column)
	if column < 0 {
		return fmt.Errorf("no field for the parent's key in column %q: add one with `db:%q synced:\"parent\"`", p.Column, p.Column)
	}
	parent := p.Model.Model.Table
	kind, key := kindOfType(table.Columns[column].Type), kindOfType(parent.Columns[keyColumn(parent)].Type)
	switch {
	case (kind == backend.Int) != (key == backend.Int):
		return fmt.Errorf("column %q keeps %s, but the parent's key is %s", p.Column, kindName(kind), kindName(key))
	case table.Columns[column].NotNull && p.Missing != model.FailRun:
		return fmt.Errorf("the field of column %q can't be null, as it is while the parent is missing: make it a pointer, or use synced.MissingFail", p.Column)
	}
	return nil
}
