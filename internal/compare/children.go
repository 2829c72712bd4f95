package compare

import (
	"context"
	"fmt"

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
func (c *Comparison) children(ctx context.Context, pairs []pair) (map[*page.Record][]report.Field, error) {
	m := c.Writer.Model
	if len(m.Associations) == 0 {
		return nil, nil
	}
	keys := make(map[*page.Record]backend.ID, len(pairs))
	p := &page.Page{Records: make([]*page.Record, len(pairs))}
	for i := range pairs {
		p.Records[i] = pairs[i].Record
		if pairs[i].left() || !pairs[i].exists {
			continue
		}
		if key, ok := rows.LocalKey(m, pairs[i].stored); ok {
			keys[pairs[i].Record] = key
		}
	}
	differ := map[*page.Record][]report.Field{}
	for n := range m.Associations {
		a := &m.Associations[n]
		child := &Comparison{Writer: c.Writer.Child(a), Q: c.Q, Locks: c.Locks}
		f, err := child.Writer.Family(a, p, func(r *page.Record) (backend.ID, bool) { key, ok := keys[r]; return key, ok })
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
	below, err := c.children(ctx, pairs)
	if err != nil {
		return err
	}
	for i := range pairs {
		p := &pairs[i]
		name := fmt.Sprintf("%s[%s]", a.Name(), p.ID)
		switch {
		case p.left():
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
	return c.unlisted(ctx, a, f, differ)
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
		differ[of] = append(differ[of], report.Field{Column: fmt.Sprintf("%s[%s]", a.Name(), s.ID), Local: row})
		return nil
	})
}
