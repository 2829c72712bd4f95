package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const runs = "synced_runs"

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

// RunOf reads how the runs of a scope went. It is the zero Run where there was
// none.
func RunOf(ctx context.Context, q store.Querier, s Scope) (Run, error) {
	var attempted, ended, succeeded, completed, notBefore backend.Time
	var r Run
	_, err := store.One(ctx, q, squirrel.Select("attempted_at", "ended_at", "succeeded_at", "completed_at", "not_before", "error").From(runs).Where(s.where()),
		&attempted, &ended, &succeeded, &completed, &notBefore, &r.Error)
	r.Attempted, r.Ended, r.Succeeded, r.Completed, r.NotBefore = attempted.Time, ended.Time, succeeded.Time, completed.Time, notBefore.Time
	return r, err
}

// RunBegan notes that a run is under way.
func RunBegan(ctx context.Context, tx store.Tx, s Scope, at time.Time) error {
	return exec(ctx, tx, squirrel.Insert(runs).Columns(append(scopeColumns(), "attempted_at", "error")...).Values(s.values(backend.Moment(at), "")...).
		Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET attempted_at = excluded.attempted_at, ended_at = NULL"))
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
