package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	marks *marks // nil of one that database/sql has
	of    *database
	// giveBack gives the connection back, where the transaction took it.
	giveBack func()
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
	switch db := d.db.(type) {
	case *pgxpool.Pool:
		own, err := db.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		return d.beginLater(own.Conn(), own.Release), nil
	case *pgx.Conn:
		return d.beginLater(db, func() {}), nil
	}
	if choosy, ok := d.db.(beginner); ok {
		tx, err := choosy.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
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

// newTransaction is one that has begun.
func (d *database) newTransaction(tx pgx.Tx) *transaction {
	m := &marks{tx: tx}
	c := conn{querier: tx, untyped: d.untyped, mark: m}
	if own, ok := tx.(*borrowedTx); ok {
		c.untyped = own.on.untyped
	}
	return &transaction{Session: sqlstore.NewSession(c, d.dialect), marks: m, of: d}
}

// beginLater is a transaction that begins with its first statement. Of a run that finds
// nothing new, that and [marks.later] make 6 exchanges of 10.
func (d *database) beginLater(own *pgx.Conn, giveBack func()) *transaction {
	m := &marks{conn: own}
	c := conn{querier: own, untyped: d.untyped, mark: m}
	return &transaction{Session: sqlstore.NewSession(c, d.dialect), marks: m, of: d, giveBack: giveBack}
}

// pgx returns the transaction as pgx has it, for others to use. If it can't begin, it is one
// that has ended, and its commit says why.
func (t *transaction) pgx(ctx context.Context) pgx.Tx {
	if t.giveBack == nil {
		return t.marks.tx
	}
	if err := t.marks.flush(ctx); err != nil {
		t.marks.failed = err
		var b pgx.Batch
		b.BeginTx(pgx.TxOptions{})
		return pgx.FailedBatchResults(&b, err).Tx()
	}
	t.marks.shown = true
	return t.marks.tx
}

// Commit sends what waits for a statement with the commit, unless there is an answer to heed.
func (t *transaction) Commit(ctx context.Context) error {
	m := t.marks
	if err := m.usable(); err != nil {
		return err
	}
	if slices.ContainsFunc(m.first, func(s mark) bool { return s.heeded }) || m.shown || t.giveBack == nil {
		if err := m.flush(ctx); err != nil {
			return err
		}
	}
	if t.planMode != "" {
		if _, err := m.tx.Exec(ctx, "SELECT set_config('plan_cache_mode', $1, true)", t.planMode); err != nil {
			return fmt.Errorf("restore plan_cache_mode: %w", err)
		}
	}
	switch {
	case m.first == nil && m.tx == nil:
		t.end()
		return nil
	case m.first == nil:
		err := m.tx.Commit(ctx)
		t.end()
		return err
	}
	err := t.commit(ctx)
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		_ = t.Rollback(ctx) // the error of the commit says more
	}
	t.end()
	return err
}

// commit sends what waits, and the commit.
func (t *transaction) commit(ctx context.Context) error {
	answers, err := t.marks.send(ctx, t.marks.take(), "commit", nil)
	if err != nil {
		return err
	}
	tag, err := answers.Exec()
	if err = cmp.Or(err, answers.Close()); err == nil && tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

func (t *transaction) Rollback(ctx context.Context) (err error) {
	if m := t.marks; !m.ended && m.tx != nil {
		err = m.tx.Rollback(ctx)
	}
	t.end()
	if errors.Is(err, pgx.ErrTxClosed) {
		return nil
	}
	return err
}

// end gives the connection back, once.
func (t *transaction) end() {
	if !t.marks.ended && t.giveBack != nil {
		t.giveBack()
	}
	t.marks.ended = true
}
