package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlitedriver"
)

// raw gives SQLite's own connection to a function, past database/sql, which takes
// as long for a value as SQLite for a row.
type raw func(ctx context.Context, do func(*sqlite3.Conn) error) error

// rawOf is a connection of a pool.
func rawOf(db *sql.DB) raw {
	return func(ctx context.Context, do func(*sqlite3.Conn) error) error {
		own, err := db.Conn(ctx)
		if err != nil {
			return because(ctx.Err, err)
		}
		defer func() { _ = own.Close() }() // it goes back to its pool
		return because(ctx.Err, own.Raw(func(c any) error { return c.(*sqlitedriver.Conn).Do(ctx, do) }))
	}
}

// rawIn is the connection of a transaction.
func rawIn(own *sql.Conn) raw {
	return func(ctx context.Context, do func(*sqlite3.Conn) error) error {
		return because(ctx.Err, own.Raw(func(c any) error {
			return c.(*sqlitedriver.Conn).Do(ctx, func(c *sqlite3.Conn) error {
				if c.GetAutocommit() {
					return errors.Join(ctx.Err(), sql.ErrTxDone) // SQLite undid it, as where the disk is full
				}
				return do(c)
			})
		}))
	}
}

// query runs a query, and calls row for each of its rows.
func query(c *sqlite3.Conn, sql string, args []any, row func(*sqlite3.Stmt)) error {
	stmt, _, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // its error is that of the last Step
	for i, arg := range args {
		if err := bind(stmt, i+1, arg, false); err != nil {
			return err
		}
	}
	for stmt.Step() {
		row(stmt)
	}
	return stmt.Err()
}
