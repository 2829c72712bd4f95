package compare

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/report"
)

// children lists, by record, how the rows of its children differ from its nested
// objects: as fields of the record, "rooms[11].name". A record without a row has no
// children to compare.
func (c *Comparison) children(ctx context.Context, of *page.Page, pairs []pair) (map[*page.Record][]report.Field, error) {
	m := c.Writer.Model
	if len(m.Associations) == 0 {
		return nil, nil
	}
	keys := make(map[*page.Record]backend.ID, len(pairs))
	standing := make(map[*page.Record]write.Standing, len(pairs))
	p := &page.Page{Number: of.Number, Relisted: of.Relisted, Records: make([]*page.Record, len(pairs))}
	for i := range pairs {
		p.Records[i] = pairs[i].Record
		key, ok := backend.ID{}, false
		if pairs[i].exists {
			key, ok = rows.LocalKey(m, pairs[i].stored)
		}
		switch {
		case pairs[i].left():
		case ok:
			keys[pairs[i].Record], standing[pairs[i].Record] = key, write.Here
		default:
			standing[pairs[i].Record] = write.Rowless
		}
	}
	differ := map[*page.Record][]report.Field{}
	for n := range m.Associations {
		a := &m.Associations[n]
		child := &Comparison{Writer: c.Writer.Child(a), Q: c.Q, Locks: c.Locks}
		f, err := child.Writer.Family(ctx, c.Q, a, p, func(r *page.Record) (backend.ID, write.Standing) { return keys[r], standing[r] })
		if err != nil {
			return nil, err
		}
		if err := child.family(ctx, a, f, differ); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return differ, nil
}

// family compares the children of one association.
func (c *Comparison) family(ctx context.Context, a *model.Association, f *write.Family, differ map[*page.Record][]report.Field) error {
	pairs, err := c.pairs(ctx, &f.Page)
	if err != nil {
		return err
	}
	if err := c.load(ctx, pairs); err != nil {
		return err
	}
	below, err := c.children(ctx, &f.Page, pairs)
	if err != nil {
		return err
	}
	for i := range pairs {
		p := &pairs[i]
		name := fmt.Sprintf("%s[%s]", a.Name(), c.Writer.Model.Table.RemoteID(p.ID))
		switch {
		case p.left(), f.Told(p.ID):
			continue
		case !p.exists:
			differ[p.Of] = append(differ[p.Of], report.Field{Column: name, Remote: p.Object})
			continue
		}
		fields, err := rows.Fields(c.Writer.Model, p.stored, p.mapped)
		if err != nil {
			return err
		}
		for _, field := range append(fields, below[p.Record]...) {
			field.Column = name + "." + field.Column
			differ[p.Of] = append(differ[p.Of], field)
		}
	}
	if a.Link != nil {
		return c.links(ctx, a, f, pairs, differ)
	}
	return c.unlisted(ctx, a, f, differ)
}

// linked is how a link that is there, or that should be, is shown.
const linked = "linked"

// links adds the links that the parents in hand lack, and those that they no longer
// list, as "item_labels[5]".
func (c *Comparison) links(ctx context.Context, a *model.Association, f *write.Family, pairs []pair, differ map[*page.Record][]report.Field) error {
	invalid := map[backend.ID]bool{} // without a row: a run would link it once it is mapped
	for i := range pairs {
		invalid[pairs[i].ID] = pairs[i].bad != nil && !pairs[i].exists
	}
	stored, err := rows.Links(ctx, c.Q, a, c.Writer.Scope, f.LinkKeys())
	if err != nil {
		return err
	}
	type link struct{ parent, child backend.ID } // by key and by remote id
	here := make(map[link]bool, len(stored))
	for l, id := range stored {
		here[link{l.Parent, id}] = true
	}
	field := func(id backend.ID) report.Field {
		return report.Field{Column: fmt.Sprintf("%s[%s]", a.Link.Name, id)}
	}
	for _, l := range f.Links {
		listed := link{l.Key, l.Child}
		if !here[listed] && !invalid[l.Child] {
			missing := field(l.Child)
			missing.Remote = linked
			differ[l.Of] = append(differ[l.Of], missing)
		}
		delete(here, listed)
	}
	old := slices.SortedFunc(maps.Keys(here), func(a, b link) int { return cmp.Or(a.parent.Compare(b.parent), a.child.Compare(b.child)) })
	for _, l := range old {
		if of, whole := f.Parents[l.parent]; whole {
			additional := field(l.child)
			additional.Local = linked
			differ[of] = append(differ[of], additional)
		}
	}
	return nil
}

// unlisted adds the rows that the parents in hand do not list.
func (c *Comparison) unlisted(ctx context.Context, a *model.Association, f *write.Family, differ map[*page.Record][]report.Field) error {
	w := c.Writer
	ids, err := rows.ChildrenOf(ctx, c.Q, a, w.Scope, w.Removal, f.Keys())
	if err != nil {
		return err
	}
	unlisted := make([]backend.ID, 0)
	for _, id := range ids {
		if !f.Lists(id) {
			unlisted = append(unlisted, id)
		}
	}
	if len(unlisted) == 0 {
		return nil
	}
	load := rows.Load
	if c.Locks {
		load = rows.LoadLocked
	}
	return load(ctx, c.Q, w.Model, w.Scope, unlisted, func(s rows.Stored) error {
		if s.Canceled {
			return nil
		}
		row, err := rows.ByColumn(w.Model, s)
		if err != nil {
			return err
		}
		of := f.Parents[backend.AnyID(row[a.Column])]
		differ[of] = append(differ[of], report.Field{Column: fmt.Sprintf("%s[%s]", a.Name(), w.Model.Table.RemoteID(s.ID)), Local: row})
		return nil
	})
}
