package lent

import (
	"context"
	"database/sql/driver"
)

// connector connects to the one connection.
type connector struct{ t *Tx }

func (c connector) Connect(context.Context) (driver.Conn, error) { return conn{c.t.conn, c.t}, nil }

// Driver is asked for by none.
func (connector) Driver() driver.Driver { return nil }

// conn is the connection, which stays open and in its transaction.
type conn struct {
	driver.Conn
	t *Tx
}

var (
	_ driver.ConnPrepareContext = conn{}
	_ driver.ExecerContext      = conn{}
	_ driver.QueryerContext     = conn{}
	_ driver.NamedValueChecker  = conn{}
)

func (conn) Close() error { return nil }

func (c conn) Begin() (driver.Tx, error) { return c.t, nil }

func (c conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Conn.Prepare(query)
}

func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := c.Conn.(driver.ExecerContext); ok {
		return e.ExecContext(ctx, query, args)
	}
	return nil, driver.ErrSkip
}

func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := c.Conn.(driver.QueryerContext); ok {
		return q.QueryContext(ctx, query, args)
	}
	return nil, driver.ErrSkip
}

func (c conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
