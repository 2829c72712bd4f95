package backend

import (
	"context"
	"time"
)

// cleanUp limits what is done after a transaction, on a context that does not end
// with the caller's.
const cleanUp = 10 * time.Second

// Beginner begins transactions. Each [Store] is one.
type Beginner interface {
	Begin(ctx context.Context) (Tx, error)
	// GaveUp reports whether an error is of a transaction that the database undid for
	// the sake of others, such as a deadlock, and that may be tried again as a whole.
	GaveUp(err error) bool
}

// InTx calls work in a transaction and commits it. If work or the commit fails,
// or work panics, the transaction is rolled back, even if ctx has ended. Work is
// called again where the database gave the transaction up.
func InTx(ctx context.Context, db Beginner, work func(ctx context.Context, tx Tx) error) error {
	return Again(ctx, db, func() error { return inTx(ctx, db, work) })
}

func inTx(ctx context.Context, db Beginner, work func(ctx context.Context, tx Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
		defer cancel()
		_ = tx.Rollback(ctx) // the error of work or of the commit says more
	}()
	if err := work(ctx, tx); err != nil {
		return err
	}
	err = tx.Commit(ctx)
	committed = err == nil
	return err
}
