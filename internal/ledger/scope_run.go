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
	// Quarantined is how many records are in quarantine, and Refused how many rows are in
	// refused removals, with those of the scope's parents. Only [EachStale] fills them.
	Quarantined, Refused int
}

// staleAhead is how many scopes are read at a time.
const staleAhead = 1000

// EachStale yields the scopes of all models whose last success began before a time, or
// that had none: those first, and then the oldest. Parents that a model is listed for are
// told by the scope that they are read for. It holds no connection in between.
func EachStale(ctx context.Context, q store.Querier, before time.Time) iter.Seq2[ScopeRun, error] {
	all := selectRuns().Columns(waits(quarantine), waits(refused)).Where(squirrel.Expr("(r.succeeded_at IS NULL OR r.succeeded_at < ?)", backend.Moment(before))).
		Where("NOT EXISTS (SELECT 1 FROM "+parents+" m WHERE "+joined("m")+")").
		OrderBy("r.succeeded_at NULLS FIRST", "r.model", "r.scope_type", "r.scope_id").Limit(staleAhead)
	return func(yield func(ScopeRun, error) bool) {
		query := all
		for {
			some, err := scanRuns(ctx, q, query, func(r *ScopeRun) []any { return []any{&r.Quarantined, &r.Refused} })
			if err != nil {
				yield(ScopeRun{}, err)
				return
			}
			for _, r := range some {
				if !yield(r, nil) {
					return
				}
			}
			if len(some) < staleAhead {
				return
			}
			query = all.Where(after(some[len(some)-1]))
		}
	}
}

// waits counts the rows that a table has of the scope of runs r and of its parents.
func waits(table string) string {
	return "(SELECT count(*) FROM " + table + " w WHERE " + joined("w") + ")" +
		" + (SELECT count(*) FROM " + table + " w CROSS JOIN " + parents + " m" + // few wait: SQLite begins with those
		" WHERE w.model = r.model AND m.model = w.model AND m.scope_type = w.scope_type AND m.scope_id = w.scope_id AND m.root = r.scope_id)"
}

// after is the condition for the scopes that EachStale yields after one.
func after(r ScopeRun) squirrel.Sqlizer {
	if r.Succeeded.IsZero() {
		return squirrel.Expr("(r.succeeded_at IS NOT NULL OR (r.model, r.scope_type, r.scope_id) > (?, ?, ?))", r.Model, r.Type, r.ID)
	}
	return squirrel.Expr("(r.succeeded_at, r.model, r.scope_type, r.scope_id) > (?, ?, ?, ?)", backend.Moment(r.Succeeded), r.Model, r.Type, r.ID)
}

// RunsOf reads how the runs of a scope went, or of every scope of a model.
func RunsOf(ctx context.Context, q store.Querier, s Scope) ([]ScopeRun, error) {
	query := selectRuns().Where(squirrel.Expr("r.model = ?", s.Model)).OrderBy("r.scope_type", "r.scope_id")
	if !s.every {
		query = query.Where(squirrel.Expr("r.scope_type = ? AND r.scope_id = ?", s.Type, s.ID))
	}
	return scanRuns(ctx, q, query, func(*ScopeRun) []any { return nil })
}

// selectRuns selects how the runs of scopes went, with the passes that are unfinished.
func selectRuns() squirrel.SelectBuilder {
	return squirrel.Select("r.model", "r.scope_type", "r.scope_id", "r.attempted_at", "r.ended_at", "r.succeeded_at", "r.completed_at", "r.not_before", "r.error", "p.began_at").
		From(runs + " r").LeftJoin(passes + " p ON p.model = r.model AND p.scope_type = r.scope_type AND p.scope_id = r.scope_id")
}

func scanRuns(ctx context.Context, q store.Querier, query store.SQL, more func(*ScopeRun) []any) (list []ScopeRun, err error) {
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var attempted, ended, succeeded, completed, notBefore, began backend.Time
		var r ScopeRun
		into := []any{&r.Model, &r.Type, &r.ID, &attempted, &ended, &succeeded, &completed, &notBefore, &r.Error, &began}
		err := rows.Scan(append(into, more(&r)...)...)
		r.Attempted, r.Ended, r.Succeeded = attempted.Time, ended.Time, succeeded.Time
		r.Completed, r.NotBefore, r.PassBegan = completed.Time, notBefore.Time, began.Time
		list = append(list, r)
		return err
	})
	return list, err
}
