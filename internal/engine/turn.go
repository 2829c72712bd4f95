package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// turn is a run's place among the runs and resets of its scope, which are numbered.
type turn struct {
	number int64
	began  time.Time
	// left is what earlier runs had left when it began.
	left ledger.Begun
	// reset reports whether a Reset came after the run had begun. What the run would
	// leave to the next one, it then does not: the next one asks for everything.
	reset bool
	// ends reports whether the run's last transaction releases its lock.
	ends bool
}

// begin takes the next number. Once that is committed, whoever writes beside the run,
// or resets its scope, leaves a mark.
func (t *turn) begin(ctx context.Context, tx store.Tx, scope ledger.Scope) error {
	begun, err := ledger.RunBegan(ctx, tx, scope, t.began)
	if err != nil {
		return fmt.Errorf("note that the run begins: %w", err)
	}
	t.number, t.left = begun.Number, begun // if it is not committed, the run ends
	return nil
}

// look looks for the marks of a Reset, in a transaction that leaves something to the
// next run and before it locks any row. A Reset waits until that transaction ends.
func (t *turn) look(ctx context.Context, tx *commit.Tx, scope ledger.Scope) error {
	last, err := ledger.LastRun(ctx, tx, scope)
	if err != nil {
		return fmt.Errorf("find out whether the scope was reset: %w", err)
	}
	t.reset = last != t.number
	return nil
}
