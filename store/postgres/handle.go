package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// FromSQL makes a database of a handle that the service has, for [New]. Its driver is
// pgx's, github.com/jackc/pgx/v5/stdlib, or one that wraps it and shows what it wraps,
// as otelsql does; the first use of another one is an error. Arrays and COPY work as
// with a pool. In a handler, [SQLTx] is the run's transaction as a *sql.Tx.
//
// Locks keep one of the handle's connections. Where SetMaxOpenConns allows just one,
// locks are leases, as with [Options.LeaseTTL]. Where it sets a limit, waiting longer
// than 10 seconds for a connection is an error. Closing db remains the caller's task.
func FromSQL(db *sql.DB) DB { return &handle{db: db} }

// handle is a *sql.DB over pgx.
type handle struct {
	db      *sql.DB
	once    sync.Once
	untyped bool // once there was a connection
}

var _ beginner = (*handle)(nil)

// limit returns how many connections the handle may open, and 0 where that is not limited.
func (h *handle) limit() int {
	if h.db == nil {
		return 0
	}
	return h.db.Stats().MaxOpenConnections
}

// acquire takes a connection, which must be given back.
func (h *handle) acquire(ctx context.Context) (*borrowed, error) {
	if h.db == nil {
		return nil, errors.New("postgres.FromSQL was given a *sql.DB that is nil")
	}
	own, err := h.wait(ctx)
	if err != nil {
		return nil, fmt.Errorf("take a connection of the *sql.DB: %w", err)
	}
	b := &borrowed{own: own}
	if err := own.Raw(b.reach); err != nil {
		b.giveBack()
		return nil, err
	}
	h.once.Do(func() { h.untyped = untyped(b.conn) })
	b.untyped = h.untyped
	return b, nil
}

// wait waits for a connection: while others use all that are allowed, not for ever.
// They may be waiting for this one.
func (h *handle) wait(ctx context.Context) (*sql.Conn, error) {
	most := h.limit()
	if most == 0 {
		return h.db.Conn(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	own, err := h.db.Conn(limited)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("none of the %d that SetMaxOpenConns allows was free for %v: allow more, "+
			"or give those back that wait for this (a transaction, rows that are not closed): %w", most, patience.Round(time.Second), err)
	}
	return own, err
}

func (h *handle) Begin(ctx context.Context) (pgx.Tx, error) { return h.BeginTx(ctx, pgx.TxOptions{}) }

func (h *handle) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	b, err := h.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := b.conn.BeginTx(ctx, o)
	if err != nil {
		b.giveBack()
		return nil, err
	}
	return newBorrowedTx(tx, b), nil
}

func (h *handle) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	b, err := h.acquire(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer b.giveBack()
	return b.conn.Exec(ctx, sql, b.typed(args)...)
}

func (h *handle) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	b, err := h.acquire(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := b.conn.Query(ctx, sql, b.typed(args)...)
	if err != nil {
		b.giveBack()
		return nil, err
	}
	return &borrowedRows{rows, b}, nil
}

func (h *handle) sendBatch(ctx context.Context, batch *pgx.Batch) (pgx.BatchResults, error) {
	b, err := h.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &borrowedResults{b.conn.SendBatch(ctx, batch), b}, nil
}
