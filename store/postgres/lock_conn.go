package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lockConn is a connection for locks.
type lockConn struct {
	*pgx.Conn
	from *borrowed // or nil
}

// Close closes the connection. A borrowed one is not given back as it is: it has
// settings of its own.
func (c lockConn) Close(ctx context.Context) error {
	defer c.gone()
	return c.Conn.Close(ctx)
}

// gone lets the place of a connection that is closed to others. It is harmless twice.
func (c lockConn) gone() {
	if c.from != nil {
		c.from.giveBack()
	}
}

// connect opens a connection as the pool does.
func connect(ctx context.Context, c *pgxpool.Config) (lockConn, error) {
	if c.BeforeConnect != nil {
		if err := c.BeforeConnect(ctx, c.ConnConfig); err != nil {
			return lockConn{}, err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, c.ConnConfig)
	if err != nil || c.AfterConnect == nil {
		return lockConn{Conn: conn}, err
	}
	if err := c.AfterConnect(ctx, conn); err != nil {
		return lockConn{}, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	return lockConn{Conn: conn}, nil
}

// errOnly is the error of a handle that has no connection beside that of a run's
// transactions.
var errOnly = errors.New("SetMaxOpenConns allows one connection")

// forLocks takes a connection that is closed, and not given back, when it has no locks.
func (h *handle) forLocks(ctx context.Context) (lockConn, error) {
	if h.limit() == 1 {
		return lockConn{}, errOnly
	}
	b, err := h.acquire(ctx)
	if err != nil {
		return lockConn{}, err
	}
	return lockConn{Conn: b.conn, from: b}, nil
}
