package synced

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// Call overrides the declaration for one run. What is left zero, the declaration
// decides.
type Call struct {
	// API is asked instead of the scope's or the declaration's.
	API remote.API
	// Records, where not nil, are synced as if the remote had listed just them, in
	// a full run without a request; the stored time is not touched. With removal
	// on, every other row of the scope is removed: also all of them, when the list
	// is empty.
	Records []remote.Object
	// Query, Fields and Include replace those of the declaration; an empty list
	// that is not nil asks for none. A run with a Query of its own may not see
	// every record, so it removes nothing for being absent, unless AllowRemoval.
	Query           url.Values
	Fields, Include []string
	// Strategy runs another strategy: strategy.Check{} makes this run a check,
	// strategy.Full{} looks at every row once more.
	Strategy strategy.Strategy
	Remove   Removal
	Commit   Commit
	// DryRun finds out what the run would do, the one that the strategy makes of
	// it, and writes nothing: the answer is in Result.Diff.
	DryRun bool
	// Wait is how long to wait for another run of this model and scope. Defaults to
	// not at all: such a run is ErrRunning at once.
	Wait time.Duration
	// Verify replaces the declaration's.
	Verify Verify
	// AllowRemoval lets this run remove more than RemovalLimit, or everything, and
	// also after a pass that may not have listed all.
	AllowRemoval bool
}

// settle makes the engine's call of scope, declaration and call.
func (h *Handle) settle(ctx context.Context, scope Scope, calls []Call) (engine.Call, error) {
	c, call, err := h.settleLocal(scope, calls)
	if err != nil || c.Given {
		return c, err
	}
	if c.Request, err = h.request(scope, call); err != nil {
		return c, err
	}
	c.API, err = h.api(ctx, scope, call)
	return c, err
}

// settleLocal is settle for what asks the remote for nothing.
func (h *Handle) settleLocal(scope Scope, calls []Call) (engine.Call, Call, error) {
	var call Call
	if len(calls) > 1 {
		return engine.Call{}, call, fmt.Errorf("%d Calls given: give one", len(calls))
	}
	if len(calls) == 1 {
		call = calls[0]
	}
	c := engine.Call{
		Strategy:     h.declared.Strategy,
		Records:      call.Records,
		Given:        call.Records != nil,
		Filtered:     call.Query != nil,
		DryRun:       call.DryRun,
		AllowRemoval: call.AllowRemoval,
		Wait:         call.Wait,
		Atomic:       h.declared.Commit == Atomic,
		Checkpoint:   h.declared.Checkpoint,
	}
	scope, err := h.checkScope(scope)
	if err != nil {
		return c, call, err
	}
	c.Scope = scope.value
	if err := call.check(); err != nil {
		return c, call, err
	}
	if call.Strategy != nil {
		c.Strategy = call.Strategy
	}
	if c.Given {
		c.Strategy = strategy.Full{}
	}
	if call.Commit != 0 {
		c.Atomic = call.Commit == Atomic
	}
	c.Removal, err = h.removal(call.Remove)
	c.Removal.Limit, c.Removal.Verify = h.declared.RemovalLimit, model.Verify(cmp.Or(call.Verify, h.declared.Verify))
	return c, call, err
}

// check finds mistakes that the call shows by itself.
func (c *Call) check() error {
	switch {
	case c.API != nil && isNil(c.API):
		return fmt.Errorf("the call's API is a nil %T: make it, or leave it out", c.API)
	case c.Strategy != nil && isNil(c.Strategy):
		return fmt.Errorf("the call's Strategy is a nil %T: use strategy.UpdatedSince, Full or Check as a value", c.Strategy)
	case c.Wait < 0:
		return fmt.Errorf("the call's Wait is %s: give 0 or more", c.Wait)
	case c.Verify < 0 || c.Verify > VerifyNever:
		return fmt.Errorf("the call's Verify is %d: use synced.VerifyShifting, VerifyAlways or VerifyNever", c.Verify)
	case c.Commit != 0 && c.Commit != PerPage && c.Commit != Atomic:
		return fmt.Errorf("the call's Commit is %d: use synced.PerPage or synced.Atomic", c.Commit)
	case c.Strategy != nil:
		return model.CheckStrategy(c.Strategy)
	}
	return nil
}

