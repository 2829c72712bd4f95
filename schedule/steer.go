package schedule

import (
	"cmp"
	"context"
	"fmt"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

// Pause keeps scopes of a model from being run, in every process, until [Schedule.Resume],
// and returns how many were not paused before. "" is every model of the schedule, and
// synced.NoScope every scope that is known now. Runs that are under way come to their end.
// Children don't wait for a paused parent.
func (s *Schedule) Pause(ctx context.Context, model string, scope synced.Scope, why string) (int, error) {
	return s.steer(ctx, "pause", model, scope, func(ctx context.Context, tx backend.Tx, models []string, id *string) (int64, error) {
		return ledger.PauseSchedules(ctx, tx, models, id, cmp.Or(why, "paused"))
	})
}

// Resume ends a [Schedule.Pause], or that of a scope whose account's owner had to consent,
// and returns how many scopes were paused: they are due at once.
func (s *Schedule) Resume(ctx context.Context, model string, scope synced.Scope) (int, error) {
	return s.steer(ctx, "resume", model, scope, ledger.ResumeSchedules)
}

// RunNow makes scopes due at once that are not paused, before others of their priority, and
// returns how many. One that is running runs again when that has ended. Other processes see
// it within their Options.Poll.
func (s *Schedule) RunNow(ctx context.Context, model string, scope synced.Scope) (int, error) {
	return s.steer(ctx, "run now", model, scope, ledger.HurrySchedules)
}

// Forget forgets what is kept of a model that no process has an entry for any longer, and
// returns of how many scopes. A model of this schedule is an error.
func (s *Schedule) Forget(ctx context.Context, model string) (int, error) {
	if _, ok := s.entries[model]; ok {
		return 0, fmt.Errorf("schedule: forget %s: it has an entry, and would be known again: leave that out first", model)
	}
	return s.change(ctx, "forget "+model, func(ctx context.Context, tx backend.Tx) (int64, error) { return ledger.ForgetSchedules(ctx, tx, model) })
}

func (s *Schedule) steer(ctx context.Context, what, model string, scope synced.Scope, do func(ctx context.Context, tx backend.Tx, models []string, id *string) (int64, error)) (int, error) {
	models, id, err := s.selected(model, scope)
	if err != nil {
		return 0, fmt.Errorf("schedule: %s: %w", what, err)
	}
	return s.change(ctx, what, func(ctx context.Context, tx backend.Tx) (int64, error) { return do(ctx, tx, models, id) })
}

// change writes in one transaction, and tells the loop.
func (s *Schedule) change(ctx context.Context, what string, do func(ctx context.Context, tx backend.Tx) (int64, error)) (int, error) {
	var n int64
	err := backend.InTx(ctx, s.db, func(ctx context.Context, tx backend.Tx) (err error) {
		n, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("schedule: %s: %w", what, err)
	}
	s.wake()
	return int(n), nil
}
