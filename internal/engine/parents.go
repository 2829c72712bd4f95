package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/remote"
)

// parents fetches the parents of records that have no row, where that is declared,
// each once a run.
type parents struct {
	m     *model.Model
	scope any
	asked map[parentID]error // why it can't be fetched, or nil
	cost  cost.Cost
}

// parentID is a parent that was asked for.
type parentID struct {
	of *model.Parent
	id backend.ID
}

// fetch fetches the parents of a page that have no row. It happens before the page's
// transaction begins. A record whose parent can't be fetched can't be mapped, for one
// that exists would be null for ever; it keeps no other record.
func (f *parents) fetch(ctx context.Context, p *page.Page) error {
	for i := range f.m.Parents {
		parent := &f.m.Parents[i]
		if parent.Missing != model.Fetch || parent.Column == f.m.Table.Parent {
			continue
		}
		named, err := write.NamedBy(parent, p)
		if err != nil {
			return err
		}
		objects, err := f.missing(ctx, parent, named.IDs)
		if err == nil && len(objects) > 0 {
			var spent cost.Cost // for parents of the parents
			spent, err = adopt(ctx, parent.Model, parent.Scope(f.scope), objects)
			f.cost.Add(spent)
		}
		if err == nil {
			err = named.Refuse(p, func(id backend.ID) error { return f.asked[parentID{parent, id}] })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refuse makes those records of a page that was read again unfit whose parents could
// not be fetched.
func (f *parents) refuse(p *page.Page) error {
	for i := range f.m.Parents {
		parent := &f.m.Parents[i]
		if parent.Missing != model.Fetch || len(f.asked) == 0 {
			continue
		}
		named, err := write.NamedBy(parent, p)
		if err == nil {
			err = named.Refuse(p, func(id backend.ID) error { return f.asked[parentID{parent, id}] })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// missing fetches those parents that have no row and were not asked for, and notes which
// can't be fetched. One that is gone leaves the column null.
func (f *parents) missing(ctx context.Context, parent *model.Parent, named []backend.ID) ([]remote.Object, error) {
	keys, err := rows.ParentKeys(ctx, f.m.DB, parent, f.scope, named)
	if err != nil {
		return nil, err
	}
	var objects []remote.Object
	var missed []backend.ID
	for _, id := range named {
		asked := parentID{parent, id}
		if _, here := keys[id]; here {
			continue
		}
		if _, before := f.asked[asked]; before {
			continue
		}
		o, found, err := f.get(ctx, parent, id)
		switch {
		case err != nil && !aboutOne(err):
			return nil, f.failed(parent, id, err)
		case err != nil:
			f.note(parent, id, err)
		case found:
			f.note(parent, id, nil)
			objects = append(objects, o)
		default:
			missed = append(missed, id)
		}
	}
	again, err := f.prove(ctx, parent, objects, missed)
	return append(objects, again...), err
}

// note notes that a parent was asked for, and why it can't be fetched, or nil.
func (f *parents) note(parent *model.Parent, id backend.ID, err error) {
	if f.asked == nil {
		f.asked = map[parentID]error{}
	}
	if f.asked[parentID{parent, id}] = nil; err != nil {
		f.asked[parentID{parent, id}] = f.failed(parent, id, err)
	}
}

func (f *parents) failed(parent *model.Parent, id backend.ID, err error) error {
	return fmt.Errorf("fetch %s %s: %w", parent.Model.Table.Name, id, err)
}

// errHusk is an answer that is no record.
var errHusk = errors.New("the answer has none of the attributes that the model reads: if that is how the remote shows a deleted record, declare a Tombstone; else check how one record is wrapped")

// aboutOne reports whether an error is about one record, and none of the connection,
// the credentials or a limit.
func aboutOne(err error) bool {
	if _, ok := errors.AsType[*remote.FormatError](err); ok || errors.Is(err, errHusk) {
		return true
	}
	answer, ok := errors.AsType[*remote.Error](err)
	if !ok || errors.Is(err, remote.ErrLimited) {
		return false
	}
	switch answer.Status {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusRequestTimeout:
		return false
	}
	return answer.Status >= 400 && answer.Status < 500
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
		return o, false, errHusk
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
// same question: one that has a row, or that this page's others named; else the address
// would be wrong for all of them.
func (f *parents) prove(ctx context.Context, parent *model.Parent, beside []remote.Object, missed []backend.ID) (found []remote.Object, err error) {
	if len(missed) == 0 {
		return nil, nil
	}
	controls, err := rows.Others(ctx, f.m.DB, parent.Model, parent.Scope(f.scope), missed[0])
	if err != nil {
		return nil, err
	}
	if len(controls) == 0 && len(beside) > 0 {
		why := f.again(ctx, parent, beside[0])
		for _, id := range missed {
			f.note(parent, id, why)
		}
		return nil, nil
	}
	getter, request, err := f.getter(ctx, parent)
	if err != nil {
		return nil, err
	}
	ask := &absent.Asking{Getter: getter, Request: request, Model: parent.Model}
	fates, why, err := ask.Each(ctx, controls, missed)
	f.cost.Add(ask.Cost)
	if err != nil {
		return nil, err
	}
	if len(controls) == 0 {
		why += fmt.Sprintf("; synchronize %s first, or declare synced.MissingNull", parent.Model.Table.Name)
	}
	for i, fate := range fates {
		switch f.note(parent, missed[i], nil); {
		case fate.Exists:
			found = append(found, fate.Object)
		case !fate.Gone:
			f.note(parent, missed[i], errors.New(why))
		}
	}
	return found, nil
}

// again asks once more for a parent that was found before others were missed, and
// returns why the misses prove nothing, or nil: the credentials may have ended between.
func (f *parents) again(ctx context.Context, parent *model.Parent, o remote.Object) error {
	id, err := parent.Model.Plan.ID(o)
	if err != nil {
		return err
	}
	switch _, found, err := f.get(ctx, parent, id); {
	case err != nil:
		return fmt.Errorf("%s: %w", proof.NoControl, err)
	case !found:
		return errors.New(proof.NoControl)
	}
	return nil
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
		err = r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return r.put(ctx, tx, p) })
	}
	return r.parents.cost, r.fail(0, err)
}
