package write

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Remove removes rows, some at a time, tells of them, and counts them.
func (w *Writer) Remove(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	return w.remove(ctx, tx, ids, w.Removal)
}

func (w *Writer) remove(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) error {
	r := remover{Writer: w, how: how}
	for some := range slices.Chunk(ids, rows.Batch) {
		if err := r.some(ctx, tx, some); err != nil {
			return err
		}
	}
	return nil
}

// remover removes rows of a writer's model in one way.
type remover struct {
	*Writer
	how model.Removal
}

func (r *remover) some(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	if err := r.families(ctx, tx, ids); err != nil {
		return err
	}
	going := leaving{}
	if r.Model.OnChange != nil || r.Model.Outbox || r.how.Kind == model.Custom {
		var err error
		if going, err = r.leaving(ctx, tx, ids); err != nil || len(going.values) == 0 {
			return err
		}
	}
	n, err := r.rows(ctx, tx, ids, going)
	if err != nil {
		return err
	}
	tx.After(func() { r.Counts.Removed += int(n) })
	return tx.Changed(ctx, r.Model, r.Scope, going.changes)
}

// leaving are rows that are about to be removed, for those who are told of them.
type leaving struct {
	values  []any
	changes []model.Change
}

// leaving reads the rows that are about to be removed, and locks them.
func (r *remover) leaving(ctx context.Context, tx *commit.Tx, ids []backend.ID) (leaving, error) {
	var l leaving
	var read []backend.Row
	err := rows.LoadLocked(ctx, tx, r.Model, r.Scope, ids, func(s rows.Stored) error {
		if r.how.Kind == model.Cancel && s.Canceled {
			return nil
		}
		l.values, read = append(l.values, s.Row.Value), append(read, s.Row)
		l.changes = append(l.changes, model.Change{Kind: report.Removed, ID: s.ID, Old: s.Row.Value})
		return nil
	})
	if err == nil {
		err = rows.Translate(ctx, tx, r.Model, read...)
	}
	return l, err
}

// rows removes rows as declared, and returns how many.
func (r *remover) rows(ctx context.Context, tx *commit.Tx, ids []backend.ID, going leaving) (int64, error) {
	t := r.Model.Table
	where := tx.Dialect().Rows(t, r.Scope, ids)
	switch r.how.Kind {
	case model.Custom:
		return int64(len(going.values)), r.how.Func(ctx, tx.Tx, going.values)
	case model.Cancel:
		column := store.Quote(r.how.Column)
		set := squirrel.Update(store.Quote(t.Name)).Set(column, backend.Moment(time.Now()))
		if t.Hash != "" {
			set = set.Set(store.Quote(t.Hash), nil) // a row that is listed again is looked at
		}
		return tx.Exec(ctx, set.Where(append(where, squirrel.Expr(column+" IS NULL"))))
	default:
		if err := removeTranslations(ctx, tx, t, where); err != nil {
			return 0, err
		}
		return tx.Exec(ctx, squirrel.Delete(store.Quote(t.Name)).Where(where))
	}
}

// families removes the children of rows that are about to be removed, so that no
// child is left without its parent, and unties those that they share. Parents that
// are canceled stay, and so do their children, unless those are canceled too.
func (r *remover) families(ctx context.Context, tx *commit.Tx, parents []backend.ID) error {
	links := r.Model.Links()
	if len(r.Model.Associations)+len(links) == 0 {
		return nil
	}
	keys, err := rows.Keys(ctx, tx, r.Model, r.Scope, parents)
	if err != nil {
		return err
	}
	for _, l := range links {
		if r.how.Kind == model.Destroy {
			if _, err := unlink(ctx, tx, l.Name, l.Child, keys); err != nil {
				return fmt.Errorf("%s: remove: %w", l.Name, err)
			}
		}
	}
	for i := range r.Model.Associations {
		a := &r.Model.Associations[i]
		child := r.Child(a)
		if a.Link != nil {
			if err := r.unlink(ctx, tx, a, keys); err != nil {
				return fmt.Errorf("%s: remove: %w", a.Link.Name, err)
			}
			continue
		}
		below := child.Removal
		switch {
		case r.how.Kind == model.Destroy:
			below = model.Removal{Kind: model.Destroy} // a canceled child would have no parent
		case below.Kind != r.how.Kind:
			continue
		}
		ids, err := rows.ChildrenOf(ctx, tx, a, child.Scope, below, keys)
		if err == nil {
			err = child.remove(ctx, tx, ids, below)
		}
		if err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
	}
	return nil
}

// unlink unties rows that are about to be deleted from the children that they share,
// which stay.
func (r *remover) unlink(ctx context.Context, tx *commit.Tx, a *model.Association, parents []backend.ID) error {
	if r.how.Kind != model.Destroy {
		return nil
	}
	n, err := unlink(ctx, tx, a.Link.Name, a.Link.Parent, parents)
	tx.After(func() { r.Child(a).linked.Removed += int(n) })
	return err
}
