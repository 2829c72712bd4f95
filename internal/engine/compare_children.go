package engine

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/report"
)

// compareChildren lists, by parent of a page, how the rows of its children differ
// from its nested objects: as fields of the parent, "rooms[11].name". A parent
// without a row has no children to compare.
func (r *run) compareChildren(ctx context.Context, q backend.Querier, p *page, keyOf func(i int) (backend.ID, bool)) (map[int][]report.Field, error) {
	differ := map[int][]report.Field{}
	for n := range r.m.Associations {
		a := &r.m.Associations[n]
		k := r.kid(a)
		f, err := k.family(a, p, keyOf)
		if err != nil {
			return nil, err
		}
		if err := k.compareFamily(ctx, q, a, f, differ); err != nil {
			return nil, fmt.Errorf("%s: %w", a.name(), err)
		}
	}
	return differ, nil
}

// compareFamily compares the children of one association.
func (r *run) compareFamily(ctx context.Context, q backend.Querier, a *Association, f *family, differ map[int][]report.Field) error {
	if err := r.resolve(ctx, q, &f.page); err != nil {
		return err
	}
	local, err := r.m.loadAll(ctx, q, r.call.Scope, f.rows)
	if err != nil {
		return err
	}
	mapped, err := r.mapAll(ctx, q, &f.page)
	if err != nil {
		return err
	}
	below, err := r.compareChildren(ctx, q, &f.page, mapped.keyOf(func(i int) (backend.ID, bool) { return r.m.localKey(local, f.rows[i].ID) }))
	if err != nil {
		return err
	}
	for i, row := range f.rows {
		name := fmt.Sprintf("%s[%s]", a.name(), row.ID)
		if mapped.bad[i] != nil || mapped.older[i] {
			continue // a run would leave its row as it is
		}
		l, exists := local[row.ID]
		if !exists {
			differ[f.of[i]] = append(differ[f.of[i]], report.Field{Column: name, Remote: f.objects[i]})
			continue
		}
		fields, err := r.m.fields(l, mapped.records[i])
		if err != nil {
			return err
		}
		for _, field := range append(fields, below[i]...) {
			field.Column = name + "." + field.Column
			differ[f.of[i]] = append(differ[f.of[i]], field)
		}
	}
	return r.unlistedChildren(ctx, q, a, f, differ)
}

// unlistedChildren adds the rows that the parents in hand do not list.
func (r *run) unlistedChildren(ctx context.Context, q backend.Querier, a *Association, f *family, differ map[int][]report.Field) error {
	ids, err := r.childrenOf(ctx, q, a, f.parents)
	if err != nil {
		return err
	}
	parent := make(map[backend.ID]int, len(f.parents))
	for n, key := range f.parents {
		parent[key] = f.known[n]
	}
	unlisted := make([]backend.ID, 0)
	for _, id := range ids {
		if !f.listed[id] {
			unlisted = append(unlisted, id)
		}
	}
	if len(unlisted) == 0 {
		return nil
	}
	return r.m.load(ctx, q, r.call.Scope, unlisted, func(l loaded) error {
		if l.canceled {
			return nil
		}
		row, err := r.m.row(l)
		if err != nil {
			return err
		}
		i := parent[backend.AnyID(row[a.Column])]
		differ[i] = append(differ[i], report.Field{Column: fmt.Sprintf("%s[%s]", a.name(), l.id), Local: row})
		return nil
	})
}

// localKey is the local key of a row that was loaded.
func (m *Model) localKey(local map[backend.ID]loaded, id backend.ID) (backend.ID, bool) {
	l, ok := local[id]
	if !ok {
		return backend.ID{}, false
	}
	for c, column := range m.Table.Columns {
		if column.Key {
			v, err := backend.Plain(l.rec.Pointers[c])
			return backend.AnyID(v), err == nil
		}
	}
	return backend.ID{}, false
}
