package write

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Remove removes rows, some at a time, tells of them, and counts them.
func (w *Writer) Remove(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	return w.remove(ctx, tx, ids, w.Removal)
}

func (w *Writer) remove(ctx context.Context, tx *commit.Tx, ids []backend.ID, how model.Removal) error {
	if len(ids) == 0 {
		return nil
	}
	if err := w.Enter(ctx, tx); err != nil {
		return err
	}
	r := remover{Writer: w, how: how}
	for some := range slices.Chunk(ids, rows.Batch) {
		if err := r.some(ctx, tx, some); err != nil {
			return err
		}
	}
	return nil
}

// remover removes rows of a writer's model in one way.
type remover struct {
	*Writer
	how model.Removal
}

func (r *remover) some(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	if r.how.Kind == model.Destroy {
		var err error
		if ids, err = r.unreferenced(ctx, tx, ids); err != nil || len(ids) == 0 {
			return err
		}
	}
	kin, err := r.kin(ctx, tx, ids)
	if err != nil {
		return err
	}
	going := leaving{}
	if r.Model.OnChange != nil || r.Model.Outbox || r.how.Kind == model.Custom {
		if going, err = r.leaving(ctx, tx, ids); err != nil || len(going.values) == 0 {
			return err
		}
	}
	n, err := r.rows(ctx, tx, ids, going)
	if err != nil {
		return err
	}
	if err := kin.after(ctx, tx); err != nil {
		return err
	}
	if n > 0 {
		if err := r.Beside.removed(ctx, tx, r.quarantine.scope); err != nil {
			return err
		}
	}
	tx.After(func() { r.Counts.Removed += int(n) })
	return tx.Changed(ctx, r.Model, r.Scope, going.changes)
}

// leaving are rows that are about to be removed, for those who are told of them.
type leaving struct {
	values  []any
	changes []model.Change
}

// leaving reads the rows that are about to be removed, and locks them.
func (r *remover) leaving(ctx context.Context, tx *commit.Tx, ids []backend.ID) (leaving, error) {
	var l leaving
	var read []backend.Row
	err := rows.LoadLocked(ctx, tx, r.Model, r.Scope, ids, func(s rows.Stored) error {
		if r.how.Kind == model.Cancel && s.Canceled {
			return nil
		}
		l.values, read = append(l.values, s.Row.Value), append(read, s.Row)
		l.changes = append(l.changes, model.Change{Kind: report.Removed, ID: s.ID, Old: s.Row.Value})
		return nil
	})
	if err == nil {
		err = rows.Translate(ctx, tx, r.Model, read...)
	}
	return l, err
}

// rows removes rows as declared, and returns how many.
func (r *remover) rows(ctx context.Context, tx *commit.Tx, ids []backend.ID, going leaving) (int64, error) {
	t := r.Model.Table
	where := tx.Dialect().Rows(t, r.Scope, ids)
	switch r.how.Kind {
	case model.Custom:
		if err := r.how.Func(ctx, tx.Tx, going.values); err != nil || len(t.Followed) == 0 {
			return int64(len(going.values)), err
		}
		return int64(len(going.values)), forgetGone(ctx, tx, r.Model, r.Scope, ids)
	case model.Cancel:
		now := time.Now()
		set := squirrel.Update(store.Quote(t.Name)).Set(store.Quote(t.Canceled), t.Cancellation(now))
		if t.Hash != "" {
			set = set.Set(store.Quote(t.Hash), nil) // a row that is listed again is looked at
		}
		if t.Touch.Name != "" {
			set = set.Set(store.Quote(t.Touch.Name), backend.Moment(now))
		}
		return tx.Exec(ctx, set.Where(append(where, squirrel.Expr(t.NotCanceled()))))
	default:
		if err := removeTranslations(ctx, tx, t, where); err != nil {
			return 0, err
		}
		if len(t.Followed) > 0 {
			if err := ledger.DropWaiting(ctx, tx, r.Model.Scope(r.Scope), "", ids); err != nil {
				return 0, fmt.Errorf("note which rows wait for their parents: %w", err)
			}
		}
		return tx.Exec(ctx, squirrel.Delete(store.Quote(t.Name)).Where(where))
	}
}

// kin is what belongs to rows that are about to be removed, and what points to them.
type kin struct {
	*remover
	// parents are the rows' remote ids by their local keys. They are locked: nobody
	// gives them another child until they are gone.
	parents map[backend.ID]backend.ID
	keys    []backend.ID
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
	for key := range k.parents {
		k.keys = append(k.keys, key)
	}
	if err := k.families(ctx, tx); err != nil {
		return nil, err
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

// after deals with what pointed to rows of which a function of the service's has
// removed some, or all.
func (k *kin) after(ctx context.Context, tx *commit.Tx) error {
	if len(k.pointers) == 0 {
		return nil
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
		ids, err := rows.ChildrenOf(ctx, tx, a, child.Scope, below, k.keys)
		if err == nil {
			err = custody{child, a}.take(ctx, tx, ids, below)
		}
		if err != nil {
			return fmt.Errorf("%s: remove: %w", a.Name(), err)
		}
	}
	return nil
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
