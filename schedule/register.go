package schedule

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

// register keeps the scopes of all entries in the database as their iterators have them.
type register struct {
	*Schedule
	// known is what the database had of each model when it was last looked at.
	known map[string]map[string]ledger.Plan
}

// run looks at once, and then again and again.
func (r *register) run(ctx context.Context) {
	r.known = map[string]map[string]ledger.Plan{}
	ticker := time.NewTicker(r.options.Refresh)
	defer ticker.Stop()
	for ctx.Err() == nil {
		r.refresh(ctx)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

func (r *register) refresh(ctx context.Context) {
	counts, err := ledger.CountSchedules(ctx, r.db)
	for _, name := range r.names {
		var plans map[string]ledger.Plan
		if err == nil {
			plans, err = r.plans(ctx, r.entries[name])
		}
		if err == nil && !(len(plans) == counts[name] && maps.Equal(plans, r.known[name])) {
			err = r.settle(ctx, r.entries[name], plans)
		}
		if err != nil && ctx.Err() == nil {
			r.options.Log.WarnContext(ctx, "synced: schedule: look for scopes", "model", name, "error", err)
		}
		err = nil // another model's may be fine
	}
}

// plans asks for the scopes of an entry.
func (r *register) plans(ctx context.Context, e Entry) (plans map[string]ledger.Plan, err error) {
	defer recovered(&err, "the iterator of scopes")
	plans = map[string]ledger.Plan{}
	ctx, cancel := context.WithTimeout(ctx, max(r.options.Refresh, r.asking))
	defer cancel()
	for scope, err := range e.Scopes(ctx) {
		var kind, id string
		if err == nil {
			kind, id, err = textOf(scope)
		}
		if err != nil {
			return nil, fmt.Errorf("scopes: %w", err)
		}
		if other, twice := plans[id]; twice && other.Kind != kind {
			return nil, fmt.Errorf("scopes: there are two of key %s, one of them text and the other an integer: give keys of one type", id)
		}
		plans[id] = ledger.Plan{Kind: kind, Every: e.Every, CompleteEvery: e.Complete, Priority: e.Priority, Credential: e.Credential(scope)}
	}
	return plans, ctx.Err()
}

// settle makes the database know these scopes of an entry, and no others.
func (r *register) settle(ctx context.Context, e Entry, plans map[string]ledger.Plan) error {
	name := e.Model.Name()
	known, err := ledger.SchedulePlans(ctx, r.db, name)
	if err != nil {
		return err
	}
	var changed []ledger.Planned
	for id, p := range plans {
		if old, ok := known[id]; !ok || old != p {
			changed = append(changed, ledger.Planned{Scope: id, Plan: p})
		}
	}
	var gone []string
	for id := range known {
		if _, ok := plans[id]; !ok {
			gone = append(gone, id)
		}
	}
	if len(changed)+len(gone) > 0 {
		err = backend.InTx(ctx, r.db, func(ctx context.Context, tx backend.Tx) error {
			now, err := ledger.Clock(ctx, tx)
			for i := range changed {
				changed[i].Complete = completeAfter(now, e, changed[i].Scope)
			}
			if err == nil {
				err = ledger.PlanSchedules(ctx, tx, name, now, changed)
			}
			if err == nil {
				err = ledger.DropSchedules(ctx, tx, name, gone, r.options.Alert != nil)
			}
			return err
		})
	}
	if err != nil {
		return err
	}
	r.known[name] = plans
	if len(changed) > 0 {
		r.wake()
	}
	return nil
}

// The kinds of keys, as the database keeps them.
const (
	integers = "integer"
	texts    = "text"
)

// textOf returns a scope as the database keeps it.
func textOf(scope synced.Scope) (kind, id string, err error) {
	switch key := scope.Value().(type) {
	case int64:
		kind = integers
	case string:
		kind = texts
	default:
		if scope != synced.NoScope {
			return "", "", fmt.Errorf("one has no key: give an integer, a string or a UUID to synced.In, got %+v", key)
		}
		return "", "", nil
	}
	if scope != synced.In(scope.Value()) {
		return "", "", fmt.Errorf("%v is of one parent: give the scope of the topmost parents, synced.In(…)", scope)
	}
	return kind, scope.String(), nil
}
