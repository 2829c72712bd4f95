package ledger

import (
	"context"
	"strconv"
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

// Begun is a run that is under way, and what earlier ones have left in its scope.
type Begun struct {
	Number int64
	// Time is the newest time that was saved.
	Time Time
	// Pass reports whether there is an unfinished pass, Refused whether a removal waits
	// to be approved, and Validator whether there is one.
	Pass, Refused, Validator bool
}

// runBegan notes a beginning, and reads in the same statement what is mostly not there.
// Each of the parts after RETURNING has the scope as parameters.
var runBegan = "INSERT INTO " + runs + " AS r (model, scope_type, scope_id, number, attempted_at, error) VALUES (?, ?, ?, 1, ?, '')" +
	" ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET number = r.number + 1, attempted_at = excluded.attempted_at, ended_at = NULL" +
	" RETURNING number, (SELECT synced_at" + newest + "), (SELECT covered_from" + newest + ")," +
	" EXISTS (SELECT 1 FROM " + passes + inScope + "), EXISTS (SELECT 1 FROM " + refusals + inScope + "), EXISTS (SELECT 1 FROM " + validators + inScope + ")," +
	" EXISTS (SELECT 1 FROM " + seen + inScope + "), EXISTS (SELECT 1 FROM " + times + inScope + " LIMIT 1 OFFSET " + strconv.Itoa(mostTimes+moreTimes-1) + ")"

// RunBegan notes that a run is under way. What was written beside earlier runs is
// forgotten, unless an unfinished pass needs it; so are times, where those are many.
func RunBegan(ctx context.Context, tx store.Tx, s Scope, at time.Time) (b Begun, err error) {
	of := s.values()
	args := append(make([]any, 0, 25), of...)
	args = append(args, backend.Moment(at))
	for range 7 {
		args = append(args, of...)
	}
	var stored, from backend.Time
	var marks, many bool
	if _, err = store.One(ctx, tx, backend.Kept{SQL: runBegan, Args: args}, &b.Number, &stored, &from, &b.Pass, &b.Refused, &b.Validator, &marks, &many); err != nil {
		return b, err
	}
	b.Time = Time{stored.Time, from.Time}
	if marks && !b.Pass {
		_, err = drop(ctx, tx, seen, s)
	}
	if err == nil && many {
		err = trimTimes(ctx, tx, s)
	}
	return b, err
}

// LastRun returns the number of the last run or reset of a scope, 0 where there was
// none. Until the transaction ends, there is no other, and nobody writes beside the
// run.
func LastRun(ctx context.Context, tx backend.Tx, s Scope) (number int64, err error) {
	_, err = store.One(ctx, tx, backend.Kept{SQL: "SELECT number FROM " + runs + inScope + " " + tx.Dialect().Lock(), Args: s.values()}, &number)
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
	args := append([]any{backend.Moment(time.Now()), orNull(succeeded), orNull(completed)}, s.values()...)
	return exec(ctx, tx, backend.Kept{Later: "note how the run went", SQL: "UPDATE " + runs + " SET ended_at = ?, not_before = NULL, error = ''," +
		" succeeded_at = coalesce(?, succeeded_at), completed_at = coalesce(?, completed_at)" + inScope, Args: args})
}

// RunFailed notes why the run which is under way failed, in one line, and when
// the remote may be asked again, or a zero time.
func RunFailed(ctx context.Context, tx store.Tx, s Scope, why string, notBefore time.Time) error {
	return exec(ctx, tx, squirrel.Update(runs).Set("ended_at", backend.Moment(time.Now())).Set("error", why).Set("not_before", orNull(notBefore)).Where(s.where()))
}
