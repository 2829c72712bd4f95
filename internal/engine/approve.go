package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
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

// keepRefusal keeps a removal that was refused, so that it can be approved. A complete
// run without one drops an older one: it has made up its mind. What other runs list,
// they take out of it page by page.
func keepRefusal(ctx context.Context, tx *commit.Tx, r *run, refused *report.Refusal, withheld []backend.ID) error {
	if err := settleRefusal(ctx, tx, r, refused, withheld); err != nil {
		return fmt.Errorf("note the refused removal: %w", err)
	}
	return nil
}

func settleRefusal(ctx context.Context, tx *commit.Tx, r *run, refused *report.Refusal, withheld []backend.ID) error {
	if refused == nil && (r.kind != complete || !r.call.Removal.On()) {
		return nil
	}
	scope := r.m.Scope(r.call.Scope)
	older, err := ledger.LockRefusal(ctx, tx, scope)
	switch {
	case err != nil:
		return err
	case refused == nil && older == nil:
		return nil
	case refused == nil:
		return ledger.DropRefusal(ctx, tx, scope)
	}
	changed, err := ledger.PutRefused(ctx, tx, scope, withheld)
	if err != nil {
		return err
	}
	if older != nil && !changed {
		refused.Plan = older.Plan // whoever looks at it may still approve it
		if older.Of == refused.Of && older.Reason == refused.Reason {
			return nil
		}
	}
	return ledger.PutRefusal(ctx, tx, scope, ledger.Refusal{Plan: refused.Plan, Reason: refused.Reason, Of: refused.Of, At: time.Now()})
}

// takeListed takes records that exist out of a refused removal, and reports whether
// others are left in it.
func takeListed(ctx context.Context, tx *commit.Tx, m *model.Model, scope any, keys []uint64) (left bool, err error) {
	if left, err = ledger.TakeRefused(ctx, tx, m.Scope(scope), keys); err != nil {
		return false, fmt.Errorf("take what is listed out of the refused removal: %w", err)
	}
	return left, nil
}

// waiting is a refused removal that waits to be approved while a run is under way.
type waiting struct {
	*run
	any bool // whether records are left in it
}

// listed takes the records of a page out of the refused removal at once: they exist,
// whether or not the run comes to its end. Most pages have none of them, and take no
// transaction.
func (w *waiting) listed(ctx context.Context, p *page.Page) error {
	if !w.any {
		return nil
	}
	in, err := ledger.Refused(ctx, w.m.DB, w.m.Scope(w.call.Scope), p.Keys())
	if err != nil {
		return fmt.Errorf("read the refused removal: %w", err)
	}
	if len(in) == 0 {
		return nil
	}
	return w.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		left, err := takeListed(ctx, tx, w.m, w.call.Scope, slices.Collect(maps.Keys(in)))
		tx.After(func() { w.any = left })
		return err
	})
}

// removed takes rows that are removed out of the refused removal. A complete run makes up its
// mind about all of it.
func (w *waiting) removed(ctx context.Context, tx *commit.Tx, ids []backend.ID) error {
	if !w.any || w.kind == complete || len(ids) == 0 {
		return nil
	}
	keys := make([]uint64, len(ids))
	for i, id := range ids {
		keys[i] = idset.Key(id)
	}
	left, err := takeListed(ctx, tx, w.m, w.call.Scope, keys)
	tx.After(func() { w.any = left })
	return err
}

// RefusedRemoval reads the removal of a scope that was refused last, nil where there
// is none.
func RefusedRemoval(ctx context.Context, m *model.Model, scope any) (*report.RefusedRemoval, error) {
	found, err := refusedIn(ctx, m, m.Scope(scope))
	if err != nil {
		return nil, m.Fail(scope, fmt.Errorf("read the refused removal: %w", err))
	}
	return found, nil
}

// RefusedRemovals yields the refused removals of every scope of a model. No connection is
// held in between.
func RefusedRemovals(ctx context.Context, m *model.Model) iter.Seq2[report.RefusedRemoval, error] {
	return func(yield func(report.RefusedRemoval, error) bool) {
		scopes, err := ledger.RefusedScopes(ctx, m.DB, m.Table.Name)
		for _, s := range scopes {
			var found *report.RefusedRemoval
			if found, err = refusedIn(ctx, m, s); err != nil {
				break
			}
			if found != nil && !yield(*found, nil) {
				return
			}
		}
		if err != nil {
			yield(report.RefusedRemoval{}, m.Fail(nil, fmt.Errorf("read the refused removals: %w", err)))
		}
	}
}

func refusedIn(ctx context.Context, m *model.Model, s ledger.Scope) (*report.RefusedRemoval, error) {
	found, err := ledger.RefusalOf(ctx, m.DB, s)
	if err != nil || found == nil {
		return nil, err
	}
	var ids []string
	err = ledger.EachRefused(ctx, m.DB, s, func(id string) error {
		ids = append(ids, id)
		return nil
	})
	return &report.RefusedRemoval{
		Scope: s.ID, Refusal: report.Refusal{Rows: len(ids), Of: found.Of, Reason: found.Reason, Plan: found.Plan}, IDs: ids, At: found.At,
	}, err
}

// ApproveRemoval removes the rows of a removal that was refused, once.
func ApproveRemoval(ctx context.Context, m *model.Model, call Call, plan string) (report.Result, error) {
	r := newRun(m, call)
	return told{run: r, call: "ApproveRemoval"}.of(ctx, func(ctx context.Context) error {
		if !call.Removal.On() {
			return errors.New("removal is off: declare Remove, or give it with the call")
		}
		return r.locked(ctx, func(ctx context.Context) error {
			return r.write(ctx, 0, func(ctx context.Context, tx *commit.Tx) error { return approve(ctx, tx, r, plan) })
		})
	})
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
	var ids []backend.ID
	err = ledger.EachRefused(ctx, tx, scope, func(text string) error {
		id, err := r.m.Table.ParseID(text)
		if err != nil {
			return &model.RecordError{Record: text, Err: err}
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.writer.Remove(ctx, tx, ids); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return ledger.DropRefusal(ctx, tx, scope)
}
