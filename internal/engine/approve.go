package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// keepRefusal keeps a removal that was refused, so that it can be approved. Without
// one, it takes out of an older one what the run has listed: it exists.
func keepRefusal(ctx context.Context, tx *commit.Tx, r *run, refused *report.Refusal, withheld []backend.ID) error {
	if err := settleRefusal(ctx, tx, r, refused, withheld); err != nil {
		return fmt.Errorf("note the refused removal: %w", err)
	}
	return nil
}

func settleRefusal(ctx context.Context, tx *commit.Tx, r *run, refused *report.Refusal, withheld []backend.ID) error {
	scope := r.m.Scope(r.call.Scope)
	older, err := ledger.LockRefusal(ctx, tx, scope)
	if err != nil {
		return err
	}
	if refused != nil {
		ids := texts(withheld)
		if older != nil && sameSet(older.IDs, ids) {
			refused.Plan = older.Plan // whoever looks at it may still approve it
			if older.Of == refused.Of && older.Reason == refused.Reason {
				return nil
			}
		}
		return ledger.PutRefusal(ctx, tx, scope, ledger.Refusal{Plan: refused.Plan, Reason: refused.Reason, Of: refused.Of, IDs: ids, At: time.Now()})
	}
	switch {
	case older == nil:
		return nil
	case r.kind == complete && r.call.Removal.On():
		return ledger.DropRefusal(ctx, tx, scope)
	default:
		return takeListed(ctx, tx, r, older)
	}
}

// takeListed takes out of a refused removal what the run has listed so far: it exists.
func takeListed(ctx context.Context, tx *commit.Tx, r *run, refused *ledger.Refusal) error {
	left := slices.DeleteFunc(slices.Clone(refused.IDs), func(id string) bool { return listsText(r, id) })
	switch len(left) {
	case 0:
		return ledger.DropRefusal(ctx, tx, r.m.Scope(r.call.Scope))
	case len(refused.IDs):
		return nil
	}
	refused.IDs, refused.At = left, time.Now()
	return ledger.PutRefusal(ctx, tx, r.m.Scope(r.call.Scope), *refused)
}

// waiting are the records of a refused removal that waits to be approved while a run
// is under way.
type waiting struct {
	*run
	keys map[uint64]struct{}
}

// begin finds the records that wait.
func (w *waiting) begin(ctx context.Context) error {
	refused, err := ledger.RefusalOf(ctx, w.m.DB, w.m.Scope(w.call.Scope))
	if err != nil {
		return fmt.Errorf("read the refused removal: %w", err)
	}
	if refused == nil {
		return nil
	}
	w.keys = make(map[uint64]struct{}, len(refused.IDs))
	for _, text := range refused.IDs {
		if id, err := w.m.Table.ParseID(text); err == nil {
			w.keys[idset.Key(id)] = struct{}{}
		}
	}
	return nil
}

// listed takes the records of a page out of the refused removal at once: they exist,
// whether or not the run comes to its end.
func (w *waiting) listed(ctx context.Context, p *page.Page) error {
	if !w.take(p) {
		return nil
	}
	err := w.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		refused, err := ledger.LockRefusal(ctx, tx, w.m.Scope(w.call.Scope))
		if err != nil || refused == nil {
			return err
		}
		return takeListed(ctx, tx, w.run, refused)
	})
	if err != nil {
		return fmt.Errorf("take what is listed out of the refused removal: %w", err)
	}
	return nil
}

// take reports whether a page lists records that wait, which they no longer do.
func (w *waiting) take(p *page.Page) bool {
	before := len(w.keys)
	if before == 0 {
		return false
	}
	for _, r := range p.Records {
		delete(w.keys, r.Key())
	}
	for _, key := range p.Same {
		delete(w.keys, key)
	}
	return len(w.keys) < before
}

// listsText reports whether the run listed a record, by its id as text.
func listsText(r *run, text string) bool {
	id, err := r.m.Table.ParseID(text)
	return err == nil && r.listing.Has(idset.Key(id))
}

func texts(ids []backend.ID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

// sameSet compares sets.
func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	in := make(map[string]bool, len(a))
	for _, id := range a {
		in[id] = true
	}
	return !slices.ContainsFunc(b, func(id string) bool { return !in[id] })
}

// RefusedRemoval reads the removal of a scope that was refused last, nil where there
// is none.
func RefusedRemoval(ctx context.Context, m *model.Model, scope any) (*report.RefusedRemoval, error) {
	found, err := ledger.RefusalOf(ctx, m.DB, m.Scope(scope))
	if err != nil {
		return nil, m.Fail(scope, fmt.Errorf("read the refused removal: %w", err))
	}
	if found == nil {
		return nil, nil
	}
	return &report.RefusedRemoval{
		Refusal: report.Refusal{Rows: len(found.IDs), Of: found.Of, Reason: found.Reason, Plan: found.Plan}, IDs: found.IDs, At: found.At,
	}, nil
}

// ApproveRemoval removes the rows of a removal that was refused, once.
func ApproveRemoval(ctx context.Context, m *model.Model, call Call, plan string) (report.Result, error) {
	r := newRun(m, call)
	if !call.Removal.On() {
		return r.ended(ctx, r.fail(0, errors.New("removal is off: declare Remove, or give it with the call")))
	}
	return r.ended(ctx, r.fail(0, r.locked(ctx, func(ctx context.Context) error {
		return r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error { return approve(ctx, tx, r, plan) })
	})))
}

func approve(ctx context.Context, tx *commit.Tx, r *run, plan string) error {
	scope := r.m.Scope(r.call.Scope)
	if _, err := ledger.LastRun(ctx, tx, scope); err != nil { // whoever lists a record has taken it out
		return err
	}
	refused, err := ledger.LockRefusal(ctx, tx, scope)
	if err != nil {
		return err
	}
	if refused == nil || refused.Plan != plan {
		return fmt.Errorf("%w: plan %q was approved, or a later run has listed its records or made another: look at RefusedRemoval", report.ErrUnknownPlan, plan)
	}
	ids := make([]backend.ID, len(refused.IDs))
	for i, text := range refused.IDs {
		if ids[i], err = r.m.Table.ParseID(text); err != nil {
			return &model.RecordError{Record: text, Err: err}
		}
	}
	if err := r.writer.Remove(ctx, tx, ids); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return ledger.DropRefusal(ctx, tx, scope)
}
