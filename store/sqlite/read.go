package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Reader = conn{}

// Read reads rows where SQLite has them, past database/sql.
func (c conn) Read(ctx context.Context, s sqlstore.Statement, row func(store.Rows) error) (done bool, err error) {
	var found inPlace
	err = c.raw(ctx, func(own *sqlitedriver.Conn) error {
		bind := func(stmt *sqlite3.Stmt) error { return bindAll(stmt, 0, s.Args) }
		return own.Each(ctx, s.SQL, bind, func(now *sqlitedriver.Row) error {
			found.now = now
			if err := row(&found); !found.odd {
				return err
			}
			return errOdd
		})
	})
	if found.odd {
		return false, nil
	}
	return true, err
}

// inPlace is a row that is scanned where SQLite has it.
type inPlace struct {
	now *sqlitedriver.Row
	// odd reports whether there was a destination that only database/sql knows.
	odd bool
}

var _ store.Rows = (*inPlace)(nil)

// Next is not called: there is [sqlitedriver.Conn.Each].
func (*inPlace) Next() bool { return false }

func (*inPlace) Err() error { return nil }

func (*inPlace) Close() error { return nil }

// errOdd ends the reading of rows that database/sql should read.
var errOdd = errors.New("a destination that only database/sql knows")

func (r *inPlace) Scan(dest ...any) error {
	for c, d := range dest {
		if r.quick(c, d) {
			continue
		}
		if err := assign(d, r.now.Value(c)); err != nil {
			r.odd = r.odd || err == errOdd
			return fmt.Errorf("column %d: %w", c+1, err)
		}
	}
	return nil
}

// quick scans a value of the usual type, and reports whether it did.
func (r *inPlace) quick(c int, dest any) bool {
	switch d := dest.(type) {
	case nil:
		return true
	case *int64:
		return r.number(c, d)
	case **int64:
		*d = new(int64)
		return r.number(c, *d)
	case *string:
		return r.text(c, d)
	case **string:
		*d = new(string)
		return r.text(c, *d)
	case *float64:
		return r.float(c, d)
	case **float64:
		*d = new(float64)
		return r.float(c, *d)
	default:
		return false
	}
}

func (r *inPlace) number(c int, d *int64) bool {
	ok := r.now.Plain(c, sqlite3.INTEGER)
	if ok {
		*d = r.now.ColumnInt64(c)
	}
	return ok
}

func (r *inPlace) text(c int, d *string) bool {
	ok := r.now.Plain(c, sqlite3.TEXT)
	if ok {
		*d = r.now.ColumnText(c)
	}
	return ok
}

func (r *inPlace) float(c int, d *float64) bool {
	ok := r.now.Plain(c, sqlite3.FLOAT)
	if ok {
		*d = r.now.ColumnFloat(c)
	}
	return ok
}

// assign gives a value to a destination as database/sql does, or returns errOdd.
func assign(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case sql.Scanner:
		return d.Scan(v)
	case *string:
		return scan(d, v)
	case *int64:
		return scan(d, v)
	case *float64:
		return scan(d, v)
	case *bool:
		return scan(d, v)
	case *time.Time:
		return scan(d, v)
	}
	return assignKind(reflect.ValueOf(dest), v)
}

// scan gives a value to a destination of a type that drivers have.
func scan[T any](d *T, v driver.Value) error {
	if own, ok := v.(T); ok {
		*d = own
		return nil
	}
	var converted sql.Null[T]
	if err := converted.Scan(v); err != nil {
		return err
	}
	if !converted.Valid {
		return errors.New("a null does not fit")
	}
	*d = converted.V
	return nil
}

// assignKind gives a value to a destination of another type, as far as that is simple.
func assignKind(dest reflect.Value, v driver.Value) error {
	if dest.Kind() != reflect.Pointer {
		return errOdd
	}
	switch to := dest.Elem(); to.Kind() {
	case reflect.Pointer:
		if v == nil {
			to.SetZero()
			return nil
		}
		into := reflect.New(to.Type().Elem())
		to.Set(into)
		return assign(into.Interface(), v)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n, ok := v.(int64); ok && !to.OverflowInt(n) {
			to.SetInt(n)
			return nil
		}
	case reflect.String:
		if text, ok := v.(string); ok {
			to.SetString(text)
			return nil
		}
	case reflect.Slice:
		if data, ok := v.([]byte); ok && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes(data)
			return nil
		}
	}
	return errOdd
}
