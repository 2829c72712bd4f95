package ledger

import (
	"context"
	"iter"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// ScopeRun is how the runs of a scope went.
type ScopeRun struct {
	Scope
	Run
	// PassBegan is when a complete pass began that was not finished.
	PassBegan time.Time
}

// EachStale yields the scopes of all models whose last success began before a time, or
// that had none: those first, and then the oldest.
func EachStale(ctx context.Context, q store.Querier, before time.Time) iter.Seq2[ScopeRun, error] {
	return eachRun(ctx, q, selectRuns().
		Where(squirrel.Expr("(r.succeeded_at IS NULL OR r.succeeded_at < ?)", backend.Moment(before))).
		OrderBy("r.succeeded_at NULLS FIRST", "r.model", "r.scope_type", "r.scope_id"))
}

// EachRun yields the runs of a scope, or of every scope of a model.
func EachRun(ctx context.Context, q store.Querier, s Scope) iter.Seq2[ScopeRun, error] {
	query := selectRuns().Where(squirrel.Expr("r.model = ?", s.Model)).OrderBy("r.scope_type", "r.scope_id")
	if !s.every {
		query = query.Where(squirrel.Expr("r.scope_type = ? AND r.scope_id = ?", s.Type, s.ID))
	}
	return eachRun(ctx, q, query)
}

// selectRuns selects how the runs of scopes went, with the passes that are unfinished.
func selectRuns() squirrel.SelectBuilder {
	return squirrel.Select("r.model", "r.scope_type", "r.scope_id", "r.attempted_at", "r.ended_at", "r.succeeded_at", "r.completed_at", "r.not_before", "r.error", "p.began_at").
		From(runs + " r").LeftJoin(passes + " p ON p.model = r.model AND p.scope_type = r.scope_type AND p.scope_id = r.scope_id")
}

func eachRun(ctx context.Context, q store.Querier, query store.SQL) iter.Seq2[ScopeRun, error] {
	return func(yield func(ScopeRun, error) bool) {
		err := store.Each(ctx, q, query, func(rows store.Rows) error {
			r, err := scanRun(rows)
			if err == nil && !yield(r, nil) {
				err = errLeft
			}
			return err
		})
		if err != nil && err != errLeft {
			yield(ScopeRun{}, err)
		}
	}
}

func scanRun(rows store.Rows) (r ScopeRun, err error) {
	var attempted, ended, succeeded, completed, notBefore, began backend.Time
	err = rows.Scan(&r.Model, &r.Type, &r.ID, &attempted, &ended, &succeeded, &completed, &notBefore, &r.Error, &began)
	r.Attempted, r.Ended, r.Succeeded = attempted.Time, ended.Time, succeeded.Time
	r.Completed, r.NotBefore, r.PassBegan = completed.Time, notBefore.Time, began.Time
	return r, err
}
