package backend

import "context"

// Lock is a name that one holder has at a time, across processes, while no
// transaction is open. It is safe for concurrent use.
type Lock interface {
	// Check, at the beginning of a transaction, makes sure that the lock is still
	// held until that transaction ends. If it is not, [store.ErrLockLost] is its error, or
	// that of the transaction's next statement or commit.
	Check(ctx context.Context, tx Tx) error
	// End, at the end of a holder's last transaction, has the lock released when that is
	// committed, where the lock is kept in the database's tables. The caller then calls
	// done, which is nil elsewhere, and Release in any case.
	End(ctx context.Context, tx Tx) (done func(), err error)
	// Release gives the lock back, even if ctx has ended, and is harmless twice.
	// It is called outside of transactions.
	Release(ctx context.Context) error
}
