package engine

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/report"
)

// Stale yields the scopes of all models that had no success since a time.
func Stale(ctx context.Context, db backend.Store, before time.Time) iter.Seq2[report.ScopeFreshness, error] {
	return func(yield func(report.ScopeFreshness, error) bool) {
		for r, err := range ledger.EachStale(ctx, db, before) {
			if err != nil {
				if missing := db.Ready(ctx); ctx.Err() == nil && missing != nil {
					err = missing
				}
				err = fmt.Errorf("read how fresh the rows are: %w", err)
			}
			if !yield(report.ScopeFreshness{Model: r.Model, Scope: r.ID, Freshness: freshness(r), Quarantined: r.Quarantined, Refused: r.Refused}, err) || err != nil {
				return
			}
		}
	}
}

// QuarantineSizes counts the records in quarantine by model.
func QuarantineSizes(ctx context.Context, db backend.Store) (map[string]int, error) {
	sizes, err := ledger.QuarantineSizes(ctx, db)
	if err != nil {
		if missing := db.Ready(ctx); ctx.Err() == nil && missing != nil {
			err = missing
		}
		return nil, fmt.Errorf("count the records in quarantine: %w", err)
	}
	return sizes, nil
}

// Freshness tells how the runs of a scope went, or those of every scope that had one
// together.
func Freshness(ctx context.Context, m *model.Model, scope any) (report.Freshness, error) {
	of := m.Scope(scope)
	every := scope == nil && m.Table.Scope != ""
	if every {
		of = ledger.EveryScope(m.Table.Name)
	}
	runs, err := ledger.RunsOf(ctx, m.DB, of)
	if err != nil {
		return report.Freshness{}, m.Fail(scope, fmt.Errorf("read how fresh the rows are: %w", err))
	}
	var all *report.Freshness
	for _, r := range runs {
		if r.Type != m.Table.Scope {
			continue // an earlier declaration had other scopes
		}
		f := freshness(r)
		if every && f.Error != "" {
			f.Error = r.Type + " " + r.ID + ": " + f.Error
		}
		if all != nil {
			f = together(*all, f)
		}
		all = &f
	}
	if all == nil {
		return report.Freshness{}, nil
	}
	return *all, nil
}

func freshness(r ledger.ScopeRun) report.Freshness {
	return report.Freshness{
		LastAttempt: r.Attempted, LastSuccess: r.Succeeded, LastComplete: r.Completed, NotBefore: r.NotBefore, Error: r.Error,
		Unfinished: !r.Attempted.IsZero() && r.Ended.IsZero(), UnfinishedPass: r.PassBegan,
	}
}

// together is as fresh as the least fresh of two scopes.
func together(a, b report.Freshness) report.Freshness {
	a.LastAttempt, a.LastSuccess, a.LastComplete = earlier(a.LastAttempt, b.LastAttempt), earlier(a.LastSuccess, b.LastSuccess), earlier(a.LastComplete, b.LastComplete)
	a.Unfinished = a.Unfinished || b.Unfinished
	if a.UnfinishedPass.IsZero() || !b.UnfinishedPass.IsZero() && b.UnfinishedPass.Before(a.UnfinishedPass) {
		a.UnfinishedPass = b.UnfinishedPass
	}
	if b.NotBefore.After(a.NotBefore) {
		a.NotBefore = b.NotBefore
	}
	if a.Error == "" {
		a.Error = b.Error
	}
	return a
}

// earlier returns the earlier of two times; never, the zero time, is the earliest.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// FreshnessOfParent tells how the runs of one parent went. A run of all parents notes
// nothing of one of which nothing is new: that is as fresh as the run.
func FreshnessOfParent(ctx context.Context, m *model.Model, key any) (report.Freshness, error) {
	f, err := Freshness(ctx, m, key)
	if err != nil || f.LastSuccess.IsZero() || f.Error != "" || f.Unfinished {
		return f, err
	}
	mark, found, err := ledger.ParentOf(ctx, m.DB, m.Scope(key))
	if err != nil {
		return f, m.Fail(key, fmt.Errorf("read how fresh the rows are: %w", err))
	}
	if !found {
		return f, nil
	}
	whole := m.Whole()
	runs, err := ledger.RunsOf(ctx, m.DB, ledger.Scope{Model: whole.Table.Name, Type: whole.Table.Scope, ID: mark.Root})
	if err != nil {
		return f, m.Fail(key, fmt.Errorf("read how fresh the rows are: %w", err))
	}
	for _, r := range runs {
		if r.Succeeded.After(f.LastSuccess) {
			f.LastAttempt, f.LastSuccess = r.Succeeded, r.Succeeded
		}
	}
	return f, nil
}
