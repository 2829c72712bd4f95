package backend

import "context"

// Lock is a name that one holder has at a time, across processes, while no
// transaction is open. It is safe for concurrent use.
type Lock interface {
	// Check, at the beginning of a transaction, makes sure that the lock is still
	// held until that transaction ends. If it is not, it returns [store.ErrLockLost].
	Check(ctx context.Context, tx Tx) error
	// Release gives the lock back, even if ctx has ended, and is harmless twice.
	// It is called outside of transactions.
	Release(ctx context.Context) error
}
