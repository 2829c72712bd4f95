package engine

import (
	"context"
	"errors"
	"fmt"

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
		o, err := f.get(ctx, parent, id)
		if errors.Is(err, remote.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("fetch %s %s: %w", parent.Model.Table.Name, id, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

func (f *parents) get(ctx context.Context, parent *model.Parent, id backend.ID) (remote.Object, error) {
	api, request, err := parent.API(ctx, parent.Scope(f.scope))
	if err != nil {
		return remote.Object{}, err
	}
	getter, ok := api.(remote.Getter)
	if !ok {
		return remote.Object{}, fmt.Errorf("a %T can't fetch one object: give an API that is a remote.Getter, or declare synced.MissingNull", api)
	}
	f.requests++
	return getter.Get(ctx, request, id.String())
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
