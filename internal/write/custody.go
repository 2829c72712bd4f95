package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// custody deals with children of an association. Its writer is theirs.
type custody struct {
	*Writer
	a *model.Association
}

// take removes children that their parents no longer have. Those that have a
// parent of another association as well, most often of another model, stay: they no
// longer point to this one. It returns those that the database keeps.
func (w custody) take(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) (stay []backend.ID, err error) {
	others := w.others()
	of := follower{model.Dependent{Child: w.Model, Parent: &model.Parent{Column: w.a.Column}}}
	if len(ids) == 0 || len(others) == 0 || of.column().NotNull || how.Kind == model.Custom {
		return w.remove(ctx, tx, ids, how)
	}
	t := w.Model.Table
	gone, had := make([]backend.ID, 0, len(ids)), squirrel.Or{}
	for _, column := range others {
		had = append(had, squirrel.Expr(store.Quote(column)+" IS NOT NULL"))
	}
	theirs := map[backend.ID]bool{}
	var list []pointed
	query := squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(tx.Dialect().Rows(t, w.Scope, ids)).Where(had).Suffix(tx.Dialect().Lock())
	found, err := rows.IDs(ctx, tx, query, t.IDKind)
	if err != nil {
		return nil, fmt.Errorf("find which have another parent: %w", err)
	}
	for _, id := range found {
		theirs[id], list = true, append(list, pointed{id: id})
	}
	for _, id := range ids {
		if !theirs[id] {
			gone = append(gone, id)
		}
	}
	if err := of.point(ctx, tx, w.Scope, list); err != nil {
		return nil, err
	}
	tx.After(func() { w.Counts.Updated += len(list) })
	return w.remove(ctx, tx, gone, how)
}

// move has the rows of children that can't be mapped point to the parents that list them,
// and leaves them as they are otherwise: their records exist, and where they were may go.
func (w custody) move(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	t, ids, to := w.Model.Table, []backend.ID(nil), map[backend.ID]backend.ID{}
	for _, r := range p.Records {
		if r.Outcome.Err != nil {
			ids = append(ids, r.ID)
			to[r.ID] = r.Parent
		}
	}
	if len(ids) == 0 || p.Retried || t.Within != 0 { // what a record listed before it went into quarantine may be another's by now
		return nil
	}
	of := follower{model.Dependent{Child: w.Model, Parent: &model.Parent{Column: w.a.Column}}}
	id, key := t.NewID(), backend.NewID(t.ParentKind)
	column := store.Quote(w.a.Column)
	query := squirrel.Select(t.Selected()[0], asText(column, t.ParentKind)).From(store.Quote(t.Name)).Where(tx.Dialect().Rows(t, w.Scope, ids)).
		Where(column + " IS NOT NULL").Suffix(tx.Dialect().Lock())
	var list []pointed
	err := store.Each(ctx, tx, query, func(r store.Rows) error {
		if err := r.Scan(id, key); err != nil {
			return err
		}
		if child := backend.IDOf(id); backend.IDOf(key) != to[child] {
			list = append(list, pointed{child, to[child]})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find which invalid ones moved: %w", err)
	}
	if err := of.point(ctx, tx, w.Scope, list); err != nil {
		return err
	}
	tx.After(func() { w.Counts.Updated += len(list) })
	return nil
}

// others lists the columns of other associations that keep a child's parent.
func (w custody) others() (columns []string) {
	named := map[string]bool{w.a.Column: true}
	for _, p := range w.Model.Parents {
		named[p.Column] = true
	}
	for _, c := range w.Model.Table.Columns {
		if c.Parent && !named[c.Name] {
			columns = append(columns, c.Name)
		}
	}
	return columns
}
