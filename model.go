package synced

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Model is a declaration bound to a database. It is safe for concurrent use, as
// its database is.
type Model[T any] struct {
	declared Synced[T]
	engine   *engine.Model
	schema   string
	// cancelable says that the table has a column canceled_at.
	cancelable bool
}

// Synchronize brings the rows of a scope in step with the remote, by the
// declared strategy. At most one call may be given, to override the declaration.
//
// The error is an [*Error]; errors.Is and errors.As find what it wraps: the
// sentinels of this package, *remote.Error, *mapper.FieldError, the context's.
// The result is right also then: it counts what was committed.
func (m *Model[T]) Synchronize(ctx context.Context, scope Scope, call ...Call) (Result, error) {
	c, err := m.settle(ctx, scope, call)
	if err != nil {
		return Result{}, m.engine.Fail(scope.value, err)
	}
	return m.engine.Run(ctx, c)
}

// Check compares the rows of a scope with everything that the remote lists, and
// writes nothing. It compares the columns themselves, so that it finds what was
// edited locally. What a check costs is in the result of Synchronize with
// strategy.Check{}, which is the same run.
func (m *Model[T]) Check(ctx context.Context, scope Scope, call ...Call) (*Diff, error) {
	c, err := m.settle(ctx, scope, call)
	if err != nil {
		return nil, m.engine.Fail(scope.value, err)
	}
	c.Strategy = strategy.Check{}
	result, err := m.engine.Run(ctx, c)
	return result.Diff, err
}

// Differences is [Model.Check] without the list: it yields what it finds as it
// finds it, so that nothing is held in memory. A record that the remote lists
// twice may be yielded twice; the last one counts.
func (m *Model[T]) Differences(ctx context.Context, scope Scope, call ...Call) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c, err := m.settle(ctx, scope, call)
		if err != nil {
			yield(Difference{}, m.engine.Fail(scope.value, err))
			return
		}
		c.Strategy = strategy.Check{}
		m.engine.Differences(ctx, c)(yield)
	}
}

// Apply does what a diff says is to be done, in one transaction and without
// asking the remote: missing and changed objects are written as the diff has
// them, additional rows are removed as declared or as the call says. [ErrStale]
// says that a row is not as it was when the diff was made; nothing is written
// then. A diff may come from JSON.
func (m *Model[T]) Apply(ctx context.Context, scope Scope, diff *Diff, call ...Call) (Result, error) {
	c, _, err := m.settleLocal(scope, call)
	if err != nil {
		return Result{}, m.engine.Fail(scope.value, err)
	}
	return m.engine.Apply(ctx, c, diff)
}

// Reset makes the next run of a scope ask for everything; with [NoScope], the
// next run of every scope of this model. An API that is asked conditionally (see
// remote.Config.Conditional) then has to list it as well. [ErrNothingToReset]
// says that the next run does so anyway.
func (m *Model[T]) Reset(ctx context.Context, scope Scope) error {
	scope, err := m.checkReading(scope)
	if err != nil {
		return m.engine.Fail(scope.value, err)
	}
	return m.engine.Reset(ctx, scope.value)
}

// Find reads the row with a remote id: an integer, a string or a UUID, as the
// model's ids are. [ErrNotFound] says that there is none. With [NoScope], the
// row may be in any scope.
func (m *Model[T]) Find(ctx context.Context, scope Scope, remoteID any) (T, error) {
	var row T
	scope, err := m.checkReading(scope)
	var id store.ID
	if err == nil {
		id, err = m.id(remoteID)
	}
	if err != nil {
		return row, m.engine.Fail(scope.value, err)
	}
	found, err := m.engine.Find(ctx, scope.value, id)
	if err == nil {
		row = *found.(*T)
	}
	return row, err
}

// All reads the rows of a scope in the order of their remote ids, cancelled ones
// included; with [NoScope], those of the table. A connection is held until the
// sequence ends or is left; rows with translations are read 500 at a time.
func (m *Model[T]) All(ctx context.Context, scope Scope) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		scope, err := m.checkReading(scope)
		if err != nil {
			yield(none, m.engine.Fail(scope.value, err))
			return
		}
		for row, err := range m.engine.All(ctx, scope.value) {
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(*row.(*T), nil) {
				return
			}
		}
	}
}

// Schema is the DDL that fits the declaration: the table, its unique index, and
// the trigger that guards the fingerprints. Every statement may be run again.
func (m *Model[T]) Schema() string { return m.schema }

// checkReading is checkScope, but lets every scope be read at once.
func (m *Model[T]) checkReading(scope Scope) (Scope, error) {
	if scope.err == nil && scope.value == nil {
		return scope, nil
	}
	return m.checkScope(scope)
}

// id makes a remote id of what the caller has.
func (m *Model[T]) id(remoteID any) (store.ID, error) {
	value, err := plainKey(remoteID)
	if err != nil {
		return store.ID{}, fmt.Errorf("remote id: %w", err)
	}
	kind := m.engine.Table.IDKind
	if !fits(value, kind) {
		return store.ID{}, fmt.Errorf("remote id %v is a %T, but the model's remote id is %s", remoteID, remoteID, kindName(kind))
	}
	if n, ok := value.(int64); ok {
		return store.IntID(n), nil
	}
	text := value.(string)
	if kind == store.UUID {
		parsed, err := uuid.Parse(text)
		if err != nil {
			return store.ID{}, fmt.Errorf("remote id %q is not a UUID", text)
		}
		text = parsed.String()
	}
	return store.TextID(text), nil
}
