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
func (w *Writer) Remove(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) error {
	for some := range slices.Chunk(ids, rows.Batch) {
		if err := w.removeSome(ctx, tx, some, how); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) removeSome(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) error {
	if err := w.removeFamilies(ctx, tx, ids, how); err != nil {
		return err
	}
	going := leaving{}
	if w.Model.OnChange != nil || w.Model.Outbox || how.Kind == model.Custom {
		var err error
		if going, err = w.leaving(ctx, tx, ids, how); err != nil || len(going.values) == 0 {
			return err
		}
	}
	n, err := w.removeRows(ctx, tx, ids, how, going)
	if err != nil {
		return err
	}
	tx.After(func() { w.Counts.Removed += int(n) })
	return tx.Changed(ctx, w.Model, w.Scope, going.changes)
}

// leaving are rows that are about to be removed, for those who are told of them.
type leaving struct {
	values  []any
	changes []model.Change
}

// leaving reads the rows that are about to be removed, and locks them.
func (w *Writer) leaving(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) (leaving, error) {
	var l leaving
	var read []backend.Row
	err := rows.LoadLocked(ctx, tx, w.Model, w.Scope, ids, func(s rows.Stored) error {
		if how.Kind == model.Cancel && s.Canceled {
			return nil
		}
		l.values, read = append(l.values, s.Row.Value), append(read, s.Row)
		l.changes = append(l.changes, model.Change{Kind: report.Removed, ID: s.ID, Old: s.Row.Value})
		return nil
	})
	if err == nil {
		err = rows.Translate(ctx, tx, w.Model, read...)
	}
	return l, err
}

// removeRows removes rows as declared, and returns how many.
func (w *Writer) removeRows(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal, going leaving) (int64, error) {
	t := w.Model.Table
	where := tx.Dialect().Rows(t, w.Scope, ids)
	switch how.Kind {
	case model.Custom:
		return int64(len(going.values)), how.Func(ctx, tx.Tx, going.values)
	case model.Cancel:
		set := squirrel.Update(store.Quote(t.Name)).Set(store.Quote(how.Column), backend.Moment(time.Now()))
		if t.Hash != "" {
			set = set.Set(store.Quote(t.Hash), nil) // a row that is listed again is looked at
		}
		return tx.Exec(ctx, set.Where(append(where, squirrel.Expr(store.Quote(how.Column)+" IS NULL"))))
	default:
		if err := w.removeTranslations(ctx, tx, where); err != nil {
			return 0, err
		}
		return tx.Exec(ctx, squirrel.Delete(store.Quote(t.Name)).Where(where))
	}
}

// removeFamilies removes the children of rows that are about to be removed, so that
// no child is left without its parent. Parents that are canceled stay, and so do
// their children, unless those are canceled too.
func (w *Writer) removeFamilies(ctx context.Context, tx *commit.Tx, parents []backend.ID, how model.Removal) error {
	if len(w.Model.Associations) == 0 {
		return nil
	}
	keys, err := rows.Keys(ctx, tx, w.Model, w.Scope, parents)
	if err != nil {
		return err
	}
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child := w.Child(a)
		below := child.Removal
		switch {
		case how.Kind == model.Destroy:
			below = model.Removal{Kind: model.Destroy} // a canceled child would have no parent
		case below.Kind != how.Kind:
			continue
		}
		ids, err := rows.ChildrenOf(ctx, tx, a, child.Scope, below, keys)
		if err == nil {
			err = child.Remove(ctx, tx, ids, below)
		}
		if err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
	}
	return nil
}
