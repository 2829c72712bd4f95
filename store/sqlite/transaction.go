package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/lent"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	tx   *sql.Tx
	own  *sql.Conn // that tx is in
	of   *sql.DB
	lent *lent.Tx
}

var _ backend.Tx = (*transaction)(nil)

// Begin opens a transaction that writes. It waits for the one that is open, until ctx
// ends: from the handler of that one it would wait for ever, and is an error.
func (d *database) Begin(ctx context.Context) (backend.Tx, error) {
	if outer, ok := backend.Handling(ctx).(*transaction); ok && outer.of == d.write {
		return nil, backend.ErrInHandler
	}
	own, err := d.write.Conn(ctx)
	if err != nil {
		return nil, because(ctx.Err, err)
	}
	t := &transaction{own: own, of: d.write}
	err = own.Raw(func(c any) error {
		t.lent = lent.New(c.(driver.Conn))
		return nil
	})
	if err == nil {
		t.tx, err = own.BeginTx(&beginning{Context: ctx}, nil)
	}
	if err != nil {
		return nil, because(ctx.Err, errors.Join(err, own.Close()))
	}
	t.Session = sqlstore.NewSession(conn{t.tx, rawIn(own)}, d.dialect)
	return t, nil
}

// beginning is a context in which a transaction begins, and that no longer ends once
// that is done. At its end, database/sql would roll back at once, beside a statement of
// a handler's on the same connection. Who began the transaction rolls it back.
type beginning struct {
	context.Context
	begun bool
}

// Begun is called by the driver.
func (b *beginning) Begun() { b.begun = true }

func (b *beginning) Done() <-chan struct{} {
	if b.begun {
		return nil
	}
	return b.Context.Done()
}

func (b *beginning) Err() error {
	if b.begun {
		return nil
	}
	return b.Context.Err()
}

func (t *transaction) Commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer t.giveBack()
	t.lent.TakeBack()
	return t.tx.Commit()
}

func (t *transaction) Rollback(context.Context) error {
	defer t.giveBack()
	t.lent.TakeBack()
	if err := t.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// giveBack lets the connection go to its pool. It is harmless twice.
func (t *transaction) giveBack() { _ = t.own.Close() }
