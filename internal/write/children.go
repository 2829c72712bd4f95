package write

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
)

// Child returns the writer of an association's child, the same one each time.
func (w *Writer) Child(a *model.Association) *Writer {
	if child, ok := w.children[a]; ok {
		return child
	}
	child := New(&page.Maker{Model: a.Child, Scope: a.Scope(w.Scope)}, listing.New(listing.Rules{Model: a.Child}), a.Removal(w.Removal))
	child.quarantine.nested = w.Model.Table.Name + "." + a.Path()
	child.quarantine.shared = a.Link != nil
	child.claims.of = w
	w.children[a] = child
	return child
}

// writeChildren writes the children of a page. Where the row of a parent was removed
// since it was found as it should be, it is written again first.
func (w *Writer) writeChildren(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	for {
		err := w.writeFamilies(ctx, tx, p)
		gone, ok := errors.AsType[*goneError](err)
		if !ok || gone.of != w {
			return err
		}
		if err := w.writeAgain(ctx, tx, p, gone.records); err != nil {
			return err
		}
	}
}

// writeAgain writes records of a page whose rows somebody removed meanwhile.
func (w *Writer) writeAgain(ctx context.Context, tx *commit.Tx, p *page.Page, records []*page.Record) error {
	for _, r := range records {
		r.Look = backend.Unseen
	}
	return w.Write(ctx, tx, &page.Page{Number: p.Number, Records: records, Relisted: p.Relisted, Retried: p.Retried, Resolved: true, Released: true})
}

// writeFamilies writes the children of a page, association by association, and takes
// note of those that their parents no longer have.
func (w *Writer) writeFamilies(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child := w.Child(a)
		child.begin(tx)
		f, err := child.Family(ctx, tx, a, p, func(r *page.Record) (backend.ID, Standing) {
			if r.Left() {
				return backend.ID{}, Left
			}
			return r.Outcome.Key, Here
		})
		if err != nil {
			return err
		}
		if err := child.quarantine.releaseFamily(ctx, tx, f); err != nil {
			return err
		}
		if err := child.Write(ctx, tx, &f.Page); err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
		if a.Link != nil {
			err = linker{child}.writeLinks(ctx, tx, a, f)
		} else if err = (custody{child, a}).move(ctx, tx, &f.Page); err == nil {
			err = child.drop(ctx, tx, a, f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return nil
}
