package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Find reads the row of a remote id. It returns [report.ErrNotFound] if there is
// none.
func Find(ctx context.Context, m *model.Model, scope any, id backend.ID) (any, error) {
	var found *rows.Stored
	err := rows.Load(ctx, m.DB, m, scope, []backend.ID{id}, func(s rows.Stored) error {
		found = &s
		return delegate(m, s)
	})
	if err == nil && found == nil {
		err = &model.RecordError{Record: id.String(), Err: report.ErrNotFound}
	}
	if err == nil {
		err = rows.Translate(ctx, m.DB, m, found.Row)
	}
	if err != nil {
		return nil, m.Fail(scope, err)
	}
	return found.Row.Value, nil
}

// delegate fills the attributes that are read from the stored object.
func delegate(m *model.Model, s rows.Stored) error {
	err := s.Misfits.Unreadable(m.Table)
	if err == nil {
		err = m.Plan.Delegate(s.Row)
	}
	if err != nil {
		return &model.RecordError{Record: s.ID.String(), Err: err}
	}
	return nil
}

// All reads the rows of a scope, or of the table, in the order of their remote
// ids.
func All(ctx context.Context, m *model.Model, scope any) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		err := rows.Each(ctx, m, scope, func(s rows.Stored) error {
			if err := delegate(m, s); err != nil {
				return err
			}
			if !yield(s.Row.Value, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(nil, m.Fail(scope, err))
		}
	}
}

// Reset makes the next run of a scope complete, or of every scope, and has it ask
// for all that there is.
func Reset(ctx context.Context, m *model.Model, scope any) error {
	work := commit.Work{DB: m.DB}
	return m.Fail(scope, work.Do(ctx, func(ctx context.Context, tx *commit.Tx) error {
		forgotten, err := forget(ctx, tx, m, scope)
		switch {
		case err != nil:
			return err
		case model.Asks(m.Strategy, time.Time{}, scope).StoresTime:
			return stamp.Reset(ctx, tx, m, scope)
		case model.Asks(m.Strategy, time.Time{}, scope).KeepsPosition:
			return nil
		case !forgotten:
			return fmt.Errorf("%w: strategy %s stores no time, each of its runs is complete", report.ErrNothingToReset, m.Strategy)
		}
		return nil
	}))
}

// forget forgets the validator, the position and the unfinished pass of a scope, or of every scope,
// and reports whether there were such, or a run under way that may leave them: it
// learns of the Reset before it does.
func forget(ctx context.Context, tx *commit.Tx, m *model.Model, scope any) (bool, error) {
	which := m.Scope(scope)
	if scope == nil && m.Table.Scope != "" {
		which = ledger.EveryScope(m.Table.Name)
	}
	underWay, err := ledger.RunReset(ctx, tx, which)
	if err != nil {
		return false, err
	}
	validators, err := ledger.DropValidator(ctx, tx, which)
	if err != nil {
		return false, err
	}
	positions, err := ledger.DropRemotePosition(ctx, tx, which)
	if err != nil {
		return false, err
	}
	passes, err := ledger.ResetPass(ctx, tx, which)
	return underWay || validators+positions+passes > 0, err
}

// Quarantined lists the records in quarantine of a scope, or of every scope, the
// oldest first.
func Quarantined(ctx context.Context, m *model.Model, scope any) iter.Seq2[report.Quarantined, error] {
	return func(yield func(report.Quarantined, error) bool) {
		which := m.Scope(scope)
		if scope == nil {
			which = ledger.EveryScope(m.Table.Name)
		}
		for q, err := range ledger.EachQuarantined(ctx, m.DB, which) {
			var record report.Quarantined
			if err == nil {
				record, err = quarantined(q)
			}
			if err != nil {
				err = m.Fail(scope, fmt.Errorf("quarantine: %w", err))
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// DropQuarantined takes records of a scope out of quarantine, and returns how many.
func DropQuarantined(ctx context.Context, m *model.Model, scope any, ids []backend.ID) (n int, err error) {
	err = backend.InTx(ctx, m.DB, func(ctx context.Context, tx backend.Tx) error {
		taken, err := ledger.TakeQuarantined(ctx, tx, m.Scope(scope), ids)
		n = len(taken)
		return err
	})
	if err != nil {
		return 0, m.Fail(scope, fmt.Errorf("drop from quarantine: %w", err))
	}
	return n, nil
}

func quarantined(q ledger.Quarantined) (report.Quarantined, error) {
	o, err := remote.KeptObject([]byte(q.Object))
	return report.Quarantined{Scope: q.ScopeID, ID: q.ID, Object: o, Error: q.Error, Attempts: q.Attempts, First: q.First, Last: q.Last}, err
}

// ResetEach makes the next run of each parent of a root complete.
func ResetEach(ctx context.Context, m *model.Model, root any) error {
	var after *backend.ID
	var nothing error
	some := false
	whole := m.Whole()
	work := commit.Work{DB: m.DB}
	err := work.Do(ctx, func(ctx context.Context, tx *commit.Tx) error {
		scope := whole.Scope(root)
		if _, err := ledger.RunReset(ctx, tx, scope); err != nil {
			return err
		}
		_, err := ledger.ResetPass(ctx, tx, scope)
		return err
	})
	if err != nil {
		return whole.Fail(root, err)
	}
	for {
		list, err := rows.Listed(ctx, m.DB, m.Each, root, after, parentsAhead)
		if err != nil {
			return whole.Fail(root, fmt.Errorf("the parents in %s: %w", m.Each.Parent.Table.Name, err))
		}
		for i := range list {
			switch err := Reset(ctx, m, list[i].Key.Value()); {
			case err == nil:
				some = true
			case errors.Is(err, report.ErrNothingToReset):
				nothing = err
			default:
				return err
			}
		}
		if len(list) < parentsAhead {
			break
		}
		after = &list[len(list)-1].Key
	}
	if some {
		return nil
	}
	return nothing
}
