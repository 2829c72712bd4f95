package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	tx  *sql.Tx
	own *sql.Conn // that tx is in
}

var _ backend.Tx = (*transaction)(nil)

// Begin opens a transaction that writes. It waits for the one that is open.
func (d *database) Begin(ctx context.Context) (backend.Tx, error) {
	own, err := d.write.Conn(ctx)
	if err != nil {
		return nil, because(ctx.Err, err)
	}
	tx, err := own.BeginTx(ctx, nil)
	if err != nil {
		return nil, because(ctx.Err, errors.Join(err, own.Close()))
	}
	return &transaction{Session: sqlstore.NewSession(conn{tx, rawIn(own)}, d.dialect), tx: tx, own: own}, nil
}

func (t *transaction) Commit(ctx context.Context) error {
	defer func() { _ = t.own.Close() }()   // it goes back to its pool
	return because(ctx.Err, t.tx.Commit()) // database/sql may have ended it with the context, and says no more than that
}

func (t *transaction) Rollback(context.Context) error {
	defer func() { _ = t.own.Close() }()
	if err := t.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
