package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"

	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Comparer = conn{}

// Same compares rows in SQLite's own memory.
func (c conn) Same(ctx context.Context, query string, args []any, with sqlstore.Comparison) error {
	db, ok := c.querier.(*sql.DB)
	if !ok {
		return nil
	}
	own, err := db.Conn(ctx)
	if err != nil {
		return because(ctx.Err, err)
	}
	defer func() { _ = own.Close() }()
	return because(ctx.Err, own.Raw(func(c any) error {
		raw := c.(sqlitedriver.Conn).Raw()
		defer raw.SetInterrupt(raw.SetInterrupt(ctx))
		return same(raw, query, args, with)
	}))
}

func same(raw *sqlite3.Conn, query string, args []any, with sqlstore.Comparison) error {
	stmt, _, err := raw.Prepare(query)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // its error is that of the last Step
	for i, arg := range args {
		if err := bind(stmt, i+1, arg, false); err != nil {
			return err
		}
	}
	for stmt.Step() {
		var id store.ID
		switch stmt.ColumnType(0) {
		case sqlite3.INTEGER:
			id = store.IntID(stmt.ColumnInt64(0))
		case sqlite3.TEXT:
			id = store.TextID(stmt.ColumnText(0))
		default:
			continue
		}
		row, ok := with.Row(id)
		for c := 0; ok && c < len(with.Columns); c++ {
			ok = holds(stmt, c+1, with.Value(row, c), with.Columns[c].Data)
		}
		if ok {
			with.Same(row)
		}
	}
	return stmt.Err()
}

// holds says that a column of the row holds a value, as bind would write it.
func holds(stmt *sqlite3.Stmt, c int, v any, data bool) bool {
	is := stmt.ColumnType(c)
	switch x := v.(type) {
	case *string:
		return is == sqlite3.TEXT && string(stmt.ColumnRawText(c)) == *x
	case *int64:
		return is == sqlite3.INTEGER && stmt.ColumnInt64(c) == *x
	case *float64:
		return is == sqlite3.FLOAT && stmt.ColumnFloat(c) == *x
	}
	if data {
		text := reflect.ValueOf(v).Elem()
		return is == sqlite3.TEXT && string(stmt.ColumnRawText(c)) == string(text.Bytes()) || is == sqlite3.NULL && text.IsNil()
	}
	v, err := encode(v)
	if err == nil {
		v, err = driver.DefaultParameterConverter.ConvertValue(v)
	}
	if err != nil {
		return false
	}
	switch x := v.(type) {
	case nil:
		return is == sqlite3.NULL
	case int64:
		return is == sqlite3.INTEGER && stmt.ColumnInt64(c) == x
	case float64:
		return is == sqlite3.FLOAT && stmt.ColumnFloat(c) == x
	case bool:
		return is == sqlite3.INTEGER && stmt.ColumnBool(c) == x
	case []byte:
		return is == sqlite3.BLOB && string(stmt.ColumnRawBlob(c)) == string(x)
	case string:
		return is == sqlite3.TEXT && string(stmt.ColumnRawText(c)) == x
	default:
		return false
	}
}
