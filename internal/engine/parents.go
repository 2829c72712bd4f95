package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/remote"
)

// parents fetches the parents of records that have no row, where that is declared,
// each once a run.
type parents struct {
	m     *model.Model
	scope any
	asked map[parentID]bool
	cost  cost.Cost
}

// parentID is a parent that was asked for.
type parentID struct {
	of *model.Parent
	id backend.ID
}

// fetch fetches the parents of a page that have no row. It happens before the page's
// transaction begins.
func (f *parents) fetch(ctx context.Context, p *page.Page) error {
	for i := range f.m.Parents {
		parent := &f.m.Parents[i]
		if parent.Missing != model.Fetch || parent.Column == f.m.Table.Parent {
			continue
		}
		objects, err := f.missing(ctx, parent, p)
		if err == nil && len(objects) > 0 {
			var spent cost.Cost // for parents of the parents
			spent, err = adopt(ctx, parent.Model, parent.Scope(f.scope), objects)
			f.cost.Add(spent)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// missing fetches those parents that have no row and were not asked for. One that is
// gone leaves the column null.
func (f *parents) missing(ctx context.Context, parent *model.Parent, p *page.Page) ([]remote.Object, error) {
	named, err := write.NamedBy(parent, p)
	if err != nil {
		return nil, err
	}
	keys, err := rows.ParentKeys(ctx, f.m.DB, parent, f.scope, named.IDs)
	if err != nil {
		return nil, err
	}
	var objects []remote.Object
	var missed []backend.ID
	for _, id := range named.IDs {
		asked := parentID{parent, id}
		if _, here := keys[id]; here || f.asked[asked] {
			continue
		}
		if f.asked == nil {
			f.asked = map[parentID]bool{}
		}
		f.asked[asked] = true
		o, found, err := f.get(ctx, parent, id)
		if err != nil {
			return nil, fmt.Errorf("fetch %s %s: %w", parent.Model.Table.Name, id, err)
		}
		if found {
			objects = append(objects, o)
		} else {
			missed = append(missed, id)
		}
	}
	again, err := f.prove(ctx, parent, missed)
	if err != nil {
		return nil, fmt.Errorf("fetch %s %s: %w", parent.Model.Table.Name, missed[0], err)
	}
	return append(objects, again...), nil
}

// get asks for a parent, and reports whether one was found.
func (f *parents) get(ctx context.Context, parent *model.Parent, id backend.ID) (o remote.Object, found bool, err error) {
	getter, request, err := f.getter(ctx, parent)
	if err != nil {
		return o, false, err
	}
	o, err = f.cost.Get(ctx, getter, request, id.String())
	switch {
	case errors.Is(err, remote.ErrNotFound):
		return o, false, nil
	case err != nil:
		return o, false, err
	}
	deleted := parent.Model.Tombstone != nil && parent.Model.Tombstone(o)
	if !deleted && parent.Model.Plan.Bare(o) {
		return o, false, errors.New("the answer has none of the attributes that the model reads: if that is how the remote shows a deleted record, declare a Tombstone; else check how one record is wrapped")
	}
	return o, true, nil
}

// getter returns whom to ask for a parent, and how.
func (f *parents) getter(ctx context.Context, parent *model.Parent) (remote.Getter, remote.Request, error) {
	api, request, err := parent.API(ctx, parent.Scope(f.scope))
	if err != nil {
		return nil, request, err
	}
	getter, ok := api.(remote.Getter)
	if !ok {
		return nil, request, fmt.Errorf("a %T can't fetch one object: give an API that is a remote.Getter, or declare synced.MissingNull", api)
	}
	return getter, request, nil
}

// prove asks for the missed parents of a page again, and returns those that are found
// after all. That there are none is believed only beside a parent that is found by the
// same question, where one has a row; else the address would be wrong for all of them.
func (f *parents) prove(ctx context.Context, parent *model.Parent, missed []backend.ID) (found []remote.Object, err error) {
	if len(missed) == 0 {
		return nil, nil
	}
	controls, err := rows.Others(ctx, f.m.DB, parent.Model, parent.Scope(f.scope), missed[0])
	if err != nil || len(controls) == 0 {
		return nil, err
	}
	getter, request, err := f.getter(ctx, parent)
	if err != nil {
		return nil, err
	}
	ask := &absent.Asking{Getter: getter, Request: request, Model: parent.Model}
	fates, why, err := ask.Each(ctx, controls, missed)
	f.cost.Add(ask.Cost)
	for _, fate := range fates {
		switch {
		case err != nil:
		case fate.Exists:
			found = append(found, fate.Object)
		case !fate.Gone:
			err = errors.New(why)
		}
	}
	return found, err
}

// adopt writes records that were asked for because others name them. It takes no
// lock, as One does, so that it does not wait for a run of the scope. It returns what
// their own parents cost.
func adopt(ctx context.Context, m *model.Model, scope any, objects []remote.Object) (cost.Cost, error) {
	r := one{newRun(m, Call{Scope: scope, Removal: model.Removal{Kind: model.Keep}})}
	p, err := r.acceptObjects(objects)
	if err == nil {
		err = r.parents.fetch(ctx, p)
	}
	if err == nil {
		err = r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return r.write(ctx, tx, p) })
	}
	return r.parents.cost, r.fail(0, err)
}
