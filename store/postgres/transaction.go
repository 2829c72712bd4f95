package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	tx    pgx.Tx
	marks *marks
	of    *database
	// planMode is that of the caller's own transaction, which this one is a
	// savepoint of; "" where it is not.
	planMode string
}

var _ backend.Tx = (*transaction)(nil)

// beginner is a DB that can choose how its transactions begin.
type beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// Begin opens a transaction. It is read committed, whatever the database is set
// to: a row that another writer inserts must be seen after the wait for it. In
// the caller's own transaction it is a savepoint. From a handler, where there is one
// connection, it is an error.
func (d *database) Begin(ctx context.Context) (backend.Tx, error) {
	if outer, ok := backend.Handling(ctx).(*transaction); ok && outer.of == d && !d.Parallel() {
		return nil, backend.ErrInHandler
	}
	if choosy, ok := d.db.(beginner); ok {
		tx, err := choosy.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin isolation level read committed"})
		if err != nil {
			return nil, err
		}
		return d.newTransaction(tx), nil
	}
	tx, err := d.db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	t := d.newTransaction(tx)
	t.marks.planned = true
	// What is set in a savepoint outlives its release.
	err = tx.QueryRow(ctx, "SELECT current_setting('plan_cache_mode'), set_config('plan_cache_mode', $1, true)", planMode).Scan(&t.planMode, nil)
	if err != nil {
		return nil, errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	return t, nil
}

func (d *database) newTransaction(tx pgx.Tx) *transaction {
	m := &marks{tx: tx}
	c := conn{querier: tx, untyped: d.untyped, mark: m}
	if own, ok := tx.(*borrowedTx); ok {
		c.untyped = own.on.untyped
	}
	return &transaction{Session: sqlstore.NewSession(c, d.dialect), tx: tx, marks: m, of: d}
}

func (t *transaction) Commit(ctx context.Context) error {
	if err := t.marks.flush(ctx); err != nil {
		return err
	}
	if t.planMode != "" {
		if _, err := t.tx.Exec(ctx, "SELECT set_config('plan_cache_mode', $1, true)", t.planMode); err != nil {
			return fmt.Errorf("restore plan_cache_mode: %w", err)
		}
	}
	return t.tx.Commit(ctx)
}

func (t *transaction) Rollback(ctx context.Context) error {
	if err := t.tx.Rollback(ctx); !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
