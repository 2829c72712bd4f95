package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/lent"
)

// borrowed is a connection of a [handle]. Until it is given back, database/sql lets
// nobody else use it.
type borrowed struct {
	own     *sql.Conn
	outer   driver.Conn // as database/sql has it
	conn    *pgx.Conn   // what is inside
	untyped bool
}

// reach finds the connection of pgx in that of a driver.
func (b *borrowed) reach(outer any) error {
	for c := outer; ; {
		switch of := c.(type) {
		case interface{ Conn() *pgx.Conn }: // pgx's stdlib
			b.outer, b.conn = outer.(driver.Conn), of.Conn()
			return nil
		case interface{ Raw() driver.Conn }: // XSAM/otelsql and others
			c = of.Raw()
		case interface{ WrappedConn() driver.Conn }: // Datadog's
			c = of.WrappedConn()
		default:
			return fmt.Errorf("the *sql.DB has connections of type %s, and synced needs those of pgx: "+
				`open it with sql.Open("pgx", url), of github.com/jackc/pgx/v5/stdlib, which GORM, ent, bun and sqlc take as well`, named(c))
		}
	}
}

// named returns a type with the path of its package: lib/pq's and both pgx's are alike
// without.
func named(v any) string {
	t := reflect.TypeOf(v)
	if t == nil {
		return "nil"
	}
	of := t
	if t.Kind() == reflect.Pointer {
		of = t.Elem()
	}
	return fmt.Sprintf("%v (%s)", t, of.PkgPath())
}

// giveBack lets others use the connection. One that is broken, or not at rest, is
// closed. It is harmless twice.
func (b *borrowed) giveBack() {
	_ = b.own.Raw(func(any) error {
		if b.conn == nil || b.conn.IsClosed() || b.conn.PgConn().IsBusy() || b.conn.PgConn().TxStatus() != 'I' {
			return driver.ErrBadConn
		}
		return nil
	})
	_ = b.own.Close() // an error means that it was given back already
}

// typed returns the arguments as they are sent.
func (b *borrowed) typed(args []any) []any {
	if !b.untyped {
		return args
	}
	return typed(args)
}

// borrowedTx is a transaction on a borrowed connection, which goes back at its end.
type borrowedTx struct {
	pgx.Tx
	on   *borrowed
	lent *lent.Tx
}

func newBorrowedTx(tx pgx.Tx, on *borrowed) *borrowedTx {
	return &borrowedTx{tx, on, lent.New(on.outer)}
}

func (t *borrowedTx) Commit(ctx context.Context) error {
	t.lent.TakeBack()
	defer t.on.giveBack()
	return t.Tx.Commit(ctx)
}

func (t *borrowedTx) Rollback(ctx context.Context) error {
	t.lent.TakeBack()
	defer t.on.giveBack()
	return t.Tx.Rollback(ctx)
}

// borrowedRows are rows on a borrowed connection, which goes back when they are closed.
type borrowedRows struct {
	pgx.Rows
	on *borrowed
}

func (r *borrowedRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *borrowedRows) Close() {
	defer r.on.giveBack()
	r.Rows.Close()
}

// borrowedResults are those of a batch on a borrowed connection, which goes back when
// they are closed.
type borrowedResults struct {
	pgx.BatchResults
	on *borrowed
}

func (r *borrowedResults) Close() error {
	defer r.on.giveBack()
	return r.BatchResults.Close()
}
