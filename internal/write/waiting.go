package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// await keeps which rows wait for a parent.
func await(ctx context.Context, tx *commit.Tx, scope ledger.Scope, written []*page.Record) error {
	var list []ledger.Waiting
	for _, r := range written {
		for _, wait := range r.Waits {
			list = append(list, ledger.Waiting{Column: wait.Parent.Column, ID: r.ID.String(), Parent: wait.ID.String()})
		}
	}
	if err := ledger.Await(ctx, tx, scope, list); err != nil {
		return fmt.Errorf("note which rows wait for their parents: %w", err)
	}
	return nil
}

// MendOwn gives the rows of this model the keys of their parents that came
// meanwhile.
func (w *Writer) MendOwn(ctx context.Context, tx *commit.Tx) error {
	for i := range w.Model.Parents {
		p := &w.Model.Parents[i]
		if err := mend(ctx, tx, w.Model, w.Scope, p, nil); err != nil {
			return fmt.Errorf("fill %s of rows whose parents came: %w", p.Column, err)
		}
	}
	return nil
}

// mendDependents gives the rows of other models that waited for rows which this page
// created their keys.
func mendDependents(ctx context.Context, tx *commit.Tx, m *model.Model, of any, p *page.Page) error {
	dependents := m.Dependents()
	if len(dependents) == 0 {
		return nil
	}
	var created []backend.ID
	for _, r := range p.Records {
		if r.Outcome.Err == nil && r.Outcome.Change == backend.Created {
			created = append(created, r.ID)
		}
	}
	if len(created) == 0 {
		return nil
	}
	for _, d := range dependents {
		scope := of
		if d.Child.Table.Scope == "" {
			scope = nil
		} else if scope == nil {
			continue // the child has scopes, its parent none: the child's own runs do it
		}
		if err := mend(ctx, tx, d.Child, scope, d.Parent, created); err != nil {
			return fmt.Errorf("fill %s.%s of rows whose parents came: %w", d.Child.Table.Name, d.Parent.Column, err)
		}
	}
	return nil
}

// mend gives the rows of a scope that waited for a parent its key, once it is here:
// those of every parent, or of the given ones.
func mend(ctx context.Context, tx *commit.Tx, m *model.Model, scope any, p *model.Parent, arrived []backend.ID) error {
	children := map[backend.ID][]backend.ID{} // by parent
	var named []backend.ID
	err := ledger.EachWaiting(ctx, tx, m.Scope(scope), p.Column, arrived, func(w ledger.Waiting) error {
		id, err := m.Table.ParseID(w.ID)
		if err != nil {
			return err
		}
		of, err := p.Model.Table.ParseID(w.Parent)
		if err != nil {
			return err
		}
		if children[of] == nil {
			named = append(named, of)
		}
		children[of] = append(children[of], id)
		return nil
	})
	if err != nil || len(named) == 0 {
		return err
	}
	keys, err := rows.ParentKeys(ctx, tx, p, scope, named)
	if err != nil {
		return err
	}
	column := store.Quote(p.Column)
	var here []backend.ID
	for of, key := range keys {
		where := append(tx.Dialect().Rows(m.Table, scope, children[of]), squirrel.Expr(column+" IS NULL"))
		if _, err := tx.Exec(ctx, squirrel.Update(store.Quote(m.Table.Name)).Set(column, key.Value()).Where(where)); err != nil {
			return err
		}
		here = append(here, of)
	}
	return ledger.Arrived(ctx, tx, m.Scope(scope), p.Column, here)
}
