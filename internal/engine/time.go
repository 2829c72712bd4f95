package engine

import (
	"context"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/stamp"
)

// storedTime returns the time of the scope, which was read when the run began unless rows
// keep it.
func storedTime(ctx context.Context, r *run) (ledger.Time, error) {
	if r.turn.number > 0 && r.m.Table.Stamp == "" {
		return r.turn.left.Time, nil
	}
	return stamp.Stored(ctx, r.m.DB, r.m, r.call.Scope)
}

// timeOfRows returns the time of the scope where rows keep it, and zero elsewhere.
func (r *run) timeOfRows(ctx context.Context, tx *commit.Tx) (time.Time, error) {
	if r.m.Table.Stamp == "" {
		return time.Time{}, nil
	}
	stored, err := stamp.Stored(ctx, tx, r.m, r.call.Scope)
	return stored.At, err
}

// timeRows gives the scope's time to the rows that were created since it was read,
// where rows keep it: without one, the next run would ask for everything.
func (r *run) timeRows(ctx context.Context, tx *commit.Tx, at time.Time) error {
	if r.m.Table.Stamp == "" || at.IsZero() {
		return nil
	}
	return stamp.Save(ctx, tx, r.m, r.call.Scope, ledger.Time{At: at}, "")
}
