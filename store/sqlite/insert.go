package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Inserter = conn{}

// Insert inserts row by row with one prepared statement.
func (c conn) Insert(ctx context.Context, rows sqlstore.Insertion) (inserted []bool, err error) {
	tx, ok := c.querier.(*sql.Tx)
	if !ok {
		return nil, nil
	}
	names := make([]string, len(rows.Columns))
	for i, column := range rows.Columns {
		names[i] = store.Quote(column.Name)
	}
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO "+store.Quote(rows.Table)+" ("+strings.Join(names, ", ")+
		") VALUES (?"+strings.Repeat(", ?", len(names)-1)+") ON CONFLICT DO NOTHING")
	if err != nil {
		return nil, because(ctx.Err, err)
	}
	defer func() { _ = stmt.Close() }()
	inserted = make([]bool, rows.Rows)
	values := make([]any, len(names))
	for row := range inserted {
		for i := range values {
			if values[i], err = encode(rows.Value(row, i)); err != nil {
				return nil, err
			}
		}
		result, err := stmt.ExecContext(ctx, values...)
		if err != nil {
			return nil, because(ctx.Err, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, err
		}
		inserted[row] = n > 0
	}
	return inserted, nil
}
