package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// RemoveOrphans removes the children whose parents have no row and that no parent
// lists, at the end of a run. Listed reports whether the run has seen all parents.
func (w *Writer) RemoveOrphans(ctx context.Context, tx *commit.Tx, listed bool) error {
	if !w.Removal.On() || w.Removal.Kind == model.Custom { // a function of the service's decides what becomes of children
		return nil
	}
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child := w.Child(a)
		says := proof.Families{Listed: listed, Cut: child.claims.cut, Untold: child.claims.untold}
		err := error(nil)
		if a.Link == nil && says.Complete() && child.Removal.On() && child.Removal.Kind != model.Custom {
			err = parentless{child}.remove(ctx, tx, w, a)
		}
		if err == nil {
			err = child.RemoveOrphans(ctx, tx, says.Complete())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return nil
}

// parentless finds children whose parents have no row. Its writer is theirs.
type parentless struct{ *Writer }

// remove removes the children whose parents have no row, but for those that
// one lists.
func (w parentless) remove(ctx context.Context, tx *commit.Tx, parents *Writer, a *model.Association) error {
	how := w.Removal
	if parents.Removal.Kind == model.Destroy {
		how = model.Removal{Kind: model.Destroy} // as with their parents
	}
	found, err := rows.Parentless(ctx, tx, parents.Model, a, w.Scope, how)
	if err != nil {
		return fmt.Errorf("find those without a parent: %w", err)
	}
	var orphans []backend.ID
	for _, id := range found {
		if !w.Listing.Has(idset.Key(id)) {
			orphans = append(orphans, id)
		}
	}
	if len(orphans) == 0 {
		return nil
	}
	if others, err := w.othersMayHave(ctx, tx, parents); err != nil || others {
		return err
	}
	_, err = w.Writer.remove(ctx, tx, orphans, how)
	return err
}

// othersMayHave reports whether a child without a parent may be another scope's: it has
// no scope, and its parents have others.
func (w parentless) othersMayHave(ctx context.Context, tx *commit.Tx, parents *Writer) (bool, error) {
	t := parents.Model.Table
	if w.Model.Table.Scope != "" || t.Scope == "" {
		return false, nil
	}
	others := false
	query := squirrel.Select("1").From(store.Quote(t.Name)).Where(t.Where(nil)).Where(squirrel.Expr(store.Quote(t.Scope)+" <> ?", parents.Scope)).Limit(1)
	return others, store.Each(ctx, tx, query, func(store.Rows) error { others = true; return nil })
}
