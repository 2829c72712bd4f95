package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// execKept executes a statement of [backend.Kept] past database/sql, which starts a goroutine
// for each query in a transaction.
func (c conn) execKept(ctx context.Context, s sqlstore.Statement) (changed int64, err error) {
	return changed, c.raw.prepared(ctx, s.SQL, func(own *sqlite3.Conn, stmt *sqlite3.Stmt) error {
		if err := bindAll(stmt, 0, s.Args); err != nil {
			return err
		}
		if err := stmt.Exec(); err != nil {
			return err
		}
		changed = own.Changes()
		return nil
	})
}

// queryKept reads the rows of a query of [backend.Kept], of which there are few.
func (c conn) queryKept(ctx context.Context, s sqlstore.Statement) (*keptRows, error) {
	found := &keptRows{}
	return found, c.raw.query(ctx, s.SQL, s.Args, func(stmt *sqlite3.Stmt) {
		row := make([]any, stmt.ColumnCount())
		for i := range row {
			switch stmt.ColumnType(i) {
			case sqlite3.INTEGER:
				row[i] = stmt.ColumnInt64(i)
			case sqlite3.FLOAT:
				row[i] = stmt.ColumnFloat(i)
			case sqlite3.TEXT:
				row[i] = stmt.ColumnText(i)
			case sqlite3.BLOB:
				row[i] = stmt.ColumnBlob(i, nil)
			}
		}
		found.rows = append(found.rows, row)
	})
}

// keptRows are rows that were read.
type keptRows struct {
	rows [][]any
	now  []any
}

func (r *keptRows) Next() bool {
	if len(r.rows) == 0 {
		return false
	}
	r.now, r.rows = r.rows[0], r.rows[1:]
	return true
}

func (r *keptRows) Err() error { return nil }

func (r *keptRows) Close() error {
	r.rows = nil
	return nil
}

func (r *keptRows) Scan(dest ...any) error {
	if len(dest) != len(r.now) {
		return fmt.Errorf("%d destinations for %d columns", len(dest), len(r.now))
	}
	for i, v := range r.now {
		ok := true
		switch d := dest[i].(type) {
		case nil:
		case *int64:
			*d, ok = v.(int64)
		case *string:
			*d, ok = v.(string)
		case *bool:
			var n int64
			n, ok = v.(int64)
			*d = n != 0
		case sql.Scanner:
			if err := d.Scan(v); err != nil {
				return fmt.Errorf("column %d: %w", i+1, err)
			}
		default:
			ok = false
		}
		if !ok {
			return fmt.Errorf("column %d: a %T does not fit a %T", i+1, v, dest[i])
		}
	}
	return nil
}
