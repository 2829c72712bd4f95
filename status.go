package synced

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/store"
)

// Stale yields the scopes of all models whose last success (see [Freshness]) began
// longer ago than maxAge, or that have had none: those first, then the oldest. With a
// maxAge of 0, it yields every scope. It is for health checks and status pages, and
// reads what runs have noted: a scope that has never run is not known here, and one that
// the service no longer has stays, so skip what is not yours.
//
// It is one query for each 1,000 scopes and two more, and no connection is held while the loop's body
// runs. An error is yielded once, last.
func Stale(ctx context.Context, db store.Store, maxAge time.Duration) iter.Seq2[ScopeFreshness, error] {
	return func(yield func(ScopeFreshness, error) bool) {
		b, err := backend.Of(db)
		if err != nil {
			yield(ScopeFreshness{}, fmt.Errorf("synced: %w", err))
			return
		}
		for f, err := range engine.Stale(ctx, b, time.Now().Add(-maxAge)) {
			if err != nil {
				err = fmt.Errorf("synced: %w", err)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// QuarantineSizes returns how many records are in quarantine, of all scopes, by the model's
// table, for metrics and status pages. Models without any are not in the map. It is one
// query. [Handle.Quarantined] yields the records themselves.
func QuarantineSizes(ctx context.Context, db store.Store) (map[string]int, error) {
	b, err := backend.Of(db)
	if err != nil {
		return nil, fmt.Errorf("synced: %w", err)
	}
	sizes, err := engine.QuarantineSizes(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("synced: %w", err)
	}
	return sizes, nil
}

// Freshness tells how the runs of a scope went: the last attempt, the last success,
// the last complete pass, and when to come back where the remote has said so. With
// [NoScope], it tells of all scopes of the model that have ever run: each time is that
// of the least fresh one, NotBefore the latest, and Error is that of one of them, with
// its name.
//
// Of a model that is listed for each parent, it tells of the runs of all parents of a
// scope, or of one parent.
func (h *Handle) Freshness(ctx context.Context, scope Scope) (Freshness, error) {
	if h.declared.ByParent() {
		return freshnessEach(ctx, h, scope)
	}
	key, err := h.anyScope(scope)
	if err != nil {
		return Freshness{}, err
	}
	return engine.Freshness(ctx, h.model, key)
}

// freshnessEach is Freshness of a model that is listed for each parent.
func freshnessEach(ctx context.Context, h *Handle, scope Scope) (Freshness, error) {
	if scope.parent {
		key, err := h.scope(scope)
		if err != nil {
			return Freshness{}, err
		}
		return engine.FreshnessOfParent(ctx, h.model, key)
	}
	root, err := scope.key, scope.err
	if err == nil && scope.key != nil {
		root, err = h.declared.Root(scope.key)
	}
	if err != nil {
		return Freshness{}, h.fail(scope, err)
	}
	return engine.Freshness(ctx, h.model.Whole(), root)
}

// Fresh reports whether a run of the scope that ended well began at most maxAge ago;
// with [NoScope], one of each scope that has ever run.
func (h *Handle) Fresh(ctx context.Context, scope Scope, maxAge time.Duration) (bool, error) {
	f, err := h.Freshness(ctx, scope)
	return err == nil && !f.LastSuccess.IsZero() && time.Since(f.LastSuccess) <= maxAge, err
}

// Quarantined yields the records of a scope that are in quarantine, oldest first;
// with [NoScope], those of every scope.
func (h *Handle) Quarantined(ctx context.Context, scope Scope) iter.Seq2[QuarantinedRecord, error] {
	return func(yield func(QuarantinedRecord, error) bool) {
		key, err := h.anyScope(scope)
		if err != nil {
			yield(QuarantinedRecord{}, err)
			return
		}
		engine.Quarantined(ctx, h.model, key)(yield)
	}
}

// DropQuarantined takes records out of quarantine, by their remote ids (see [Model.Find]),
// and returns how many were there. They are lost with that: no run tries them again until
// the remote lists them once more, as changed or in a complete run. Nothing becomes of their
// rows. A record that a run puts there at the same time stays.
func (h *Handle) DropQuarantined(ctx context.Context, scope Scope, remoteIDs ...any) (int, error) {
	key, err := h.scope(scope)
	if err != nil {
		return 0, err
	}
	ids := make([]backend.ID, len(remoteIDs))
	for i, remoteID := range remoteIDs {
		if ids[i], err = h.declared.ID(remoteID); err != nil {
			return 0, h.fail(scope, err)
		}
	}
	return engine.DropQuarantined(ctx, h.model, key, ids)
}

// RefusedRemovals yields the refused removals of every scope of the model, or of every
// parent where it is listed for each. An error is yielded once, last. No connection is held
// while the loop's body runs.
func (h *Handle) RefusedRemovals(ctx context.Context) iter.Seq2[RefusedRemoval, error] {
	return engine.RefusedRemovals(ctx, h.model)
}

// RefusedRemoval returns the last refused removal of a scope (see Result.Refused),
// nil if there is none. A complete run that removes what it should, or refuses
// again, takes its place.
func (h *Handle) RefusedRemoval(ctx context.Context, scope Scope) (*RefusedRemoval, error) {
	key, err := h.scope(scope)
	if err != nil {
		return nil, err
	}
	return engine.RefusedRemoval(ctx, h.model, key)
}

// ApproveRemoval removes the rows of a refused removal, by the plan that
// Result.Refused names, once: as declared, or as the call says, in one
// transaction. Rows whose records a run has listed since stay. If the plan is no
// longer the last one, it returns [ErrUnknownPlan].
func (h *Handle) ApproveRemoval(ctx context.Context, scope Scope, plan string, call ...Call) (Result, error) {
	c, err := h.settleLocal(ctx, scope, call)
	if err != nil {
		return Result{}, err
	}
	return engine.ApproveRemoval(ctx, h.model, c, plan)
}

// NeedsRemap reports whether the table has a row with a stored object that another
// declaration has mapped, or none: a scope without any fingerprint has the objects of
// what kept the table before. It reads the fingerprints of the whole table, which takes
// seconds for a million rows where there is no such row. Canceled rows and those that were edited locally have
// no fingerprint, and are not among them; nor are rows without an object.
func (h *Handle) NeedsRemap(ctx context.Context) (bool, error) {
	needs, err := engine.NeedsRemap(ctx, h.model, 0)
	return needs, h.fail(NoScope, err)
}
