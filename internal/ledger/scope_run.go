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
// told by the scope that they are read for; one that was never read well has no mark, but
// others of its kind have. It holds no connection in between.
func EachStale(ctx context.Context, q store.Querier, before time.Time) iter.Seq2[ScopeRun, error] {
	all := selectRuns().Where(squirrel.Expr("(r.succeeded_at IS NULL OR r.succeeded_at < ?)", backend.Moment(before))).
		Where("NOT EXISTS (SELECT 1 FROM "+parents+" m WHERE m.model = r.model AND m.scope_type = r.scope_type)").
		OrderBy("r.succeeded_at NULLS FIRST", "r.model", "r.scope_type", "r.scope_id").Limit(staleAhead)
	return func(yield func(ScopeRun, error) bool) {
		var removals map[[2]string]int
		records, err := waits(ctx, q, quarantine)
		if err == nil {
			removals, err = waits(ctx, q, refused)
		}
		if err != nil {
			yield(ScopeRun{}, err)
			return
		}
		query := all
		for {
			some, err := scanRuns(ctx, q, query)
			if err != nil {
				yield(ScopeRun{}, err)
				return
			}
			for _, r := range some {
				of := [2]string{r.Model, r.ID}
				r.Quarantined, r.Refused = records[of], removals[of]
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

// waits counts the rows of a table by model and scope; those of parents by the scope that
// they are read for.
func waits(ctx context.Context, q store.Querier, table string) (map[[2]string]int, error) {
	query := squirrel.Select("w.model", "coalesce(m.root, w.scope_id)", "count(*)").From(table+" w").
		LeftJoin(parents+" m ON m.model = w.model AND m.scope_type = w.scope_type AND m.scope_id = w.scope_id").
		GroupBy("w.model", "coalesce(m.root, w.scope_id)")
	counts := map[[2]string]int{}
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var of [2]string
		var n int
		err := rows.Scan(&of[0], &of[1], &n)
		counts[of] = n
		return err
	})
	return counts, err
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
	return scanRuns(ctx, q, query)
}

// selectRuns selects how the runs of scopes went, with the passes that are unfinished.
func selectRuns() squirrel.SelectBuilder {
	return squirrel.Select("r.model", "r.scope_type", "r.scope_id", "r.attempted_at", "r.ended_at", "r.succeeded_at", "r.completed_at", "r.not_before", "r.error", "p.began_at").
		From(runs + " r").LeftJoin(passes + " p ON p.model = r.model AND p.scope_type = r.scope_type AND p.scope_id = r.scope_id")
}

func scanRuns(ctx context.Context, q store.Querier, query store.SQL) (list []ScopeRun, err error) {
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var attempted, ended, succeeded, completed, notBefore, began backend.Time
		var r ScopeRun
		err := rows.Scan(&r.Model, &r.Type, &r.ID, &attempted, &ended, &succeeded, &completed, &notBefore, &r.Error, &began)
		r.Attempted, r.Ended, r.Succeeded = attempted.Time, ended.Time, succeeded.Time
		r.Completed, r.NotBefore, r.PassBegan = completed.Time, notBefore.Time, began.Time
		list = append(list, r)
		return err
	})
	return list, err
}
