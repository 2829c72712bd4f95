package synced

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/strategy"
)

// Handle is a [Model] whose row type is not known: what schedules, command lines
// and status pages hold. Each model has one, in its field Handle. It is safe for
// concurrent use.
type Handle struct {
	declared *declared
	engine   *model.Model
	schema   string
	// cancelable reports whether the table has a column canceled_at.
	cancelable bool
}

// Name returns the name of the model's table, as declared.
func (h *Handle) Name() string { return h.declared.Table }

// Synchronize brings the rows of a scope in step with the remote, by the
// declared strategy. At most one call may be given, to override the declaration.
//
// The error is an [*Error]; errors.Is and errors.As find what it wraps: the
// sentinels of this package, *remote.Error, *mapper.FieldError, the context's.
// The result is right also then: it counts what was committed.
func (h *Handle) Synchronize(ctx context.Context, scope Scope, call ...Call) (Result, error) {
	c, err := h.settle(ctx, scope, call)
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	return engine.Run(ctx, h.engine, c)
}

// Check compares the rows of a scope with everything that the remote lists, and
// writes nothing. It compares the columns themselves, so that it finds what was
// edited locally. What a check costs is in the result of Synchronize with
// strategy.Check{}, which is the same run.
func (h *Handle) Check(ctx context.Context, scope Scope, call ...Call) (*Diff, error) {
	c, err := h.settle(ctx, scope, call)
	if err != nil {
		return nil, h.engine.Fail(scope.value, err)
	}
	c.Strategy = strategy.Check{}
	result, err := engine.Run(ctx, h.engine, c)
	return result.Diff, err
}

// Differences is [Handle.Check] without the list: it yields what it finds as it
// finds it, so that nothing is held in memory. A record that the remote lists
// twice may be yielded twice; the last one counts.
func (h *Handle) Differences(ctx context.Context, scope Scope, call ...Call) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c, err := h.settle(ctx, scope, call)
		if err != nil {
			yield(Difference{}, h.engine.Fail(scope.value, err))
			return
		}
		c.Strategy = strategy.Check{}
		engine.Differences(ctx, h.engine, c)(yield)
	}
}

// Apply does what a diff says is to be done, in one transaction and without
// asking the remote: missing and changed objects are written as the diff has
// them, additional rows are removed as declared or as the call says. [ErrStale]
// says that a row is not as it was when the diff was made; nothing is written
// then. A diff may come from JSON.
func (h *Handle) Apply(ctx context.Context, scope Scope, diff *Diff, call ...Call) (Result, error) {
	c, _, err := h.settleLocal(scope, call)
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	return engine.Apply(ctx, h.engine, c, diff)
}

// Reset makes the next run of a scope ask for everything; with [NoScope], the
// next run of every scope of this model. An API that is asked conditionally (see
// rest.Config.Conditional) then has to list it as well. [ErrNothingToReset]
// says that the next run does so anyway.
func (h *Handle) Reset(ctx context.Context, scope Scope) error {
	scope, err := h.checkReading(scope)
	if err != nil {
		return h.engine.Fail(scope.value, err)
	}
	return engine.Reset(ctx, h.engine, scope.value)
}

// Schema is the DDL that fits the declaration: the table, its unique index, and
// the trigger that guards the fingerprints. Every statement may be run again.
func (h *Handle) Schema() string { return h.schema }

// checkReading is checkScope, but lets every scope be read at once.
func (h *Handle) checkReading(scope Scope) (Scope, error) {
	if scope.err == nil && scope.value == nil {
		return scope, nil
	}
	return h.checkScope(scope)
}

// id makes a remote id of what the caller has.
func (h *Handle) id(remoteID any) (backend.ID, error) {
	value, err := plainKey(remoteID)
	if err != nil {
		return backend.ID{}, fmt.Errorf("remote id: %w", err)
	}
	kind := h.engine.Table.IDKind
	if !fits(value, kind) {
		return backend.ID{}, fmt.Errorf("remote id %v is a %T, but the model's remote id is %s", remoteID, remoteID, kindName(kind))
	}
	if n, ok := value.(int64); ok {
		return backend.IntID(n), nil
	}
	text := value.(string)
	if kind == backend.UUID {
		parsed, err := uuid.Parse(text)
		if err != nil {
			return backend.ID{}, fmt.Errorf("remote id %q is not a UUID", text)
		}
		text = parsed.String()
	}
	return backend.TextID(text), nil
}

func (h *Handle) find(ctx context.Context, scope Scope, remoteID any) (any, error) {
	scope, err := h.checkReading(scope)
	var id backend.ID
	if err == nil {
		id, err = h.id(remoteID)
	}
	if err != nil {
		return nil, h.engine.Fail(scope.value, err)
	}
	return engine.Find(ctx, h.engine, scope.value, id)
}

func (h *Handle) all(ctx context.Context, scope Scope) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		scope, err := h.checkReading(scope)
		if err != nil {
			yield(nil, h.engine.Fail(scope.value, err))
			return
		}
		engine.All(ctx, h.engine, scope.value)(yield)
	}
}
