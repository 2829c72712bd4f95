package sqlitedriver

import (
	"context"
	"database/sql/driver"

	"github.com/ncruces/go-sqlite3"
)

// Row is a row where SQLite has it.
type Row struct {
	*sqlite3.Stmt
	columns []column
}

// Each runs a query past database/sql, and calls row with each of its rows until row returns
// an error.
func (c *Conn) Each(ctx context.Context, query string, bind func(*sqlite3.Stmt) error, row func(*Row) error) error {
	return c.Prepared(ctx, query, func(_ *sqlite3.Conn, stmt *sqlite3.Stmt) error {
		if err := bind(stmt); err != nil {
			return err
		}
		now := &Row{Stmt: stmt}
		for stmt.Step() {
			if now.columns == nil {
				now.columns = columnsOf(stmt)
			}
			if err := row(now); err != nil {
				return err
			}
		}
		return stmt.Err()
	})
}

// Plain reports whether a column holds a value of a type, which database/sql would get as it
// is, and not as a time or a bool.
func (r *Row) Plain(c int, as sqlite3.Datatype) bool {
	return r.ColumnType(c) == as && (r.columns[c] == asStored || r.columns[c] == asText)
}

// Value returns the value of a column as database/sql would get it. Bytes are the caller's
// until the next row.
func (r *Row) Value(c int) driver.Value {
	switch r.ColumnType(c) {
	case sqlite3.INTEGER:
		return r.columns[c].value(r.ColumnInt64(c))
	case sqlite3.FLOAT:
		return r.columns[c].value(r.ColumnFloat(c))
	case sqlite3.TEXT:
		return r.columns[c].text(r.ColumnRawText(c))
	case sqlite3.BLOB:
		return r.ColumnBlob(c, []byte{})
	default:
		return nil
	}
}
