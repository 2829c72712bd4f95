package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlitedriver"
)

// raw gives a connection to a function, past database/sql, which takes as long for a
// value as SQLite for a row.
type raw func(ctx context.Context, do func(*sqlitedriver.Conn) error) error

// rawOf is a connection of a pool.
func rawOf(db *sql.DB) raw {
	return func(ctx context.Context, do func(*sqlitedriver.Conn) error) error {
		own, err := db.Conn(ctx)
		if err != nil {
			return because(ctx.Err, err)
		}
		defer func() { _ = own.Close() }() // it goes back to its pool
		return because(ctx.Err, own.Raw(func(c any) error { return do(c.(*sqlitedriver.Conn)) }))
	}
}

// rawIn is the connection of a transaction.
func rawIn(own *sql.Conn) raw {
	return func(ctx context.Context, do func(*sqlitedriver.Conn) error) error {
		return because(ctx.Err, own.Raw(func(c any) error {
			conn := c.(*sqlitedriver.Conn)
			if conn.Raw().GetAutocommit() {
				return errors.Join(ctx.Err(), sql.ErrTxDone) // SQLite undid it, as where the disk is full
			}
			return do(conn)
		}))
	}
}

// query runs a query, and calls row for each of its rows.
func (r raw) query(ctx context.Context, sql string, args []any, row func(*sqlite3.Stmt)) error {
	return r.prepared(ctx, sql, func(_ *sqlite3.Conn, stmt *sqlite3.Stmt) error {
		if err := bindAll(stmt, 0, args); err != nil {
			return err
		}
		for stmt.Step() {
			row(stmt)
		}
		return stmt.Err()
	})
}

// bindAll gives a statement its values, after some that it has.
func bindAll(stmt *sqlite3.Stmt, after int, args []any) error {
	for i, arg := range args {
		if err := bind(stmt, after+i+1, arg, false); err != nil {
			return err
		}
	}
	return nil
}

// prepared gives a prepared statement to a function.
func (r raw) prepared(ctx context.Context, sql string, do func(*sqlite3.Conn, *sqlite3.Stmt) error) error {
	return r(ctx, func(c *sqlitedriver.Conn) error { return c.Prepared(ctx, sql, do) })
}
