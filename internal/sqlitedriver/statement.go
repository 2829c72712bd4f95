package sqlitedriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// statement is a prepared statement.
type statement struct {
	own prepared
	c   *Conn
}

var (
	_ driver.StmtExecContext   = (*statement)(nil)
	_ driver.StmtQueryContext  = (*statement)(nil)
	_ driver.NamedValueChecker = (*statement)(nil)
)

func (s *statement) Close() (err error) {
	defer s.c.recovered(&err)
	return s.c.keep(s.own)
}

// NumInput returns the number of parameters, or -1 if some have names.
func (s *statement) NumInput() int {
	count := s.own.BindCount()
	for i := 1; i <= count; i++ {
		if s.own.BindName(i) != "" {
			return -1
		}
	}
	return count
}

// Exec is not called: there is ExecContext.
func (s *statement) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is not called: there is QueryContext.
func (s *statement) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (_ driver.Result, err error) {
	defer s.c.recovered(&err)
	defer s.c.interruptible(ctx)()
	if err := s.bind(args); err != nil {
		return nil, err
	}
	s.c.own.SetLastInsertRowID(0)
	if err := errors.Join(s.own.Exec(), s.own.ClearBindings()); err != nil {
		return nil, err
	}
	return s.c.result(), nil
}

func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (_ driver.Rows, err error) {
	defer s.c.recovered(&err)
	if err := s.bind(args); err != nil {
		return nil, err
	}
	return &rows{statement: s, ctx: ctx}, nil
}

// CheckNamedValue keeps what bind knows; database/sql converts the rest.
func (s *statement) CheckNamedValue(arg *driver.NamedValue) error {
	switch arg.Value.(type) {
	case nil, bool, int, int64, float64, string, []byte, time.Time, sqlite3.ZeroBlob:
		return nil
	default:
		return driver.ErrSkip
	}
}

func (s *statement) bind(args []driver.NamedValue) error {
	for _, arg := range args {
		if arg.Name == "" {
			if err := s.bindTo(arg.Ordinal, arg.Value); err != nil {
				return err
			}
			continue
		}
		for _, prefix := range []string{":", "@", "$"} {
			if param := s.own.BindIndex(prefix + arg.Name); param > 0 {
				if err := s.bindTo(param, arg.Value); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *statement) bindTo(param int, v driver.Value) error {
	switch v := v.(type) {
	case nil:
		return s.own.BindNull(param)
	case bool:
		return s.own.BindBool(param, v)
	case int:
		return s.own.BindInt(param, v)
	case int64:
		return s.own.BindInt64(param, v)
	case float64:
		return s.own.BindFloat(param, v)
	case string:
		return s.own.BindText(param, v)
	case []byte:
		return s.own.BindBlob(param, v)
	case time.Time:
		return s.own.BindTime(param, v, sqlite3.TimeFormatDefault)
	case sqlite3.ZeroBlob:
		return s.own.BindZeroBlob(param, int64(v))
	default:
		return fmt.Errorf("parameter %d: SQLite has no type for a %T", param, v)
	}
}
