package engine

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// leave removes the rows of parents that are gone.
func (e *each) leave(ctx context.Context) error {
	if err := e.lists(ctx); err != nil {
		return err
	}
	if !e.call.Removal.On() {
		return nil
	}
	after := ""
	for {
		keys, err := ledger.ParentsGone(ctx, e.m.DB, e.family(), e.root(), after, rows.LivingKeys(e.of.Each), parentsAhead)
		if err != nil {
			return fmt.Errorf("find parents that are gone: %w", err)
		}
		for _, text := range keys {
			key, err := backend.ParseID(e.of.Table.ScopeKind, text)
			if err == nil {
				err = e.remove(ctx, key.Value())
			}
			if err != nil {
				return err
			}
			e.total.Parents.Gone++
		}
		if len(keys) < parentsAhead {
			return nil
		}
		after = keys[len(keys)-1]
	}
}

// lists decides about the parents whose lists were not found.
func (e *each) lists(ctx context.Context) error {
	if len(e.missing) == 0 {
		return nil
	}
	counts, of := make([]int, len(e.missing)), 0
	said := proof.Parents{Empty: e.total.empty + e.round.Empty, All: e.parents(), Limit: e.call.Removal.Limit, Allowed: e.call.AllowRemoval}
	for i, p := range e.missing {
		var err error
		if counts[i], err = e.count(ctx, p.Key.Value()); err != nil {
			return err
		}
		if of += counts[i]; counts[i] > 0 {
			said.Missing++
		}
	}
	control, err := e.controlled(ctx)
	if err != nil {
		return err
	}
	said.Control = control
	refused := said.Refused()
	for i, p := range e.missing {
		switch {
		case refused != "", !control && !said.Allowed:
			e.total.failed(p.err)
		case counts[i] > 0 && e.call.Removal.On():
			if err := e.remove(ctx, p.Key.Value()); err != nil {
				return err
			}
			fallthrough
		default:
			e.total.Parents.Gone++
		}
	}
	if refused != "" && of > 0 && e.call.Removal.On() {
		refusal := report.Refusal{Rows: of, Of: of, Reason: refused}
		e.total.refuse(e.m.ScopeName(e.call.Scope), &refusal)
		observe.Tell(ctx, observe.RemovalRefused{Refusal: refusal})
	}
	return nil
}

// parents returns how many parents the round has asked for or skipped.
func (e *each) parents() int {
	return e.total.Parents.Asked + e.total.Parents.Skipped + e.round.Asked + e.round.Skipped
}

// count returns how many rows a parent has.
func (e *each) count(ctx context.Context, key any) (n int, err error) {
	_, err = store.One(ctx, e.m.DB, squirrel.Select("count(*)").From(store.Quote(e.of.Table.Name)).Where(e.of.Table.Where(key)), &n)
	return n, err
}

// controlled asks, after the lists that were not found, for one that was, or, where there
// is one parent, for that itself.
func (e *each) controlled(ctx context.Context) (bool, error) {
	if e.control != nil {
		for p, err := range e.call.API.Pages(ctx, *e.control) {
			if p != nil {
				e.total.Requests += p.Requests
			}
			return err == nil, ctx.Err()
		}
		return false, ctx.Err()
	}
	parent := e.of.Each.Parent
	if len(e.missing) != 1 || e.total.Parents.Asked != 1 || e.parents() != 1 || parent.Each != nil {
		return false, nil
	}
	api, request, err := e.of.Each.API(ctx, e.call.Scope)
	getter, ok := parent.Getter(api)
	if err != nil || !ok {
		return false, nil
	}
	e.total.Requests++
	o, err := getter.Get(ctx, request, e.missing[0].Record)
	if err != nil {
		return false, ctx.Err()
	}
	id, err := parent.Plan.ID(o)
	return err == nil && id.String() == e.missing[0].Record, nil
}

// remove removes the rows of a parent that is gone.
func (e *each) remove(ctx context.Context, key any) error {
	call := e.call
	call.Scope, call.Given, call.Records, call.API, call.Stop = key, true, []remote.Object{}, nil, nil
	call.Strategy = strategy.Full{}
	v := newVisit(e.of, call, ledger.Standing{}, e.work.Lock)
	_, err := told{run: v.run, call: "Synchronize", ofParent: true}.of(ctx, v.remove)
	e.total.add(v.run, e.call.Changes)
	e.total.Parents.Asked--
	return err
}
