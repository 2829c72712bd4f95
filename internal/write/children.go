package write

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
)

// Child returns the writer of an association's child, the same one each time.
func (w *Writer) Child(a *model.Association) *Writer {
	if child, ok := w.children[a]; ok {
		return child
	}
	child := New(&page.Maker{Model: a.Child, Scope: childScope(a, w.Scope)}, listing.New(listing.Rules{Model: a.Child}), a.Removal(w.Removal))
	child.quarantine.nested = w.Model.Table.Name + "." + a.Path()
	w.children[a] = child
	return child
}

// childScope is the scope of a child, in a run of its parent's scope.
func childScope(a *model.Association, scope any) any {
	if a.Child.Table.Scope == "" {
		return nil
	}
	return scope
}

// Family is the children of a page's records, as one set.
type Family struct {
	page.Page
	// Parents are the records whose children are known, by their local keys.
	Parents map[backend.ID]*page.Record
	keys    []backend.ID
	listed  map[backend.ID]bool
}

// Lists reports whether one of the page's records lists a child.
func (f *Family) Lists(id backend.ID) bool { return f.listed[id] }

// Keys returns the local keys of the parents whose children are known.
func (f *Family) Keys() []backend.ID { return f.keys }

// Family reads the nested objects of a page's records, whose local keys keyOf gives,
// where they have one. Of a child that several records list, the last one counts:
// it moved.
func (w *Writer) Family(a *model.Association, p *page.Page, keyOf func(*page.Record) (backend.ID, bool)) (*Family, error) {
	f := &Family{Page: page.Page{Number: p.Number, Retried: p.Retried}, Parents: map[backend.ID]*page.Record{}, listed: map[backend.ID]bool{}}
	at := map[backend.ID]int{}
	for _, parent := range p.Records {
		key, exists := keyOf(parent)
		objects, known, err := a.Objects(parent.Object)
		if !exists {
			w.leave(f, objects)
			continue
		}
		if err != nil {
			return nil, &model.RecordError{Record: parent.ID.String(), Err: err}
		}
		if !known {
			continue // the remote did not say
		}
		f.Parents[key] = parent
		f.keys = append(f.keys, key)
		for n, o := range objects {
			id, err := w.Model.Plan.ID(o)
			if err != nil {
				return nil, &model.RecordError{Record: parent.ID.String(), Err: fmt.Errorf("%s: %w", a.Name(), &model.RecordError{Record: fmt.Sprintf("no. %d", n+1), Err: err})}
			}
			child := w.Maker.Nested(parent, key, a, o, id)
			w.Listing.Seen(child.Key())
			f.listed[id] = true
			if before, twice := at[id]; twice {
				f.Records[before] = child
				continue
			}
			at[id] = len(f.Records)
			f.Records = append(f.Records, child)
		}
	}
	return f, nil
}

// leave takes note of the nested objects of a record that is left as it is: they
// exist, and stay as they are.
func (w *Writer) leave(f *Family, objects []remote.Object) {
	for _, o := range objects {
		if id, err := w.Model.Plan.ID(o); err == nil {
			w.Listing.Seen((&page.Record{Record: backend.Record{ID: id}}).Key())
			f.listed[id] = true
		}
	}
}

// writeChildren writes the children of a page, association by association, and
// removes those that their parents no longer have.
func (w *Writer) writeChildren(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child := w.Child(a)
		f, err := child.Family(a, p, func(r *page.Record) (backend.ID, bool) { return r.Outcome.Key, !r.Left() })
		if err != nil {
			return err
		}
		if err := child.quarantine.releaseFamily(ctx, tx, f); err != nil {
			return err
		}
		if err := child.Write(ctx, tx, &f.Page); err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
		if err := child.removeUnlisted(ctx, tx, a, f); err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
	}
	return nil
}

// removeUnlisted removes the children of the parents in hand that those no longer
// list, and of no other parent.
func (w *Writer) removeUnlisted(ctx context.Context, tx *commit.Tx, a *model.Association, f *Family) error {
	if !w.Removal.On() {
		return nil
	}
	ids, err := rows.ChildrenOf(ctx, tx, a, w.Scope, w.Removal, f.keys)
	if err != nil {
		return err
	}
	unlisted := ids[:0]
	for _, id := range ids {
		if !f.listed[id] {
			unlisted = append(unlisted, id)
		}
	}
	return w.Remove(ctx, tx, unlisted)
}
