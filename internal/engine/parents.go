package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/remote"
)

// parents fetches the parents of records that have no row, where that is declared,
// each once a run.
type parents struct {
	m        *model.Model
	scope    any
	asked    map[parentID]bool
	believed map[*model.Parent]bool // that say truly which of them are gone
	requests int
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
			err = adopt(ctx, parent.Model, parent.Scope(f.scope), objects)
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
		}
	}
	return objects, nil
}

// get asks for a parent, and reports whether there is one. That there is none is
// believed only beside a parent that is found by the same question, where one has a
// row; else the address would be wrong for all of them.
func (f *parents) get(ctx context.Context, parent *model.Parent, id backend.ID) (o remote.Object, found bool, err error) {
	scope := parent.Scope(f.scope)
	api, request, err := parent.API(ctx, scope)
	if err != nil {
		return o, false, err
	}
	getter, ok := api.(remote.Getter)
	if !ok {
		return o, false, fmt.Errorf("a %T can't fetch one object: give an API that is a remote.Getter, or declare synced.MissingNull", api)
	}
	f.requests++
	if o, err = getter.Get(ctx, request, id.String()); !errors.Is(err, remote.ErrNotFound) {
		return o, err == nil, err
	}
	if f.believed[parent] {
		return o, false, nil
	}
	controls, err := rows.Others(ctx, f.m.DB, parent.Model, scope, id)
	if err != nil || len(controls) == 0 {
		return o, false, err
	}
	ask := &absent.Asking{Getter: getter, Request: request, Model: parent.Model}
	fates, why, err := ask.Each(ctx, controls, []backend.ID{id})
	f.requests += ask.Requests
	switch {
	case err != nil:
		return o, false, err
	case fates[0].Exists:
		return fates[0].Object, true, nil
	case !fates[0].Gone:
		return o, false, errors.New(why)
	}
	if f.believed == nil {
		f.believed = map[*model.Parent]bool{}
	}
	f.believed[parent] = true
	return o, false, nil
}

// adopt writes records that were asked for because others name them. It takes no
// lock, as One does, so that it does not wait for a run of the scope.
func adopt(ctx context.Context, m *model.Model, scope any, objects []remote.Object) error {
	r := one{newRun(m, Call{Scope: scope, Removal: model.Removal{Kind: model.Keep}})}
	p, err := r.acceptObjects(objects)
	if err == nil {
		err = r.parents.fetch(ctx, p)
	}
	if err == nil {
		err = r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return r.write(ctx, tx, p) })
	}
	return r.fail(0, err)
}