// checkScope says whether a run of the model can have such a scope, and gives it
// in the spelling in which it is kept.
func (h *Handle) checkScope(scope Scope) (Scope, error) {
	column, kind := h.declared.Scope, h.engine.Table.ScopeKind
	switch {
	case scope.err != nil:
		return scope, scope.err
	case column == "" && scope.value != nil:
		return scope, fmt.Errorf("scope %s given, but the model declares no Scope column: declare one, or pass synced.NoScope", scope)
	case column != "" && scope.value == nil:
		return scope, fmt.Errorf("no scope given, but rows belong to a scope by column %q: pass synced.In(…)", column)
	case scope.value != nil && !fits(scope.value, kind):
		return scope, fmt.Errorf("scope %v is a %T, but column %q keeps %s", scope, scope.value, column, kindName(kind))
	case scope.value != nil && kind == backend.UUID:
		id, err := uuid.Parse(scope.String())
		if err != nil {
			return scope, fmt.Errorf("scope %s is not a UUID, and column %q keeps one", scope, column)
		}
		return Scope{value: id.String()}, nil
	}
	return scope, nil
}

// request is what to ask the remote for.
func (h *Handle) request(scope Scope, call Call) (remote.Request, error) {
	d := h.declared
	r := remote.Request{Endpoint: d.Endpoint, Query: d.Query, Fields: d.Fields, Include: d.Include}
	if d.QueryFor != nil {
		r.Query = d.QueryFor(scope)
	}
	if d.FieldsFor != nil {
		r.Fields = d.FieldsFor(scope)
	}
	if d.IncludeFor != nil {
		r.Include = d.IncludeFor(scope)
	}
	if call.Query != nil {
		r.Query = call.Query
	}
	if call.Fields != nil {
		r.Fields = call.Fields
	}
	if call.Include != nil {
		r.Include = call.Include
	}
	r.Include = slices.Clone(r.Include)
	for _, a := range d.Associations {
		if !slices.Contains(r.Include, a.attribute) {
			r.Include = append(r.Include, a.attribute)
		}
	}
	return r, checkFields(r.Fields, h.engine.Plan.RemoteNames())
}

// checkFields says which attribute a list of fields leaves out.
func checkFields(fields, names []string) error {
	if len(fields) == 0 {
		return nil
	}
	for _, name := range names {
		if !slices.Contains(fields, name) {
			return fmt.Errorf("the Fields %v leave out %q, which a field of the model reads and would become empty: add it", fields, name)
		}
	}
	return nil
}

// api finds who to ask: the call's, the scope's, the declaration's.
func (h *Handle) api(ctx context.Context, scope Scope, call Call) (remote.API, error) {
	if call.API != nil {
		return call.API, nil
	}
	if h.declared.APIFor != nil {
		api, err := h.declared.APIFor(ctx, scope)
		if err != nil {
			return nil, fmt.Errorf("APIFor: %w", err)
		}
		if !isNil(api) {
			return api, nil
		}
	}
	if h.declared.API != nil {
		return h.declared.API, nil
	}
	return nil, ErrNoAPI
}

// removal settles a call's removal with the declaration's.
func (h *Handle) removal(r Removal) (model.Removal, error) {
	declared, table := h.declared.Remove.engine, h.engine.Table
	switch r.engine.Kind {
	case model.Undecided:
		return declared, nil
	case model.Cancel, model.CancelOrDestroy:
		if r.engine.Kind == model.CancelOrDestroy && table.Canceled == "" && !h.cancelable {
			return model.Removal{Kind: model.Destroy}, nil
		}
		if table.Canceled == "" || r.engine.Kind == model.Cancel && table.Canceled != r.engine.Column {
			return declared, fmt.Errorf("the call cancels rows by column %q, but the declaration does not: declare Remove: synced.Cancel(%q), and pass synced.Keep to the calls that are to remove nothing", r.engine.Column, r.engine.Column)
		}
		return model.Removal{Kind: model.Cancel, Column: table.Canceled}, nil
	case model.Custom:
		if err := checkRemoveBy(r, h.declared.Row); err != nil {
			return declared, err
		}
	}
	return r.engine, nil
}
