// Package lent lends an open transaction as a *sql.Tx that its borrower can't end.
package lent

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// Tx is a transaction that is open on a connection, which no other uses meanwhile.
// It is used by one goroutine at a time.
type Tx struct {
	conn driver.Conn
	db   *sql.DB // of that connection alone
	tx   *sql.Tx
	done atomic.Bool // whether the borrower tried to end tx
}

// New lends the transaction that is open on a connection.
func New(conn driver.Conn) *Tx { return &Tx{conn: conn} }

// SQL returns the transaction, each time the same one, unless its borrower tried to
// end it: then database/sql no longer takes statements for that one.
func (t *Tx) SQL() *sql.Tx {
	if t.tx != nil && !t.done.Load() {
		return t.tx
	}
	if t.db == nil {
		t.db = sql.OpenDB(connector{t})
	}
	t.done.Store(false)
	t.tx, _ = t.db.BeginTx(context.Background(), nil) // it sends nothing, and can't fail
	return t.tx
}

// TakeBack closes what the borrower left open: rows and prepared statements. From
// then on nothing of his uses the connection. It is harmless twice, and of nil.
func (t *Tx) TakeBack() {
	if t == nil || t.db == nil {
		return
	}
	_ = t.tx.Rollback() // which is refused below
	_ = t.db.Close()
}

// ErrEnd is what a borrower gets who tries to end the transaction.
var ErrEnd = errors.New("the transaction is the run's, which commits it: return an error from the handler to undo it")

// Commit implements [driver.Tx]: it does nothing.
func (t *Tx) Commit() error {
	t.done.Store(true)
	return ErrEnd
}

// Rollback implements [driver.Tx]: it does nothing.
func (t *Tx) Rollback() error { return t.Commit() }
