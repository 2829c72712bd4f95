package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/bits"
	"reflect"

	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"
)

// mostMemory is how much memory SQLite may use for one connection. A statement takes
// up to ten times the row that it writes.
const mostMemory = 1 << 30

// errPanicked is the error of a statement in which the driver panicked, as it does
// where memory runs out.
var errPanicked = errors.New("SQLite gave up, most likely since the statement's values take too much memory")

// openPool opens a pool of connections that panic on nothing: a panic inside of
// database/sql would leave its locks, and the transaction, for ever. A connection that
// gave up is closed, unless the database would go with it.
func openPool(name string, lasting bool) (*sql.DB, error) {
	of, err := (&sqlitedriver.SQLite{}).OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{of, lasting}), nil
}

type connector struct {
	driver.Connector
	lasting bool
}

func (c connector) Connect(ctx context.Context) (_ driver.Conn, err error) {
	g := &guarded{lasting: c.lasting}
	defer g.recovered(&err)
	if bits.UintSize == 64 {
		ctx = sqlite3.WithMaxMemory(ctx, mostMemory)
	}
	own, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	g.Conn = own.(sqlitedriver.Conn)
	return g, nil
}

// guarded is a connection that returns a panic of the driver as an error.
type guarded struct {
	sqlitedriver.Conn
	lasting, broken bool
}

var (
	_ sqlitedriver.Conn        = (*guarded)(nil)
	_ driver.ExecerContext     = (*guarded)(nil)
	_ driver.NamedValueChecker = (*guarded)(nil)
	_ driver.Validator         = (*guarded)(nil)
)

// recovered is deferred by each call of the driver.
func (g *guarded) recovered(err *error) {
	if p := recover(); p != nil {
		g.broken = true
		*err = fmt.Errorf("%w: %v", errPanicked, p)
	}
}

// IsValid reports whether the connection may be used again.
func (g *guarded) IsValid() bool { return g.lasting || !g.broken }

func (g *guarded) Close() (err error) {
	defer g.recovered(&err)
	return g.Conn.Close()
}

func (g *guarded) BeginTx(ctx context.Context, o driver.TxOptions) (_ driver.Tx, err error) {
	defer g.recovered(&err)
	tx, err := g.Conn.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &guardedTx{tx, g}, nil
}

func (g *guarded) PrepareContext(ctx context.Context, query string) (_ driver.Stmt, err error) {
	defer g.recovered(&err)
	stmt, err := g.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &guardedStmt{stmt, g}, nil
}

func (g *guarded) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer g.recovered(&err)
	return g.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (g *guarded) CheckNamedValue(v *driver.NamedValue) error {
	return g.Conn.(driver.NamedValueChecker).CheckNamedValue(v)
}

type guardedTx struct {
	tx driver.Tx
	g  *guarded
}

func (t *guardedTx) Commit() (err error) {
	defer t.g.recovered(&err)
	return t.tx.Commit()
}

func (t *guardedTx) Rollback() (err error) {
	defer t.g.recovered(&err)
	return t.tx.Rollback()
}

type guardedStmt struct {
	driver.Stmt
	g *guarded
}

var (
	_ driver.StmtExecContext   = (*guardedStmt)(nil)
	_ driver.StmtQueryContext  = (*guardedStmt)(nil)
	_ driver.NamedValueChecker = (*guardedStmt)(nil)
)

func (s *guardedStmt) Close() (err error) {
	defer s.g.recovered(&err)
	return s.Stmt.Close()
}

func (s *guardedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (_ driver.Result, err error) {
	defer s.g.recovered(&err)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s *guardedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (_ driver.Rows, err error) {
	defer s.g.recovered(&err)
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	return &guardedRows{rows, s.g}, nil
}

func (s *guardedStmt) CheckNamedValue(v *driver.NamedValue) error {
	return s.Stmt.(driver.NamedValueChecker).CheckNamedValue(v)
}

type guardedRows struct {
	driver.Rows
	g *guarded
}

var (
	_ driver.RowsColumnTypeDatabaseTypeName = (*guardedRows)(nil)
	_ driver.RowsColumnTypeNullable         = (*guardedRows)(nil)
	_ driver.RowsColumnTypeScanType         = (*guardedRows)(nil)
)

func (r *guardedRows) Next(dest []driver.Value) (err error) {
	defer r.g.recovered(&err)
	return r.Rows.Next(dest)
}

func (r *guardedRows) Close() (err error) {
	defer r.g.recovered(&err)
	return r.Rows.Close()
}

func (r *guardedRows) ColumnTypeDatabaseTypeName(i int) string {
	return r.Rows.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i)
}

func (r *guardedRows) ColumnTypeNullable(i int) (nullable, ok bool) {
	return r.Rows.(driver.RowsColumnTypeNullable).ColumnTypeNullable(i)
}

func (r *guardedRows) ColumnTypeScanType(i int) reflect.Type {
	return r.Rows.(driver.RowsColumnTypeScanType).ColumnTypeScanType(i)
}
