package sqlite

import (
	"database/sql"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Tx returns the transaction that a handler was called in, for its own statements and
// for whatever works in a *sql.Tx: sqlc, GORM, bun. It is nil if tx is another store's.
// Its Commit and Rollback are errors, since the run ends it.
func Tx(tx store.Tx) *sql.Tx {
	if own, ok := backend.Whole(tx).(*transaction); ok {
		if own.lent == nil { // the service's own
			return own.tx
		}
		return own.lent.SQL()
	}
	return nil
}
