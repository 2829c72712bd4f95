package postgres

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// In returns a transaction of the service's own as synced's packages take it, such as
// journal's. It is used by one goroutine at a time, and ends with tx.
func (s *Store) In(tx pgx.Tx) store.Tx { return backend.Shown(s.db.newTransaction(tx)) }

// InSQL is [Store.In] of a transaction of package database/sql, over pgx's driver.
func (s *Store) InSQL(tx *sql.Tx) store.Tx {
	return backend.Shown(&transaction{Session: sqlstore.NewSession(sqlConn{tx}, s.db.dialect), of: s.db})
}

// sqlConn adapts a transaction of database/sql to [sqlstore.Conn].
type sqlConn struct{ tx *sql.Tx }

func (c sqlConn) Exec(ctx context.Context, s sqlstore.Statement) (int64, error) {
	result, err := c.tx.ExecContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c sqlConn) Query(ctx context.Context, s sqlstore.Statement) (store.Rows, error) {
	found, err := c.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{found}, nil
}

// sqlRows lets nil destinations skip their columns, as pgx does.
type sqlRows struct{ *sql.Rows }

func (r sqlRows) Scan(dest ...any) error {
	filled := make([]any, len(dest))
	for i, d := range dest {
		if filled[i] = d; d == nil {
			filled[i] = new(any)
		}
	}
	return r.Rows.Scan(filled...)
}
