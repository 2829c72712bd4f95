package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// Rewind sets a consumer back to a position, the ID of a change: the changes after it
// come again, and those that [Prune] has dropped don't. A position of 0 is before the
// oldest one. A consumer that has not got that far stays where it is. A loop of the consumer
// that is under way goes back when it saves its position: after a second, after 500
// changes, or at its end.
//
// A consumer that is not known, and a position that no change has had yet, are errors.
func Rewind(ctx context.Context, db store.Store, consumer string, position int64) error {
	return rewind(ctx, db, consumer, func(ctx context.Context, tx backend.Tx) (int64, error) {
		last, err := ledger.LastChange(ctx, tx)
		if err == nil && (position < 0 || position > last) {
			err = fmt.Errorf("there is no position %d: give the ID of a change, from 0 to %d", position, last)
		}
		return position, err
	})
}

// RewindTo is [Rewind] to a time: the first change that was made then or later (see
// Change.At) comes again, and all after it.
func RewindTo(ctx context.Context, db store.Store, consumer string, at time.Time) error {
	return rewind(ctx, db, consumer, func(ctx context.Context, tx backend.Tx) (int64, error) {
		return ledger.PositionBefore(ctx, tx, at)
	})
}

func rewind(ctx context.Context, db store.Store, consumer string, find func(context.Context, backend.Tx) (int64, error)) error {
	b, err := backend.Of(db)
	if err != nil {
		return err
	}
	err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
		position, err := find(ctx, tx)
		if err != nil {
			return err
		}
		known, err := ledger.Rewind(ctx, tx, consumer, position)
		if err == nil && !known {
			err = errors.New("no such consumer: one is registered by its first Changes, and begins with the oldest change")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("synced: outbox: rewind consumer %q: %w", consumer, err)
	}
	return nil
}
