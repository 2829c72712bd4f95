package store

import (
	"context"
	"errors"
)

var (
	// ErrLocked says that somebody else holds the lock.
	ErrLocked = errors.New("locked by another")
	// ErrLockLost says that the lock is no longer held: it was released, or
	// another took it over after its holder had been gone from the database.
	ErrLockLost = errors.New("the lock was lost")
)

// Lock is a name that one holder has at a time, across processes, while no
// transaction is open. It is safe for concurrent use.
type Lock interface {
	// Token grows with each holder of the name.
	Token() int64
	// Check, at the beginning of a transaction, makes sure that the lock is still
	// held until that transaction ends; [ErrLockLost] otherwise.
	Check(ctx context.Context, tx Tx) error
	// Release gives the lock back, even if ctx has ended, and is harmless twice.
	// It is called outside of transactions.
	Release(ctx context.Context) error
}
