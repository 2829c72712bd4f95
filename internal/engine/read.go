package engine

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/report"
)

// Find reads the row of a remote id. [ErrNotFound] says that there is none.
func (m *Model) Find(ctx context.Context, scope any, id backend.ID) (any, error) {
	var row any
	var rec backend.Row
	err := m.load(ctx, m.DB, scope, []backend.ID{id}, func(l loaded) error {
		row, rec = l.rec.Value, l.rec
		return m.delegate(l)
	})
	if err == nil && row != nil {
		err = m.translate(ctx, m.DB, rec)
	}
	if err == nil && row == nil {
		err = &recordError{id.String(), report.ErrNotFound}
	}
	if err != nil {
		return nil, m.Fail(scope, err)
	}
	return row, nil
}

func (m *Model) delegate(l loaded) error {
	if err := m.Plan.Delegate(l.rec); err != nil {
		return &recordError{l.id.String(), err}
	}
	return nil
}

// All reads the rows of a scope, or of the table, in the order of their remote
// ids.
func (m *Model) All(ctx context.Context, scope any) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		err := m.readScope(ctx, scope, func(l loaded) error {
			if err := m.delegate(l); err != nil {
				return err
			}
			if !yield(l.rec.Value, nil) {
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
func (m *Model) Reset(ctx context.Context, scope any) error {
	tx, err := m.DB.Begin(ctx)
	if err != nil {
		return m.Fail(scope, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	forgotten, err := m.forgetValidators(ctx, tx, m.ofScopes(scope))
	if err == nil {
		var unfinished int64
		unfinished, err = ledger.DropPass(ctx, tx, m.ofScopes(scope))
		forgotten += unfinished
	}
	switch {
	case err != nil:
	case m.Strategy.Plan(time.Time{}, scope).StoreTime:
		err = m.Timestamps.Reset(ctx, tx, m.subject(scope))
	case forgotten == 0:
		err = fmt.Errorf("%w: strategy %s stores no time, each of its runs is complete", report.ErrNothingToReset, m.Strategy.Name())
	}
	if err != nil {
		return m.Fail(scope, err)
	}
	if err := tx.Commit(ctx); err != nil {
		return m.Fail(scope, err)
	}
	return nil
}
