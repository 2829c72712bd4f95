package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const runs = "{synced_runs}"

// Run says how the runs of a scope went. Times are zero where there is none.
type Run struct {
	// Attempted is when the last run began, and Ended when it ended: zero while it
	// is under way, or when it was killed.
	Attempted, Ended time.Time
	// Succeeded and Completed are those of the last [RunSucceeded] that had them.
	Succeeded, Completed time.Time
	// NotBefore is when the remote may be asked again, where that ended the last run.
	NotBefore time.Time
	// Error is why the last run that ended failed; "" where it did not.
	Error string
}

// HasRun reports whether a run of a model was noted, whatever its scope.
func HasRun(ctx context.Context, q store.Querier, model string) (has bool, err error) {
	_, err = store.One(ctx, q, squirrel.Expr("SELECT EXISTS (SELECT 1 FROM "+runs+" WHERE model = ?)", model), &has)
	return has, err
}

// Models lists the models of which a run was noted.
func Models(ctx context.Context, q store.Querier) ([]string, error) {
	var list []string
	err := store.Each(ctx, q, squirrel.Select("model").Distinct().From(runs).OrderBy("model"), func(rows store.Rows) error {
		var model string
		err := rows.Scan(&model)
		list = append(list, model)
		return err
	})
	return list, err
}

// Begun is a run that is under way.
type Begun struct {
	Number int64
	// Pass reports whether the scope has an unfinished pass.
	Pass bool
}

// RunBegan notes that a run is under way. What was written beside earlier runs is
// forgotten, unless an unfinished pass needs it.
func RunBegan(ctx context.Context, tx store.Tx, s Scope, at time.Time) (Begun, error) {
	var b Begun
	var marks bool
	of := func(table string) string {
		return "EXISTS (SELECT 1 FROM " + table + " o WHERE o.model = ? AND o.scope_type = ? AND o.scope_id = ?)"
	}
	_, err := store.One(ctx, tx, squirrel.Insert(runs).Columns(append(scopeColumns(), "number", "attempted_at", "error")...).Values(s.values(1, backend.Moment(at), "")...).
		Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET number = {synced_runs}.number + 1, attempted_at = excluded.attempted_at, ended_at = NULL"+
			" RETURNING number, "+of(passes)+", "+of(seen), s.values(s.values()...)...),
		&b.Number, &b.Pass, &marks)
	if err == nil && marks && !b.Pass {
		_, err = drop(ctx, tx, seen, s)
	}
	return b, err
}

// LastRun returns the number of the last run or reset of a scope, 0 where there was
// none. Until the transaction ends, there is no other, and nobody writes beside the
// run.
func LastRun(ctx context.Context, tx backend.Tx, s Scope) (number int64, err error) {
	_, err = store.One(ctx, tx, squirrel.Select("number").From(runs).Where(s.where()).Suffix(tx.Dialect().Lock()), &number)
	return number, err
}

// RunReset takes a number for a reset of a scope, or of every scope, so that a run
// which is under way learns of it. It reports whether there may be one.
func RunReset(ctx context.Context, tx store.Tx, s Scope) (underWay bool, err error) {
	err = store.Each(ctx, tx, squirrel.Update(runs).Set("number", squirrel.Expr("number + 1")).Where(s.where()).Suffix("RETURNING ended_at IS NULL"), func(rows store.Rows) error {
		var one bool
		err := rows.Scan(&one)
		underWay = underWay || one
		return err
	})
	return underWay, err
}

// Company is what others may have under way in a scope.
type Company struct {
	// Number is that of the last run or reset.
	Number int64
	// Run reports whether a run is under way, or was killed, and Pass whether a pass
	// is unfinished.
	Run, Pass bool
}

// CompanyOf reads what others have under way in a scope. Until the transaction ends, a
// run of the scope neither begins nor ends.
func CompanyOf(ctx context.Context, tx backend.Tx, s Scope) (c Company, err error) {
	query := squirrel.Select("number", "ended_at IS NULL").Column(squirrel.Expr("EXISTS (?)", passOf(s))).From(runs).Where(s.where()).Suffix(tx.Dialect().Share())
	_, err = store.One(ctx, tx, query, &c.Number, &c.Run, &c.Pass)
	return c, err
}

// RunSucceeded notes that the run which is under way ended well. Succeeded is
// since when the rows are fresh, and completed the same where the run proved what
// the remote has; what is zero leaves that of an earlier run.
func RunSucceeded(ctx context.Context, tx store.Tx, s Scope, succeeded, completed time.Time) error {
	set := squirrel.Update(runs).Set("ended_at", backend.Moment(time.Now())).Set("not_before", nil).Set("error", "")
	if !succeeded.IsZero() {
		set = set.Set("succeeded_at", backend.Moment(succeeded))
	}
	if !completed.IsZero() {
		set = set.Set("completed_at", backend.Moment(completed))
	}
	return exec(ctx, tx, set.Where(s.where()))
}

// RunFailed notes why the run which is under way failed, in one line, and when
// the remote may be asked again, or a zero time.
func RunFailed(ctx context.Context, tx store.Tx, s Scope, why string, notBefore time.Time) error {
	return exec(ctx, tx, squirrel.Update(runs).Set("ended_at", backend.Moment(time.Now())).Set("error", why).Set("not_before", orNull(notBefore)).Where(s.where()))
}
