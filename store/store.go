// Package store is what a service holds of its database: open one with
// store/postgres or store/sqlite.
package store

import (
	"context"
	"errors"
)

var (
	// ErrLocked is the error of a lock that another holds.
	ErrLocked = errors.New("locked by another")
	// ErrLockLost is the error of a lock that is no longer held: it was released,
	// or another took it over after its holder had been gone from the database.
	ErrLockLost = errors.New("the lock was lost")
)

// Store is a database with the models' tables and synced's own:
// a *postgres.Store or a *sqlite.Store. It is safe for concurrent use, unless it
// was made of a single connection or transaction.
type Store interface {
	Querier
	// Migrate brings synced's own tables up to date. Many processes may call it
	// at once.
	Migrate(ctx context.Context) error
}

// Tx is the transaction that a handler is called in. It is used by one goroutine
// at a time. The run commits it; a handler undoes it by returning an error. The
// driver's own transaction is postgres.Tx(tx), postgres.SQLTx(tx) or sqlite.Tx(tx).
type Tx interface {
	Querier
	// Exec runs a statement and returns the number of rows that it touched.
	Exec(ctx context.Context, statement SQL) (int64, error)
}

// Querier reads.
type Querier interface {
	// Query runs a query. Close the rows.
	Query(ctx context.Context, query SQL) (Rows, error)
}
