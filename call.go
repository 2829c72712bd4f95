package synced

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// Ask is what a request asks for beside the endpoint. An empty list that is not nil
// asks for none.
type Ask struct {
	// Query holds parameters that are sent as they are.
	Query url.Values
	// Fields are the attributes to ask for, and Include related data.
	Fields, Include []string
}

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
	// Ask replaces what is not nil in it. A run whose call has a Query may not see
	// every record, so it removes nothing for being absent, unless AllowRemoval.
	Ask Ask
	// Strategy runs another strategy: strategy.Check{} makes this run a check,
	// strategy.Full{} looks at every row once more.
	Strategy strategy.Strategy
	// From and Until ask for what changed in that time once more, whatever time is stored,
	// window by window where the API limits the span. Such a run stores no time, and
	// removes nothing; it is one of the scope's runs, of which there is one at a time.
	// Until defaults to now; another needs an API that takes an end, see rest.Since.Until.
	// From defaults to none: the strategy decides.
	From, Until time.Time
	Remove      Removal
	Commit      Commit
	// DryRun finds out what the run would do, the one that the strategy makes of
	// it, and writes nothing: the answer is in Result.Diff.
	DryRun bool
	// Wait is how long to wait for another run of this model and scope. Defaults to
	// 0: fail with ErrRunning immediately.
	Wait time.Duration
	// Stop, once it is closed, ends the run early and well, so that a long one becomes
	// slices: it writes the pages that have come, asks for no other, and Result.Stopped
	// says how the next run goes on. It is what Done of a context returns:
	//
	//	slice, cancel := context.WithTimeout(ctx, time.Minute)
	//	defer cancel()
	//	result, err := rentals.Synchronize(ctx, scope, synced.Call{Stop: slice.Done()})
	//
	// The next run, on any machine, resumes where pages stay put (see PerPage), complete
	// and incremental ones. Other lists and Atomic runs begin again; that next run goes to
	// its end, whatever its Stop says. At least one page is written, and all parents are
	// asked for that are in hand. A check, a dry run and Records can't be stopped.
	// Defaults to nil: never.
	Stop <-chan struct{}
	// Changes is how many of the rows that the run created, updated, removed or restored
	// are listed in Result.Changes, with their remote ids, those of associated models
	// included. Defaults to 0: none. OnChange and the outbox are told of all of them.
	Changes int
	// AllowRemoval lets this run remove more than the removal's Limit, or
	// everything, and also after a pass that may not have listed all.
	AllowRemoval bool
}

func (c Call) declared() declare.Call {
	return declare.Call{
		API: c.API, Records: c.Records, Ask: declare.Ask(c.Ask), Strategy: c.Strategy,
		Remove: removalOf(c.Remove), Commit: commitOf(c.Commit), DryRun: c.DryRun, Wait: c.Wait, Stop: c.Stop, Changes: c.Changes, AllowRemoval: c.AllowRemoval, From: c.From, Until: c.Until,
		Err: nilChoice(c.Remove, c.Commit),
	}
}

// one returns the only call, where there is one.
func one(calls []Call) (declare.Call, error) {
	switch len(calls) {
	case 0:
		return declare.Call{}, nil
	case 1:
		return calls[0].declared(), nil
	default:
		return declare.Call{}, fmt.Errorf("%d Calls given: give one", len(calls))
	}
}

// settle makes of scope, declaration and call what a run does.
func (h *Handle) settle(ctx context.Context, scope Scope, calls []Call) (engine.Call, error) {
	call, err := one(calls)
	if err == nil {
		err = checkScope(h, scope)
	}
	var c engine.Call
	if err == nil {
		c, err = h.declared.Settle(ctx, scope.key, call)
	}
	return c, h.fail(scope, err)
}

// settleEach is settle for a model that is listed for each parent, in the scope of the
// topmost parents.
func settleEach(ctx context.Context, h *Handle, scope Scope, calls []Call) (engine.Call, error) {
	call, err := one(calls)
	if err == nil {
		err = scope.err
	}
	var c engine.Call
	if err == nil {
		c, err = h.declared.SettleEach(ctx, scope.key, call)
	}
	return c, h.fail(scope, err)
}

// settleCheck is settle for a check.
func settleCheck(ctx context.Context, h *Handle, scope Scope, calls []Call) (engine.Call, error) {
	c, err := h.settle(ctx, scope, calls)
	if err == nil && !c.From.IsZero() {
		err = h.fail(scope, errors.New("a check compares everything: for a span of time, Synchronize with DryRun and From"))
	}
	c.Strategy = strategy.Check{}
	return c, err
}

// settleLocal is settle for what asks the remote for nothing.
func (h *Handle) settleLocal(ctx context.Context, scope Scope, calls []Call) (engine.Call, error) {
	call, err := one(calls)
	if err == nil {
		err = checkScope(h, scope)
	}
	var c engine.Call
	if err == nil {
		c, err = h.declared.SettleLocal(ctx, scope.key, call)
	}
	return c, h.fail(scope, err)
}

// checkOne finds settings that are not for one record.
func checkOne(calls []Call) error {
	for _, c := range calls {
		if c.Records != nil || c.Strategy != nil || c.Commit != nil || c.DryRun || c.Stop != nil || !c.From.IsZero() || !c.Until.IsZero() {
			return errors.New("SyncOne asks for one record and writes it in one transaction: leave Records, Strategy, Commit, DryRun, Stop, From and Until out of its call")
		}
	}
	return nil
}

// apiFor and askFor give functions of a declaration their scope.
func apiFor(f func(context.Context, Scope) (remote.API, error)) func(context.Context, any) (remote.API, error) {
	if f == nil {
		return nil
	}
	return func(ctx context.Context, scope any) (remote.API, error) { return f(ctx, Scope{key: scope}) }
}

func askFor(f func(Scope) Ask) func(any) declare.Ask {
	if f == nil {
		return nil
	}
	return func(scope any) declare.Ask { return declare.Ask(f(Scope{key: scope})) }
}
