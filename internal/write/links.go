package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/store"
)

// linker ties parents to the children that they share. Its writer is that of the
// children.
type linker struct{ *Writer }

// writeLinks ties the parents in hand to the children that they list, and unties them
// from those that they no longer list. The children are written.
func (w linker) writeLinks(ctx context.Context, tx *commit.Tx, a *model.Association, f *Family) error {
	keys, err := w.keysOf(ctx, tx, f)
	if err != nil {
		return err
	}
	listed := map[backend.Link]bool{}
	for _, l := range f.Links {
		if child, ok := keys[l.Child]; ok {
			listed[backend.Link{Parent: l.Key, Child: child}] = true
		}
	}
	stored, err := rows.Links(ctx, tx, a, w.Scope, f.LinkKeys())
	if err != nil {
		return err
	}
	var old []backend.Link
	for link := range stored {
		_, whole := f.Parents[link.Parent]
		if !listed[link] && whole {
			old = append(old, link)
		}
		delete(listed, link)
	}
	again, err := holder(w).holdLinked(ctx, tx, f, listed)
	if err != nil {
		return err
	}
	if again {
		return w.writeLinks(ctx, tx, a, f)
	}
	return w.link(ctx, tx, a, listed, old)
}

// link writes new links, and deletes old ones.
func (w linker) link(ctx context.Context, tx *commit.Tx, a *model.Association, fresh map[backend.Link]bool, old []backend.Link) error {
	list := make([]backend.Link, 0, len(fresh))
	for link := range fresh {
		list = append(list, link)
	}
	removed, err := tx.Unlink(ctx, a.Link, old)
	if err != nil {
		return fmt.Errorf("%s: %w", a.Link.Name, err)
	}
	created, err := tx.Link(ctx, a.Link, list)
	if err != nil {
		return fmt.Errorf("%s: %w", a.Link.Name, err)
	}
	tx.After(func() {
		w.notes.linked.Created += int(created)
		w.notes.linked.Removed += int(removed)
	})
	return nil
}

// keysOf returns the local keys of a family's children, by their ids. One that is in
// quarantine may have no row.
func (w linker) keysOf(ctx context.Context, tx *commit.Tx, f *Family) (map[backend.ID]backend.ID, error) {
	keys := make(map[backend.ID]backend.ID, len(f.Records))
	var ask []backend.ID
	for _, r := range f.Records {
		if r.Outcome.Key == (backend.ID{}) {
			ask = append(ask, r.ID)
		} else {
			keys[r.ID] = r.Outcome.Key
		}
	}
	return keys, rows.KeysByID(ctx, tx, w.Model, w.Scope, ask, keys)
}

// unlink deletes the links of rows that are about to be removed, by their local keys,
// also where the table does not see to it itself.
func unlink(ctx context.Context, tx *commit.Tx, table string, of backend.LinkColumn, keys []backend.ID) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	return tx.Exec(ctx, squirrel.Delete(store.Quote(table)).Where(tx.Dialect().AnyID(store.Quote(of.Name), of.Kind, keys)))
}
