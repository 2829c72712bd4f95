package engine

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/report"
)

// Freshness tells how the runs of a scope went.
func (m *Model) Freshness(ctx context.Context, scope any) (report.Freshness, error) {
	run, err := ledger.RunOf(ctx, m.DB, m.scope(scope))
	f := report.Freshness{LastAttempt: run.Attempted, LastSuccess: run.Succeeded, LastComplete: run.Completed, NotBefore: run.NotBefore, Error: run.Error}
	f.Unfinished = !run.Attempted.IsZero() && run.Ended.IsZero()
	if err == nil {
		var pass ledger.Pass
		pass, _, err = ledger.PassOf(ctx, m.DB, m.scope(scope))
		f.UnfinishedPass = pass.Began
	}
	if err != nil {
		return f, m.Fail(scope, fmt.Errorf("read how fresh the rows are: %w", err))
	}
	return f, nil
}
