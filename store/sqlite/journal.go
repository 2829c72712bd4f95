package sqlite

import (
	"database/sql"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Journaled has each transaction of the store's handles mark its end in the journal, where
// triggers can't see it.
func (d *database) Journaled() {
	d.file.Commits.Set(d.dialect.own.Fill("UPDATE {synced_journal_new} SET last = 1 WHERE rowid = (SELECT max(rowid) FROM {synced_journal_new}) AND last IS NULL"))
}

// In returns a transaction of the service's own as synced's packages take it, such as
// journal's. Its handle is [Store.DB], or one of [OpenDB]. It is used by one goroutine at a
// time, and ends with tx.
func (s *Store) In(tx *sql.Tx) store.Tx {
	return backend.Shown(&transaction{Session: sqlstore.NewSession(conn{querier: tx}, s.db.dialect), tx: tx, of: s.db.write})
}
