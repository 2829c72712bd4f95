package write

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
)

// mostDropped is how many children wait for the end of the run to be removed.
const mostDropped = 10_000

// drop takes note of the children that the parents in hand no longer list. They are
// removed at the end of the run: until then, a parent on a later page may list one,
// and it moves there. Where removal is off, only those of parents that are listed
// again are of interest, which may move.
func (w *Writer) drop(ctx context.Context, tx *commit.Tx, a *model.Association, f *Family) error {
	keys := f.keys
	if !w.Removal.On() {
		keys = f.again
	}
	err := rows.EachChild(ctx, tx, a, w.Scope, w.Removal, keys, func(id, parent backend.ID) {
		if !f.listed[id] {
			put(&w.journal, w.dropped, id, parent)
		}
	})
	if err == nil && len(w.dropped) > mostDropped {
		err = w.removeOrphans(ctx, tx, a)
	}
	return err
}

// RemoveDropped removes the children that no parent of the run lists any longer,
// once the last page is written.
func (w *Writer) RemoveDropped(ctx context.Context, tx *commit.Tx) error {
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child, ok := w.children[a]
		if !ok {
			continue
		}
		if err := child.removeOrphans(ctx, tx, a); err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
		if err := child.RemoveDropped(ctx, tx); err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return nil
}

// removeOrphans removes the children that were dropped and whose rows still point to
// the parent that dropped them.
func (w *Writer) removeOrphans(ctx context.Context, tx *commit.Tx, a *model.Association) error {
	w.begin(tx)
	dropped := w.dropped
	w.journal.note(func() { w.dropped = dropped })
	w.dropped = map[backend.ID]backend.ID{}
	if !w.Removal.On() || len(dropped) == 0 {
		return nil
	}
	parents := map[backend.ID]bool{}
	for _, parent := range dropped {
		parents[parent] = true
	}
	var orphans, of []backend.ID
	for parent := range parents {
		of = append(of, parent)
	}
	for some := range slices.Chunk(of, rows.Batch) {
		err := rows.EachChild(ctx, tx, a, w.Scope, w.Removal, some, func(id, parent backend.ID) {
			if from, ok := dropped[id]; ok && from == parent {
				orphans = append(orphans, id)
			}
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(orphans, backend.ID.Compare)
	_, err := custody{w, a}.take(ctx, tx, orphans, w.Removal)
	return err
}

// Dropped is a child that waits for the end of a run to be removed, and the local key
// of the parent that dropped it, as a checkpoint keeps them.
type Dropped struct {
	// Attributes are those of the associations on the way to the child.
	Attributes []string `json:"attributes"`
	Child      string   `json:"child"`
	Parent     string   `json:"parent"`
}

// Dropped lists the children that wait to be removed.
func (w *Writer) Dropped() []Dropped {
	var list []Dropped
	for a, child := range w.children {
		for id, parent := range child.dropped {
			list = append(list, Dropped{[]string{a.Path()}, id.String(), parent.String()})
		}
		for _, d := range child.Dropped() {
			d.Attributes = append([]string{a.Path()}, d.Attributes...)
			list = append(list, d)
		}
	}
	return list
}

// ResumeDropped takes over the children that waited when a pass was interrupted.
func (w *Writer) ResumeDropped(list []Dropped) {
	for _, d := range list {
		at := w
		var a *model.Association
		for _, attribute := range d.Attributes {
			n := slices.IndexFunc(at.Model.Associations, func(a model.Association) bool { return a.Path() == attribute })
			if n < 0 {
				return // declared otherwise meanwhile: the next pass finds it again
			}
			a = &at.Model.Associations[n]
			at = at.Child(a)
		}
		id, err1 := at.Model.Table.ParseID(d.Child)
		parent, err2 := backend.ParseID(at.Model.Table.ParentKind, d.Parent)
		if err1 == nil && err2 == nil {
			at.dropped[id] = parent
		}
	}
}
