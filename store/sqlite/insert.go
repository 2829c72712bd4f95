package sqlite

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Inserter = conn{}

// Insert inserts row by row with one prepared statement, past database/sql. Of the
// speed of prepared inserts of rows that are at hand it reaches 0.83 with 10
// columns and 0.98 with 60; through database/sql 0.75, and an INSERT of many rows
// 0.52 and 0.39.
func (c conn) Insert(ctx context.Context, rows sqlstore.Insertion) (inserted []bool, err error) {
	if rows.AsSet {
		return nil, nil
	}
	names := make([]string, len(rows.Columns))
	for i, column := range rows.Columns {
		names[i] = store.Quote(column.Name)
	}
	statement := "INSERT INTO " + store.Quote(rows.Table) + " (" + strings.Join(names, ", ") +
		") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ") ON CONFLICT DO NOTHING"
	return inserted, c.raw.prepared(ctx, statement, func(own *sqlite3.Conn, stmt *sqlite3.Stmt) (err error) {
		inserted, err = insert(own, stmt, rows)
		return err
	})
}

func insert(own *sqlite3.Conn, stmt *sqlite3.Stmt, rows sqlstore.Insertion) (inserted []bool, err error) {
	inserted = make([]bool, rows.Rows)
	buf := make([]byte, 0, 256)
	for row := range inserted {
		for c, column := range rows.Columns {
			v := rows.Value(row, c)
			text, ok, err := ownText(buf, v)
			if ok && err == nil {
				err = stmt.BindRawText(c+1, text)
			} else if err == nil {
				err = bind(stmt, c+1, v, column.Data)
			}
			if err != nil {
				return nil, err
			}
		}
		if err := stmt.Exec(); err != nil {
			if !refused(err) {
				return nil, err
			}
			if rows.Refused(row, err) {
				continue
			}
			break // the others are inserted another time, or nothing is
		}
		inserted[row] = own.Changes() > 0
	}
	return inserted, nil
}

// ownText returns the text of a pointer that writes it itself, into buf, nil for a null.
func ownText(buf []byte, v any) (text []byte, ok bool, err error) {
	isNull := false
	switch x := v.(type) {
	case backend.Timed:
		var at time.Time
		if at, isNull = x.Time(); !isNull {
			buf = appendTime(buf, at.UTC())
		}
	case backend.Textual:
		buf, isNull, err = x.AppendTo(buf)
	default:
		return nil, false, nil
	}
	if isNull {
		return nil, true, err
	}
	return buf, true, err
}

// bind gives a statement a value, from where it is in the row if it can.
func bind(stmt *sqlite3.Stmt, param int, v any, data bool) error {
	switch x := v.(type) {
	case *string:
		return stmt.BindText(param, *x)
	case *int64:
		return stmt.BindInt64(param, *x)
	case *float64:
		return stmt.BindFloat(param, *x)
	}
	if data {
		return stmt.BindRawText(param, reflect.ValueOf(v).Elem().Bytes())
	}
	v, err := driverValue(v)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case int64:
		return stmt.BindInt64(param, x)
	case float64:
		return stmt.BindFloat(param, x)
	case bool:
		return stmt.BindBool(param, x)
	case []byte:
		return stmt.BindBlob(param, x)
	case string:
		return stmt.BindText(param, x)
	default:
		return stmt.BindNull(param)
	}
}
