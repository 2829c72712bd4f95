package synced

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
)

// Handle is a [Model] whose row type is not known: what schedules, command lines
// and status pages hold. Each model has one, in its field Handle. It is safe for
// concurrent use.
type Handle struct {
	declared *declare.Bound
	model    *model.Model
}

func handle(bound *declare.Bound, err error) (*Handle, error) {
	if err != nil {
		return nil, err
	}
	return &Handle{declared: bound, model: bound.Model}, nil
}

// Name returns the name of the model's table, as declared.
func (h *Handle) Name() string { return h.model.Table.Name }

// Parents returns the names of the models whose rows this one's belong to, and which
// therefore run before it: the one that it is listed for each row of (see [Each]), and
// those of BelongsTo.
func (h *Handle) Parents() []string {
	var names []string
	if parent := h.declared.ParentOf(); parent != nil {
		names = append(names, parent.Model.Table.Name)
	}
	for _, p := range h.model.Parents {
		if name := p.Model.Table.Name; name != h.Name() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// PerParent reports whether the model is listed for each row of another (see [Each]): then
// [InParent] makes the scope of one.
func (h *Handle) PerParent() bool { return h.declared.ByParent() }

// Synchronize brings the rows of a scope in step with the remote, by the
// declared strategy. At most one call may be given, to override the declaration.
//
// The error is an [*Error]; errors.Is and errors.As find what it wraps: the
// sentinels of this package, *remote.Error, *mapper.FieldError, the context's.
// The result is valid even if err is not nil: it counts what was committed.
//
// A model that is listed for each parent (see [Each]) goes through all parents of the
// scope, or runs one with [InParent].
func (h *Handle) Synchronize(ctx context.Context, scope Scope, call ...Call) (Result, error) {
	if h.declared.ByParent() && !scope.parent {
		c, err := settleEach(ctx, h, scope, call)
		if err != nil {
			return Result{}, engine.Unbegun(ctx, h.model, "Synchronize", scope.key, err)
		}
		return engine.Each(ctx, h.model, c)
	}
	c, err := h.settle(ctx, scope, call)
	if err != nil {
		return Result{}, engine.Unbegun(ctx, h.model, "Synchronize", scope.key, err)
	}
	return engine.Run(ctx, h.model, c)
}

// SyncOne brings the row of one record in step, as after a webhook: it asks the
// API for the record by its remote id, as a webhook has it (see [Model.Find]),
// and creates, updates or restores the row as a run would, with its associations
// and translations, OnChange and Outbox, in one transaction that begins when the
// answer is here. If the remote has no such record (404 or 410), or calls it
// deleted (Tombstone), its row is removed as Remove says; KeepRows leaves it.
// Result.Gone tells. The API is a [remote.Getter], as rest.Client is.
//
// The call's Query makes a missing record no proof: its row is removed only with
// AllowRemoval. Records, Strategy, Commit and DryRun are no part of such a call.
//
// It takes no lock and leaves the stored time alone, so that it may run beside
// other runs of the scope, and beside itself. A run or an unfinished pass does not
// take its record for absent, and keeps no validator. Beside a run:
//
//   - A page that was received before, and is written after, holds an older
//     record. With Version declared it does not win. Without, it does until the
//     next run, which lists the record as changed since. Nested records and
//     translations of a row that such a page found unchanged, and that was changed
//     while the page was being written (on PostgreSQL), are put right by the next
//     run that lists the record.
//   - A row that was removed here comes back with such a page, until the next run
//     in which the remote tells that the record is gone.
func (h *Handle) SyncOne(ctx context.Context, scope Scope, remoteID any, call ...Call) (Result, error) {
	_, err := h.scope(scope)
	var id backend.ID
	if err == nil {
		if id, err = h.declared.ID(remoteID); err == nil {
			err = checkOne(call)
		}
		err = h.fail(scope, err)
	}
	var c engine.Call
	if err == nil {
		c, err = h.settle(ctx, scope, call)
	}
	if err != nil {
		return Result{}, engine.Unbegun(ctx, h.model, "SyncOne", scope.key, err)
	}
	return engine.One(ctx, h.model, c, id)
}

// Check compares the rows of a scope with everything that the remote lists, and
// writes nothing. It compares the columns themselves, so that it finds what was
// edited locally. What a check costs is in the result of Synchronize with
// strategy.Check{}, which is the same run.
func (h *Handle) Check(ctx context.Context, scope Scope, call ...Call) (*Diff, error) {
	c, err := settleCheck(ctx, h, scope, call)
	if err != nil {
		return nil, engine.Unbegun(ctx, h.model, "Check", scope.key, err)
	}
	result, err := engine.Run(ctx, h.model, c)
	return result.Diff, err
}

// Differences is [Handle.Check] without the list: it yields what it finds as it
// finds it, so that nothing is held in memory. A record that the remote lists
// twice may be yielded twice; the last one counts.
func (h *Handle) Differences(ctx context.Context, scope Scope, call ...Call) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c, err := settleCheck(ctx, h, scope, call)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		engine.Differences(ctx, h.model, c)(yield)
	}
}

