package declare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
)

// Each is how a model is listed that has a list for each row of a parent.
type Each struct {
	Parent *Bound
	// Endpoint names columns of the parent in braces.
	Endpoint, Due string
	// Record is the address of one record, with %s in place of its id; or "".
	Record   string
	InFlight int
}

// defaultInFlight is how many parents are asked for at once.
const defaultInFlight = 4

// each binds how the model is listed; nil where that is by itself.
func (b *binding) each(table *backend.Table) (*model.Each, error) {
	e := b.Each
	if e == nil {
		return nil, nil
	}
	if err := b.checkEach(table, e); err != nil {
		return nil, fmt.Errorf("each parent: %w", err)
	}
	parent := asParent(e.Parent.Model)
	template, err := model.ParseTemplate(e.Endpoint, e.Record)
	if err != nil {
		return nil, fmt.Errorf("each parent: %w", err)
	}
	for _, name := range append(template.Columns[:len(template.Columns):len(template.Columns)], cmp.Or(e.Due, "synced_id")) {
		if _, column := rows.Column(parent, name); column == "" {
			return nil, fmt.Errorf("each parent: %s has no column %q: name one of its type's fields with a db tag, {synced_id}, or one of a parent above it as {%s.column}", parent.Table.Name, name, parent.Root().Table.Name)
		}
	}
	if strings.Contains(e.Due, ".") {
		return nil, fmt.Errorf("each parent: Due names %q: name a column of %s itself", e.Due, parent.Table.Name)
	}
	return &model.Each{Parent: parent, Endpoint: template, Due: e.Due, InFlight: cmp.Or(e.InFlight, defaultInFlight), API: e.Parent.whomToAsk}, nil
}

// checkEach finds mistakes that show without the database.
func checkEach(d *Declaration, _ *plan.Plan) error {
	switch e := d.Each; {
	case e == nil:
		return nil
	case e.Parent == nil:
		return errors.New("each parent: the parent model is nil: make it with synced.New first")
	case e.InFlight < 0:
		return fmt.Errorf("each parent: InFlight is %d: give 1 or more, or leave it out", e.InFlight)
	case d.Scope == "":
		return errors.New("each parent: the model has no Scope: name the column for the local key of the parent, such as \"repo_id\"")
	}
	return nil
}

// checkEach finds what keeps a model from being listed for each row of its parent.
func (b *binding) checkEach(table *backend.Table, e *Each) error {
	switch {
	case e.Parent.Model.DB != b.db:
		return fmt.Errorf("the parent %s is in another store: make both with the same one", e.Parent.Model.Table.Name)
	case keyColumn(e.Parent.Model.Table) < 0:
		return fmt.Errorf("rows of the parent %s have no local key for their children to point to: add ID int64 `db:\"id\"`", e.Parent.Model.Table.Name)
	}
	parent := e.Parent.Model.Table
	if kind := kindOfType(parent.Columns[keyColumn(parent)].Type); kind != table.ScopeKind {
		return fmt.Errorf("the Scope column %q keeps %s, but the key of %s is %s", b.Scope, kindName(table.ScopeKind), parent.Name, kindName(kind))
	}
	for _, p := range b.BelongsTo {
		if p.Model != nil && p.Model.declared.Scope != "" && p.Model.declared.Scope != b.Scope {
			return fmt.Errorf("belongs to %q: %s has scopes by %q, and a run of one parent has none of those: give it the Scope %q, or none", p.Attribute, p.Model.declared.Table, p.Model.declared.Scope, b.Scope)
		}
	}
	for _, a := range b.Associations {
		if a.Child != nil && a.Child.declared.Scope != "" && a.Child.declared.Scope != b.Scope && a.Child.declared.Scope != a.Column {
			return fmt.Errorf("association %q: %s has scopes by %q, and a run of one parent has none of those: give it the Scope %q, or none", a.Attribute, a.Child.declared.Table, a.Child.declared.Scope, b.Scope)
		}
	}
	return nil
}

// Root returns the scope of the topmost parents in the spelling in which it is kept.
func (b *Bound) Root(key any) (any, error) {
	top := b
	for top.declared.Each != nil {
		top = top.declared.Each.Parent
	}
	return top.Scope(key)
}

// ByParent reports whether the model is listed for each parent.
func (b *Bound) ByParent() bool { return b.declared.Each != nil }

// ParentOf returns the model for each of whose rows this one is listed; nil where it is
// listed by itself.
func (b *Bound) ParentOf() *Bound {
	if b.declared.Each == nil {
		return nil
	}
	return b.declared.Each.Parent
}

// SettleEach makes of the scope of the topmost parents, declaration and call what the run
// of each parent has in common.
func (b *Bound) SettleEach(ctx context.Context, root any, call Call) (engine.Call, error) {
	root, err := b.Root(root)
	if err != nil {
		return engine.Call{}, err
	}
	c, err := b.settled(root, call)
	if err == nil {
		err = b.checkOrphan()
	}
	if err != nil || c.Given {
		return c, err
	}
	return b.ask(ctx, c, root, call)
}

// ask settles whom to ask for what.
func (b *Bound) ask(ctx context.Context, c engine.Call, scope any, call Call) (engine.Call, error) {
	var err error
	if c.Request, err = b.request(scope, call); err == nil {
		c.API, err = b.api(ctx, scope, call)
	}
	if err == nil {
		err = b.checkWindow(c)
	}
	return c, err
}

// under settles what a call of one parent takes from those above it: its lock, and, where
// it asks the remote, whom to ask for what. A parent whose row is gone has a lock of its
// own.
func (b *Bound) under(ctx context.Context, c engine.Call, call Call, asks bool) (engine.Call, error) {
	p, root, err := rows.ListedBy(ctx, b.Model.DB, b.Model.Each, c.Scope)
	switch {
	case err != nil:
		return c, fmt.Errorf("read the parent: %w", err)
	case p == nil && asks:
		return c, fmt.Errorf("%s has no row with the key %v that is not canceled: give synced.InParent the local key of a parent", b.Model.Each.Parent.Table.Name, c.Scope)
	case p == nil:
		return c, nil
	}
	c.Lock = b.Model.Whole().Scope(root).Lock()
	if !asks {
		return c, nil
	}
	if c, err = b.ask(ctx, c, root, call); err != nil {
		return c, err
	}
	c.Parent, c.Root = p, root
	c.Request, err = b.Model.Each.Request(c.Request, p)
	return c, err
}
