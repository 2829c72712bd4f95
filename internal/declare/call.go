package declare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

// Call is a synced.Call: what overrides the declaration for one run. What is zero,
// the declaration decides.
type Call struct {
	API          remote.API
	Records      []remote.Object
	Ask          Ask
	Strategy     strategy.Strategy
	Remove       Removal
	Commit       *Commit
	DryRun       bool
	Wait         time.Duration
	Stop         <-chan struct{}
	Changes      int
	AllowRemoval bool
	From, Until  time.Time
	// Err is a mistake that was found before.
	Err error
}

// check finds mistakes that the call shows by itself.
func (c *Call) check() error {
	switch {
	case c.Err != nil:
		return c.Err
	case c.API != nil && IsNil(c.API):
		return fmt.Errorf("the call's API is a nil %T: make it, or leave it out", c.API)
	case c.Strategy != nil && IsNil(c.Strategy):
		return fmt.Errorf("the call's Strategy is a nil %T: use strategy.UpdatedSince, Position, Full or Check as a value", c.Strategy)
	case c.Wait < 0:
		return fmt.Errorf("the call's Wait is %s: give 0 or more", c.Wait)
	case c.Changes < 0:
		return fmt.Errorf("the call's Changes is %d: give 0 or more", c.Changes)
	}
	if err := c.checkSpan(); err != nil || c.Strategy == nil {
		return err
	}
	return model.CheckStrategy(c.Strategy)
}

// checkSpan finds mistakes in the span of time that the call asks for.
func (c *Call) checkSpan() error {
	switch {
	case c.From.IsZero() && c.Until.IsZero():
		return nil
	case c.From.IsZero():
		return errors.New("the call has Until without From: give both")
	case !c.Until.IsZero() && !c.Until.After(c.From):
		return fmt.Errorf("the call's Until, %s, is not after From, %s", c.Until.Format(time.RFC3339), c.From.Format(time.RFC3339))
	case c.Records != nil:
		return errors.New("the call has Records, and From, which asks for some: leave one out")
	case c.Remove.Kind != model.Undecided:
		return errors.New("a call with From removes nothing: leave Remove out")
	}
	return nil
}

// Settle makes of scope, declaration and call what a run does.
func (b *Bound) Settle(ctx context.Context, scope any, call Call) (engine.Call, error) {
	c, err := b.local(scope, call)
	if err == nil {
		err = b.checkOrphan()
	}
	switch {
	case err != nil:
		return c, err
	case b.ByParent():
		return b.under(ctx, c, call, !c.Given)
	case c.Given:
		return c, nil
	}
	return b.ask(ctx, c, scope, call)
}

// checkOrphan finds a column that would stay empty. It shows only when the model runs
// by itself: the parent that nests its records may be declared after it.
func (b *Bound) checkOrphan() error {
	column := b.Model.Orphan()
	if column == "" {
		return nil
	}
	name, _, _ := b.Model.Plan.Field(column)
	return fmt.Errorf("field %s: nothing fills column %q, which is for the key of a parent: declare BelongsTo with it, or the HasMany or HasOne of the parent first", name, column)
}

// SettleLocal is Settle for what asks the remote for nothing.
func (b *Bound) SettleLocal(ctx context.Context, scope any, call Call) (engine.Call, error) {
	c, err := b.local(scope, call)
	if err == nil && b.ByParent() {
		return b.under(ctx, c, call, false)
	}
	return c, err
}

// local settles what needs neither the remote nor the database.
func (b *Bound) local(scope any, call Call) (engine.Call, error) {
	key, err := b.Scope(scope)
	if err != nil {
		return engine.Call{}, err
	}
	return b.settled(key, call)
}

// settled makes of declaration and call what a run of a scope does.
func (b *Bound) settled(scope any, call Call) (engine.Call, error) {
	c := engine.Call{
		Scope:        scope,
		Strategy:     b.declared.Strategy,
		Records:      b.Model.Redactor.Objects(call.Records),
		Given:        call.Records != nil,
		From:         call.From,
		Until:        call.Until,
		Filtered:     call.Ask.Query != nil || !call.From.IsZero(),
		DryRun:       call.DryRun,
		AllowRemoval: call.AllowRemoval,
		Wait:         call.Wait,
		Stop:         call.Stop,
		Changes:      call.Changes,
		Atomic:       b.declared.Commit.Atomic,
		Checkpoint:   b.declared.Commit.Checkpoint,
	}
	if err := call.check(); err != nil {
		return c, err
	}
	if call.Strategy != nil {
		c.Strategy = call.Strategy
	}
	if b.Model.Plan.ByContent() {
		if err := checkWhole(c.Strategy); err != nil {
			return c, err
		}
	}
	if c.Given {
		c.Strategy = strategy.Full{}
	}
	if call.Commit != nil {
		c.Atomic, c.Checkpoint = call.Commit.Atomic, cmp.Or(call.Commit.Checkpoint, c.Checkpoint)
	}
	if !c.From.IsZero() {
		c.Removal = model.Removal{Kind: model.Keep}
		return c, checkAskable(c.Strategy)
	}
	var err error
	c.Removal, err = b.removal(call.Remove)
	return c, err
}

// checkAskable finds strategies that don't ask from a time.
func checkAskable(s strategy.Strategy) error {
	if !model.AsksSince(s) {
		return fmt.Errorf("the call has From, and strategy %s asks from no time: use strategy.UpdatedSince", s)
	}
	return nil
}

// request is what to ask the remote for: what the call says, or else the scope, or
// else the declaration.
func (b *Bound) request(scope any, call Call) (remote.Request, error) {
	d := b.declared
	ask := call.Ask
	if d.AskFor != nil {
		ask = ask.or(d.AskFor(scope))
	}
	ask = ask.or(d.Ask)
	include := slices.Clone(ask.Include)
	for _, a := range d.Associations {
		if !slices.Contains(include, a.Attribute) {
			include = append(include, a.Attribute)
		}
	}
	r := remote.Request{Endpoint: d.Endpoint, Query: ask.Query, Fields: ask.Fields, Include: include}
	return r, checkFields(r.Fields, b.Model.Plan.RemoteNames())
}

// api finds whom to ask, and has it redact what it lists.
func (b *Bound) api(ctx context.Context, scope any, call Call) (remote.API, error) {
	api, err := b.asked(ctx, scope, call)
	return b.Model.Redactor.API(api), err
}

// asked finds whom to ask: the call's, the scope's, the declaration's.
func (b *Bound) asked(ctx context.Context, scope any, call Call) (remote.API, error) {
	if call.API != nil {
		return call.API, nil
	}
	if b.declared.APIFor != nil {
		api, err := b.declared.APIFor(ctx, scope)
		if err != nil {
			return nil, fmt.Errorf("APIFor: %w", err)
		}
		if !IsNil(api) {
			return api, nil
		}
	}
	if b.declared.API != nil {
		return b.declared.API, nil
	}
	return nil, report.ErrNoAPI
}
