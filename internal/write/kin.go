package write

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
)

// kin is what belongs to rows that are about to be removed, and what points to them.
type kin struct {
	*remover
	// parents are the rows' remote ids by their local keys. They are locked: nobody
	// gives them another child until they are gone.
	parents map[backend.ID]backend.ID
	keys    []backend.ID
	// held are the rows of which a child stays, by their remote ids: they stay too.
	held []backend.ID
	// pointers are the rows that point to them, by follower, where it is not known
	// before which of them go.
	pointers map[follower]pointers
}

// kin deals with what belongs to rows and points to them, before they go.
func (r *remover) kin(ctx context.Context, tx *commit.Tx, ids []backend.ID) (*kin, error) {
	k := &kin{remover: r}
	followers := followersOf(r.Model)
	if len(r.Model.Associations)+len(r.Model.Links())+len(followers) == 0 {
		return k, nil
	}
	t := *r.Model.Table
	if t.Key == "" {
		t.Key, t.KeyKind = followers[0].Parent.Model.Table.Key, followers[0].Parent.Model.Table.KeyKind
	}
	var err error
	if k.parents, err = rows.KeysLocked(ctx, tx, &t, r.Scope, ids); err != nil {
		return nil, err
	}
	k.keys = slices.Collect(maps.Keys(k.parents))
	if err := k.families(ctx, tx); err != nil {
		return nil, err
	}
	if len(k.held) > 0 {
		k.keys = slices.Collect(maps.Keys(k.parents))
	}
	return k, k.follow(ctx, tx, followers)
}

// follow has the rows that point to those that go point to none.
func (k *kin) follow(ctx context.Context, tx *commit.Tx, followers []follower) error {
	if k.how.Kind == model.Cancel || len(k.keys) == 0 {
		return nil
	}
	k.pointers = map[follower]pointers{}
	for _, f := range followers {
		found, err := f.pointers(ctx, tx, k.Scope, k.keys)
		switch {
		case err != nil:
			return err
		case k.how.Kind == model.Custom:
			k.pointers[f] = found
			continue
		}
		if err := f.leave(ctx, tx, found, k.parents); err != nil {
			return err
		}
	}
	return nil
}

// after deals with what pointed to rows that stay, or of which a function of the
// service's has removed some, or all.
func (k *kin) after(ctx context.Context, tx *commit.Tx, stay []backend.ID) error {
	if len(stay) > 0 && k.how.Kind == model.Destroy {
		for _, f := range followersOf(k.Model) {
			if err := f.arrive(ctx, tx, f.scope(k.Scope), stay); err != nil {
				return err
			}
		}
	}
	for f, found := range k.pointers {
		stay, err := rows.KeysHere(ctx, tx, f.Parent.Model.Table, k.keys)
		if err != nil {
			return err
		}
		gone := maps.Clone(k.parents)
		for _, key := range stay {
			delete(gone, key)
		}
		if err := f.leave(ctx, tx, found, gone); err != nil {
			return err
		}
	}
	return nil
}

// families removes the children of rows that are about to be removed, so that no
// child is left without its parent, and unties those that they share. Parents that
// are canceled stay, and so do their children, unless those are canceled too.
func (k *kin) families(ctx context.Context, tx *commit.Tx) error {
	for _, l := range k.Model.Links() {
		if k.how.Kind == model.Destroy {
			if _, err := unlink(ctx, tx, l.Name, l.Child, k.keys); err != nil {
				return fmt.Errorf("%s: remove: %w", l.Name, err)
			}
		}
	}
	for i := range k.Model.Associations {
		a := &k.Model.Associations[i]
		child := k.Child(a)
		if a.Link != nil {
			if err := k.unlink(ctx, tx, a, k.keys); err != nil {
				return fmt.Errorf("%s: remove: %w", a.Link.Name, err)
			}
			continue
		}
		below := child.Removal
		switch {
		case k.how.Kind == model.Destroy:
			below = model.Removal{Kind: model.Destroy} // a canceled child would have no parent
		case below.Kind != k.how.Kind:
			continue
		}
		var ids, stay []backend.ID
		parentOf := map[backend.ID]backend.ID{}
		err := rows.EachChild(ctx, tx, a, child.Scope, below, k.keys, func(id, parent backend.ID) {
			ids, parentOf[id] = append(ids, id), parent
		})
		if err == nil {
			stay, err = custody{child, a}.take(ctx, tx, ids, below)
		}
		if err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
		if k.how.Kind == model.Destroy {
			k.hold(tx, child.Model.Table.Name, stay, parentOf)
		}
	}
	return nil
}

// hold has the parents of children that stay stay, too.
func (k *kin) hold(tx *commit.Tx, child string, stay []backend.ID, parentOf map[backend.ID]backend.ID) {
	var held []backend.ID
	for _, id := range stay {
		if parent, ok := k.parents[parentOf[id]]; ok {
			held = append(held, parent)
			delete(k.parents, parentOf[id])
		}
	}
	k.held = append(k.held, held...)
	k.skipped(tx, held, child)
}

// unlink unties rows that are about to be deleted from the children that they share,
// which stay.
func (r *remover) unlink(ctx context.Context, tx *commit.Tx, a *model.Association, parents []backend.ID) error {
	if r.how.Kind != model.Destroy {
		return nil
	}
	n, err := unlink(ctx, tx, a.Link.Name, a.Link.Parent, parents)
	tx.After(func() { r.Child(a).notes.linked.Removed += int(n) })
	return err
}
