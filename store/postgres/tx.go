package postgres

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/lent"
	"github.com/syncedgo/synced/store"
)

// Tx returns the pgx transaction that a handler was called in, for its own
// statements. It is nil if tx is another store's. Its Commit and Rollback are
// errors, since the run ends it; Begin makes a savepoint.
func Tx(tx store.Tx) pgx.Tx {
	if own := driverTx(context.Background(), backend.Whole(tx)); own != nil {
		return handlerTx{own}
	}
	return nil
}

// SQLTx is [Tx] of a store that was made by [FromSQL], for what works in a *sql.Tx:
// GORM, ent, bun, sqlc. It is nil of any other store. Its Commit and Rollback are
// errors, since the run ends it.
func SQLTx(tx store.Tx) *sql.Tx {
	if own, ok := driverTx(context.Background(), backend.Whole(tx)).(*borrowedTx); ok {
		return own.lent.SQL()
	}
	return nil
}

// driverTx returns the pgx transaction of one of ours, and nil for another.
func driverTx(ctx context.Context, tx backend.Tx) pgx.Tx {
	if own, ok := tx.(*transaction); ok && own.marks != nil {
		return own.pgx(ctx)
	}
	return nil
}

// handlerTx is a transaction that its user cannot end.
type handlerTx struct{ pgx.Tx }

func (handlerTx) Commit(context.Context) error   { return lent.ErrEnd }
func (handlerTx) Rollback(context.Context) error { return lent.ErrEnd }
