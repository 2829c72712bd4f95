package synced

import (
	"context"
	"time"

	"github.com/syncedgo/synced/internal/engine"
)

// Freshness tells how the runs of a scope went: the last attempt, the last
// success, the last complete pass, and when to come back where the remote has
// said so.
func (h *Handle) Freshness(ctx context.Context, scope Scope) (Freshness, error) {
	scope, err := h.checkScope(scope)
	if err != nil {
		return Freshness{}, h.engine.Fail(scope.value, err)
	}
	return engine.Freshness(ctx, h.engine, scope.value)
}

// Fresh says whether a run of the scope that ended well began at most maxAge ago.
func (h *Handle) Fresh(ctx context.Context, scope Scope, maxAge time.Duration) (bool, error) {
	f, err := h.Freshness(ctx, scope)
	return err == nil && !f.LastSuccess.IsZero() && time.Since(f.LastSuccess) <= maxAge, err
}

// RefusedRemoval reads the removal of a scope that was refused last (see
// Result.Refused), nil where there is none: a complete run that removes what it
// should, or refuses again, takes its place.
func (h *Handle) RefusedRemoval(ctx context.Context, scope Scope) (*RefusedRemoval, error) {
	scope, err := h.checkScope(scope)
	if err != nil {
		return nil, h.engine.Fail(scope.value, err)
	}
	return engine.RefusedRemoval(ctx, h.engine, scope.value)
}

// ApproveRemoval removes the rows of a refused removal, by the plan that
// Result.Refused names, once: as declared, or as the call says, in one
// transaction. Rows whose records a run has listed since stay. [ErrUnknownPlan]
// says that the plan is not the last one any more.
func (h *Handle) ApproveRemoval(ctx context.Context, scope Scope, plan string, call ...Call) (Result, error) {
	c, _, err := h.settleLocal(scope, call)
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	return engine.ApproveRemoval(ctx, h.engine, c, plan)
}
