package declare

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/redact"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/store"
)

// planned is a filled declaration that was checked by itself, with the plan from
// T to columns and the table as it should be. It has asked no database.
type planned struct {
	Declaration
	plan  *plan.Plan
	table backend.Table
	// redactor takes out of objects what is not to be kept, nil where that is nothing.
	redactor *redact.Redactor
}

// planned fills in the defaults and checks a declaration by itself.
func (d Declaration) planned(db backend.Store) (*planned, error) {
	p := &planned{Declaration: d.filled()}
	if !names(d.Table) {
		return nil, errors.New("the declaration has no Table: name the table")
	}
	var err error
	if p.redactor, err = d.redactor(); err != nil {
		return nil, err
	}
	p.plan, err = plan.New(d.Row, plan.Options{IDColumn: p.IDColumn, ID: p.ID, IDOf: p.IDOf, Scope: p.Scope, Version: d.MapVersion, Redacted: p.redactor.Digest(), Volatile: d.Volatile, Zone: d.Zone, Map: d.Map})
	if err != nil {
		return nil, err
	}
	if err := p.check(p.plan); err != nil {
		return nil, err
	}
	if err := p.checkRedact(); err != nil {
		return nil, err
	}
	if err := p.planTable(); err != nil {
		return nil, err
	}
	if err := checkNames(&p.table); err != nil {
		return nil, err
	}
	return p, p.checkSchemas(db.Dialect())
}

// planTable makes the table as Schema shows it.
func (p *planned) planTable() error {
	p.table = backend.Table{
		Name: p.Table, ID: p.IDColumn, IDKind: p.plan.IDKind(), Scope: p.Scope, ScopeKind: backend.Int, Hash: hashColumn,
		Data: p.plan.DataColumn(), Version: p.Version, New: p.plan.NewRow,
	}
	kind, err := p.plan.ScopeKind(p.Scope)
	if err != nil {
		return err
	}
	if kind != 0 {
		p.table.ScopeKind = kind
	}
	if _, _, ok := p.plan.Field(autoColumn); p.Remove.Rests() || p.Remove.Kind == model.CancelOrDestroy && ok {
		p.table.Canceled = p.Remove.Column
		p.plan.Manage(p.table.Canceled)
	}
	p.table.Flag = p.table.Canceled != "" && p.plan.HoldsFlag(p.table.Canceled)
	p.table.Touch.Name, p.table.Created.Name = p.Touch, p.Created
	p.table.Stamp = stamp.Column(p.Timestamps)
	p.table.Columns = p.plan.Columns()
	if err := p.planTranslations(); err != nil {
		return err
	}
	return p.planLinks()
}

// Schema returns parts of the DDL that fits the declaration on a database.
func (d Declaration) Schema(db store.Store, parts backend.Part) (string, error) {
	b, p, err := d.plannedFor(db)
	if err != nil {
		return "", err
	}
	return b.Dialect().Schema(&p.table, parts), nil
}

// CreateTable runs the declaration's Schema.
func (d Declaration) CreateTable(ctx context.Context, db store.Store) error {
	b, p, err := d.plannedFor(db)
	if err != nil {
		return err
	}
	found, err := b.Describe(ctx, p.Table)
	if err != nil {
		return d.fail(fmt.Errorf("read the columns of the table: %w", err))
	}
	p.table.Served = served(&p.table, found)
	indexed(&p.table, found)
	if err := b.Create(ctx, b.Dialect().Schema(&p.table, backend.AllParts)); err != nil {
		return d.fail(fmt.Errorf("create the table: %w", err))
	}
	return nil
}

func (d Declaration) plannedFor(db store.Store) (backend.Store, *planned, error) {
	b, err := backend.Of(db)
	if err != nil {
		return nil, nil, d.fail(err)
	}
	p, err := d.planned(b)
	if err != nil {
		return nil, nil, d.fail(err)
	}
	return b, p, nil
}