// Apply does what a diff says, in one transaction and without asking the remote.
// Like a run, it is alone in its scope: [ErrRunning], unless the call has a Wait.
// Missing and changed objects are written as the diff has them, additional rows are
// removed as declared or as the call says. If a row is not as it was when the diff
// was made, Apply writes nothing and returns [ErrStale]. A diff may come from JSON.
//
// Removals obey the guards of a run: where the remote listed nothing, the diff has a
// Doubt, or more than the removal's Limit of the scope would go, the rows stay and
// Result.Refused says why, unless the call says AllowRemoval. What the remote itself
// calls deleted is removed in any case.
func (h *Handle) Apply(ctx context.Context, scope Scope, diff *Diff, call ...Call) (Result, error) {
	c, err := h.settleLocal(ctx, scope, call)
	if err != nil {
		return Result{}, err
	}
	return engine.Apply(ctx, h.model, c, diff)
}

// Reset makes the next run of a scope ask for everything; with [NoScope], the
// next run of every scope of this model. An API that is asked conditionally (see
// rest.Config.Conditional) then lists everything too. If the next run does so
// anyway, Reset returns [ErrNothingToReset].
//
// It takes no lock. A run that is under way comes to its end, but stores no time and
// leaves nothing to resume. Reset waits for that run's last transaction, so don't call
// it from the model's own OnChange.
//
// Of a model that is listed for each parent, it resets all parents of the scope, or one.
func (h *Handle) Reset(ctx context.Context, scope Scope) error {
	if h.declared.ByParent() && !scope.parent && scope.key != nil {
		root, err := h.declared.Root(scope.key)
		if err != nil {
			return h.fail(scope, err)
		}
		return engine.ResetEach(ctx, h.model, root)
	}
	key, err := h.anyScope(scope)
	if err != nil {
		return err
	}
	return engine.Reset(ctx, h.model, key)
}

// Remap maps the stored objects of a scope again, without asking the remote: after
// the declaration has gained an attribute, or MapVersion has changed. With
// [NoScope], it does so for every scope of the model.
//
// It takes no lock, and may go beside other calls: the rows of each transaction are
// locked until it ends.
//
// Rows that this declaration has mapped are not looked at, nor counted. Each 500
// rows are mapped and written in their own transaction, with what OnChange and
// Outbox do; what is committed stays, so that the next call resumes where one
// ended. Canceled rows stay canceled, and are told as [Removed]; children keep their
// parents, and rows without a stored object, and the models of Associations, are left
// alone. A record that can't be mapped is an error.
func (h *Handle) Remap(ctx context.Context, scope Scope) (Result, error) {
	key, err := h.anyScope(scope)
	if err != nil {
		return Result{}, err
	}
	return engine.Remap(ctx, h.model, key)
}

// fail puts an error, where there is one, into the path of model and scope.
func (h *Handle) fail(scope Scope, err error) error {
	if err == nil {
		return nil
	}
	if h.declared.ByParent() && !scope.parent {
		return h.model.Whole().Fail(scope.key, err)
	}
	return h.model.Fail(scope.key, err)
}

// checkScope finds a scope that stands for all parents where it must be one.
func checkScope(h *Handle, scope Scope) error {
	if scope.err == nil && scope.key != nil && !scope.parent && h.declared.ByParent() {
		return errors.New("the model is listed for each parent, and this is of one: pass synced.InParent(…) with the local key of its row")
	}
	return scope.err
}

// scope returns the key of a scope that the model can have.
func (h *Handle) scope(scope Scope) (any, error) {
	if err := checkScope(h, scope); err != nil {
		return nil, h.fail(scope, err)
	}
	key, err := h.declared.Scope(scope.key)
	return key, h.fail(scope, err)
}

// anyScope is scope, but lets NoScope stand for every scope.
func (h *Handle) anyScope(scope Scope) (any, error) {
	if scope == NoScope {
		return nil, nil
	}
	return h.scope(scope)
}

func find(ctx context.Context, h *Handle, scope Scope, remoteID any) (any, error) {
	key, err := h.anyScope(scope)
	if err != nil {
		return nil, err
	}
	id, err := h.declared.ID(remoteID)
	if err != nil {
		return nil, h.fail(scope, err)
	}
	return engine.Find(ctx, h.model, key, id)
}

func all(ctx context.Context, h *Handle, scope Scope) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		key, err := h.anyScope(scope)
		if err != nil {
			yield(nil, err)
			return
		}
		engine.All(ctx, h.model, key)(yield)
	}
}
