package sqlite

import (
	"context"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlstore"
)

var _ sqlstore.Updater = conn{}

// Update updates row by row with one prepared statement, past database/sql.
func (c conn) Update(ctx context.Context, u sqlstore.Updates) (updated []bool, err error) {
	return updated, c.raw.prepared(ctx, u.SQL, func(own *sqlite3.Conn, stmt *sqlite3.Stmt) (err error) {
		updated, err = update(own, stmt, u)
		return err
	})
}

func update(own *sqlite3.Conn, stmt *sqlite3.Stmt, u sqlstore.Updates) ([]bool, error) {
	updated := make([]bool, u.Rows)
	for row := range updated {
		for c, column := range u.Columns {
			if bind(stmt, c+1, u.Value(row, c), column.Data) != nil {
				return nil, nil
			}
		}
		if err := bindAll(stmt, len(u.Columns), u.Args); err != nil {
			return nil, err
		}
		if err := stmt.Exec(); refused(err) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		updated[row] = own.Changes() > 0
	}
	return updated, nil
}
