package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/report"
)

// keepRefusal keeps a removal that was refused, so that it can be approved, and
// takes out of an older one what the run has listed: it exists.
func (r *run) keepRefusal(ctx context.Context, tx backend.Tx) error {
	older, ids, err := r.m.refusal(ctx, tx, r.call.Scope)
	if err != nil {
		return err
	}
	if r.withheld != nil {
		if older != nil && sameIDs(ids, r.withheld) {
			r.result.Refused.Plan = older.Plan // whoever looks at it may still approve it
			if older.Refusal == *r.result.Refused {
				return nil
			}
		}
		return r.m.putRefusal(ctx, tx, r.call.Scope, r.result.Refused, r.withheld)
	}
	if older == nil {
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(ids), func(id backend.ID) bool { return r.tally.has(idset.Key(id)) })
	switch {
	case r.pass() && r.call.Removal.On(), len(left) == 0:
		return ledger.DropRefusal(ctx, tx, r.m.scope(r.call.Scope))
	case len(left) < len(ids):
		return r.m.putRefusal(ctx, tx, r.call.Scope, &older.Refusal, left)
	}
	return nil
}

// sameIDs compares sets.
func sameIDs(a, b []backend.ID) bool {
	if len(a) != len(b) {
		return false
	}
	in := make(map[backend.ID]bool, len(a))
	for _, id := range a {
		in[id] = true
	}
	return !slices.ContainsFunc(b, func(id backend.ID) bool { return !in[id] })
}

func (m *Model) putRefusal(ctx context.Context, tx backend.Tx, scope any, refused *report.Refusal, rows []backend.ID) error {
	texts := make([]string, len(rows))
	for i, id := range rows {
		texts[i] = id.String()
	}
	return ledger.PutRefusal(ctx, tx, m.scope(scope), ledger.Refusal{Plan: refused.Plan, Reason: refused.Reason, Of: refused.Of, IDs: texts, At: time.Now()})
}

// refusal reads the removal of a scope that was refused last, nil where there is
// none.
func (m *Model) refusal(ctx context.Context, q backend.Querier, scope any) (*report.RefusedRemoval, []backend.ID, error) {
	kept, err := ledger.RefusalOf(ctx, q, m.scope(scope))
	if err != nil || kept == nil {
		return nil, nil, err
	}
	ids := make([]backend.ID, len(kept.IDs))
	for i, text := range kept.IDs {
		if ids[i], err = m.parseID(text); err != nil {
			return nil, nil, err
		}
	}
	return &report.RefusedRemoval{Refusal: report.Refusal{Rows: len(ids), Of: kept.Of, Plan: kept.Plan, Reason: kept.Reason}, IDs: kept.IDs, At: kept.At}, ids, nil
}

// RefusedRemoval reads the removal of a scope that was refused last.
func (m *Model) RefusedRemoval(ctx context.Context, scope any) (*report.RefusedRemoval, error) {
	found, _, err := m.refusal(ctx, m.DB, scope)
	if err != nil {
		return nil, m.Fail(scope, fmt.Errorf("read the refused removal: %w", err))
	}
	return found, nil
}

// ApproveRemoval removes the rows of a removal that was refused, once.
func (m *Model) ApproveRemoval(ctx context.Context, call Call, plan string) (report.Result, error) {
	call.Given = true
	r := newRun(m, call)
	if !call.Removal.On() {
		return r.ended(ctx, r.fail(0, errors.New("removal is off: declare Remove, or give it with the call")))
	}
	return r.ended(ctx, r.fail(0, r.locked(ctx, func(ctx context.Context) error {
		return r.transact(ctx, func(tx backend.Tx) error {
			refused, ids, err := m.refusal(ctx, tx, call.Scope)
			if err != nil {
				return err
			}
			if refused == nil || refused.Plan != plan {
				return fmt.Errorf("%w: plan %q was approved, or a later run has listed its records or made another: look at RefusedRemoval", report.ErrUnknownPlan, plan)
			}
			if err := r.remove(ctx, tx, ids); err != nil {
				return fmt.Errorf("remove: %w", err)
			}
			return ledger.DropRefusal(ctx, tx, m.scope(call.Scope))
		})
	})))
}
