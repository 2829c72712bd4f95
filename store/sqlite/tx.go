package sqlite

import (
	"context"
	"database/sql"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Statements runs statements in a transaction that the run ends. It has the
// methods of a *sql.Tx that do: the interface that sqlc calls DBTX, and others
// ConnPool or Executor.
type Statements struct{ tx *sql.Tx }

// Tx returns the transaction that a handler was called in, for its own statements.
// It is nil if tx is another store's.
func Tx(tx store.Tx) *Statements {
	if own, ok := backend.Whole(tx).(*transaction); ok {
		return &Statements{own.tx}
	}
	return nil
}

// ExecContext is that of [sql.Tx].
func (s *Statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(ctx, query, args...)
}

// QueryContext is that of [sql.Tx].
func (s *Statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of [sql.Tx].
func (s *Statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(ctx, query, args...)
}

// PrepareContext is that of [sql.Tx].
func (s *Statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.tx.PrepareContext(ctx, query)
}
