package engine

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/rows"
)

// conditional reports whether the run may ask whether anything was modified at all,
// and may leave a validator for the next one.
func conditional(r *run) bool {
	return r.kind == complete && r.feed.Windows == nil && !r.ask.KeepsPosition && r.pass.position == "" && !r.call.Filtered && r.m.Fingerprinted()
}

// lastValidator returns that of the last run, "" where the run must see everything.
func lastValidator(ctx context.Context, r *run) (string, error) {
	shape, err := r.pass.shaped(r)
	validator := ""
	if err == nil {
		validator, err = ledger.ValidatorOf(ctx, r.m.DB, r.pass.scope, shape)
	}
	if err == nil && validator != "" {
		var unsettled bool
		if unsettled, err = rows.Unsettled(ctx, r.m, r.call.Scope); unsettled {
			validator = ""
		}
	}
	if err != nil {
		return "", fmt.Errorf("read the validator of the last complete run: %w", err)
	}
	return validator, nil
}

// keepValidator keeps the first page's validator for the next run, when the rows
// are all that the remote listed, and nothing is left to be done.
func keepValidator(ctx context.Context, tx *commit.Tx, r *run, refused bool) error {
	validator := r.listing.Validator()
	if validator == "" || !conditional(r) || r.turn.reset || refused || r.listing.Size() == 0 || r.listing.Doubt() != "" || r.writer.LeftQuarantined() {
		return nil
	}
	if beside, err := ledger.WroteBeside(ctx, tx, r.pass.scope, r.turn.number); beside || err != nil {
		return err // what they wrote is not what the remote listed
	}
	shape, err := r.pass.shaped(r)
	if err == nil {
		err = ledger.PutValidator(ctx, tx, r.pass.scope, validator, shape)
	}
	if err != nil {
		return fmt.Errorf("keep the validator: %w", err)
	}
	return nil
}
