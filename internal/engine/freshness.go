package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Freshness tells how the runs of a scope went.
func (m *Model) Freshness(ctx context.Context, scope any) (report.Freshness, error) {
	var f report.Freshness
	var attempted, ended, succeeded, completed, notBefore any
	err := store.Each(ctx, m.DB, squirrel.Select("attempted_at", "ended_at", "succeeded_at", "completed_at", "not_before", "error").
		From(runsTable).Where(m.ofScope(scope)), func(rows store.Rows) error {
		return rows.Scan(&attempted, &ended, &succeeded, &completed, &notBefore, &f.Error)
	})
	var endedAt time.Time
	for v, at := range map[*any]*time.Time{&attempted: &f.LastAttempt, &ended: &endedAt, &succeeded: &f.LastSuccess, &completed: &f.LastComplete, &notBefore: &f.NotBefore} {
		if err == nil && *v != nil {
			*at, err = timeOf(*v)
		}
	}
	f.Unfinished = !f.LastAttempt.IsZero() && endedAt.IsZero()
	if err == nil {
		err = store.Each(ctx, m.DB, squirrel.Select("began_at").From(passesTable).Where(m.ofScope(scope)), func(rows store.Rows) error {
			var began any
			if err := rows.Scan(&began); err != nil {
				return err
			}
			f.UnfinishedPass, err = timeOf(began)
			return err
		})
	}
	if err != nil {
		return f, m.Fail(scope, fmt.Errorf("read how fresh the rows are: %w", err))
	}
	return f, nil
}
