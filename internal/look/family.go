package look

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
)

// family is what belongs to the records of a page.
type family struct {
	// differs reports for each record whether something of it does.
	differs []bool
	// nested are the ids of the nested records of each.
	nested [][]page.Nested
}

// row is one that a record of the page, or one nested in it, should have.
type row struct {
	of     int // the page's record
	record *page.Record
	id     backend.ID
	hash   int64
	parent backend.ID // the local key of the parent's row
	object remote.Object

	found bool
	key   backend.ID // of the row that was found
}

// look looks at what belongs to rows that are as they should be.
// Nested ones are so by an association.
func (f *family) look(ctx context.Context, l Look, by *model.Association, parents []row) error {
	if err := f.texts(ctx, l, by, parents); err != nil {
		return err
	}
	for i := range l.Model.Associations {
		a := &l.Model.Associations[i]
		children, err := f.children(ctx, l, a, parents)
		if err == nil {
			below := Look{Model: a.Child, Scope: a.Scope(l.Scope), Removal: a.Removal(l.Removal)}
			err = f.look(ctx, below, a, children)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return nil
}

// children reads the nested objects of an association, and compares them with the rows of
// these parents: each must have its row, and no other may be there. It returns those that
// are as they should be.
func (f *family) children(ctx context.Context, l Look, a *model.Association, parents []row) ([]row, error) {
	var want []row
	var places idindex.Index
	for _, parent := range parents {
		if !f.differs[parent.of] {
			want = f.read(a, parent, &places, want)
		}
	}
	f.note(a, want)
	keys, of := make([]backend.ID, 0, len(parents)), idindex.Of(len(parents), func(i int) backend.ID { return parents[i].key })
	for _, parent := range parents {
		if !f.differs[parent.of] {
			keys = append(keys, parent.key)
		}
	}
	err := rows.LookAtChildren(ctx, l.Model.DB, a, a.Scope(l.Scope), a.Removal(l.Removal), keys, func(found backend.Looked) {
		place, listed := places.Find(found.ID)
		if listed {
			child := &want[place]
			child.found, child.key = found.Has(child.hash) && found.Parent == child.parent, found.Key
			listed = child.found
		}
		if parent, ok := of.Find(found.Parent); ok && !listed {
			f.differs[parents[parent].of] = true
		}
	})
	for _, child := range want {
		f.differs[child.of] = f.differs[child.of] || !child.found
	}
	return slices.DeleteFunc(want, func(child row) bool { return f.differs[child.of] }), err
}

// read adds the nested objects of a parent to the rows that it should have. What is not a
// whole list of records, each there once, is left to those who write it.
func (f *family) read(a *model.Association, parent row, places *idindex.Index, want []row) []row {
	nested, err := a.Objects(parent.object)
	if err != nil || !nested.Whole {
		f.differs[parent.of] = true
	}
	for _, o := range nested.Objects {
		child := row{of: parent.of, record: parent.record, parent: parent.key, object: o, hash: a.Child.Plan.Fingerprint(o)}
		id, err := a.Child.Plan.ID(o)
		if err != nil {
			f.differs[parent.of] = true
			break
		}
		child.id = a.Child.Table.In(parent.key, id)
		if before, twice := places.Add(child.id, len(want)); twice {
			f.differs[parent.of], f.differs[want[before].of] = true, true
			break
		}
		want = append(want, child)
	}
	return want
}

// note notes the ids of nested records. Those of one record stand together.
func (f *family) note(a *model.Association, children []row) {
	ids := make([]backend.ID, len(children))
	for from, to := 0, 0; from < len(children); from = to {
		of := children[from].of
		for ; to < len(children) && children[to].of == of; to++ {
			ids[to] = children[to].id
		}
		f.nested[of] = append(f.nested[of], page.Nested{Of: a, IDs: ids[from:to:to]})
	}
}
