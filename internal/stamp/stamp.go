// Package stamp keeps the time of the last run of each scope, where the model's
// declaration says so: in a table of synced's own, or in the rows.
package stamp

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/timestamp"
)

// Column returns the column that keeps the time of runs, "" where no column does.
func Column(s timestamp.Strategy) string {
	column := ""
	switch p := s.(type) {
	case timestamp.PerRecord:
		column = p.Column
	case *timestamp.PerRecord: // a pointer to one is one, too
		column = p.Column
	default:
		return ""
	}
	return cmp.Or(column, "synced_all_at")
}

// Check reports a table without the column.
func Check(s timestamp.Strategy, d backend.Description) error {
	column := Column(s)
	if _, ok := d.Column(column); !ok && column != "" {
		return fmt.Errorf("timestamps are kept per record, but the table has no column %q: add it, or use timestamp.PerScope", column)
	}
	return nil
}

// Stored reads the time of the last run, zero where the next run must be complete.
// In rows, the oldest counts, and a row without a time makes it zero.
func Stored(ctx context.Context, q backend.Querier, m *model.Model, scope any) (t ledger.Time, err error) {
	if Column(m.Timestamps) == "" {
		t, err = ledger.TimeOf(ctx, q, m.Scope(scope))
	} else {
		t.At, err = oldest(ctx, q, m, scope)
	}
	if err != nil {
		return t, fmt.Errorf("read the stored time: %w", err)
	}
	return t, nil
}

func oldest(ctx context.Context, q backend.Querier, m *model.Model, scope any) (time.Time, error) {
	column := store.Quote(Column(m.Timestamps))
	live := m.Table.Where(scope)
	if m.Table.Canceled != "" {
		live = append(live, squirrel.Expr(m.Table.NotCanceled()))
	}
	var at backend.Time
	query := squirrel.Select(column).From(store.Quote(m.Table.Name)).Where(live).OrderBy(column+" IS NOT NULL", column).Limit(1)
	err := store.Each(ctx, q, query, func(rows store.Rows) error { return rows.Scan(&at) })
	return at.Time, err
}

// Save stores a time, in the transaction of the run's last rows, cut to
// microseconds and never rounded up. In rows, it goes into each that has no such or
// later time yet.
func Save(ctx context.Context, tx backend.Tx, m *model.Model, scope any, t ledger.Time, source string) error {
	name := Column(m.Timestamps)
	var err error
	if name == "" {
		err = ledger.SaveTime(ctx, tx, m.Scope(scope), t, source)
	} else {
		column, at := store.Quote(name), backend.Moment(t.At)
		err = backend.AsRun(ctx, tx, m.Table.Journaled, func() error {
			_, err := tx.Exec(ctx, squirrel.Update(store.Quote(m.Table.Name)).Set(column, at).
				Where(append(m.Table.Where(scope), squirrel.Expr("("+column+" IS NULL OR "+column+" < ?)", at))))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("store the time: %w", err)
	}
	return nil
}

// SaveCovered notes since when changes were asked for that the stored time of a scope
// stands for; zero is from the beginning.
func SaveCovered(ctx context.Context, tx backend.Tx, m *model.Model, scope any, from time.Time) error {
	if err := ledger.SaveCovered(ctx, tx, m.Scope(scope), from); err != nil {
		return fmt.Errorf("store how far back changes were asked for: %w", err)
	}
	return nil
}

// Reset makes the next run of a scope complete, or of every scope where scope is
// nil.
func Reset(ctx context.Context, tx backend.Tx, m *model.Model, scope any) error {
	name := Column(m.Timestamps)
	if name == "" {
		which := m.Scope(scope)
		if scope == nil {
			which = ledger.EveryScope(m.Table.Name)
		}
		return ledger.DropTimes(ctx, tx, which)
	}
	column := store.Quote(name)
	_, err := tx.Exec(ctx, squirrel.Update(store.Quote(m.Table.Name)).Set(column, nil).
		Where(append(m.Table.Where(scope), squirrel.Expr(column+" IS NOT NULL"))))
	return err
}
