package write

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// await keeps which of the written rows wait for a parent, and forgets for which they no
// longer do.
func await(ctx context.Context, tx *commit.Tx, m *model.Model, scope ledger.Scope, written []*page.Record) error {
	if len(m.Table.Followed) == 0 || len(written) == 0 {
		return nil
	}
	if err := awaiting(ctx, tx, m, scope, written); err != nil {
		return fmt.Errorf("note which rows wait for their parents: %w", err)
	}
	return nil
}

// wait is a column of a row, by the row's remote id.
type wait struct{ column, id string }

func awaiting(ctx context.Context, tx *commit.Tx, m *model.Model, scope ledger.Scope, written []*page.Record) error {
	ids, known := make([]backend.ID, len(written)), map[wait]string{}
	for i, r := range written {
		ids[i] = r.ID
	}
	err := ledger.EachWaitingRow(ctx, tx, scope, ids, func(w ledger.Waiting) error {
		known[wait{w.Column, w.ID}] = w.Parent
		return nil
	})
	if err != nil {
		return err
	}
	var list []ledger.Waiting
	over := map[string][]backend.ID{} // by column
	for _, r := range written {
		for _, column := range m.Table.Followed {
			at := wait{column, r.ID.String()}
			parent, waited := known[at]
			switch of := r.WaitsIn(column); {
			case of == nil && waited:
				over[column] = append(over[column], r.ID)
			case of != nil && (!waited || parent != of.ID.String()):
				list = append(list, ledger.Waiting{Column: column, ID: at.id, Parent: of.ID.String()})
			}
		}
	}
	for column, ids := range over {
		if err := ledger.DropWaiting(ctx, tx, scope, column, ids); err != nil {
			return err
		}
	}
	return ledger.Await(ctx, tx, scope, list)
}

// forgetGone forgets which parents rows of a model wait for that are no longer there.
func forgetGone(ctx context.Context, tx *commit.Tx, m *model.Model, scope any, ids []backend.ID) error {
	t := m.Table
	gone := map[backend.ID]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	query := squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(tx.Dialect().Rows(t, scope, ids))
	here, err := rows.IDs(ctx, tx, query, t.IDKind)
	for _, id := range here {
		delete(gone, id)
	}
	if err != nil || len(gone) == 0 {
		return err
	}
	return ledger.DropWaiting(ctx, tx, m.Scope(scope), "", slices.Collect(maps.Keys(gone)))
}

// MendOwn gives the rows of this model the keys of their parents that came
// meanwhile.
func (w *Writer) MendOwn(ctx context.Context, tx *commit.Tx) error {
	for i := range w.Model.Parents {
		f := follower{model.Dependent{Child: w.Model, Parent: &w.Model.Parents[i]}}
		if err := f.arrive(ctx, tx, w.Model.Scope(w.Scope), nil); err != nil {
			return err
		}
	}
	return nil
}

// mendDependents gives the rows of other models that waited for rows which this page
// created their keys.
func mendDependents(ctx context.Context, tx *commit.Tx, m *model.Model, of any, p *page.Page) error {
	followers := followersOf(m)
	if len(followers) == 0 {
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
	for _, f := range followers {
		if err := f.arrive(ctx, tx, f.scope(of), created); err != nil {
			return err
		}
	}
	return nil
}
