// Package sqlstore is the one SQL implementation of the stores, written with
// squirrel. A dialect and a driver's connection make a store of it.
package sqlstore

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Conn is what a driver gives: a connection, a pool or a transaction.
type Conn interface {
	Exec(ctx context.Context, sql string, args []any) (int64, error)
	Query(ctx context.Context, sql string, args []any) (store.Rows, error)
}

// Session runs statements on a connection in a dialect. Stores and transactions
// embed it.
type Session struct {
	conn    Conn
	dialect Dialect
}

// NewSession returns a session on a connection.
func NewSession(conn Conn, d Dialect) Session { return Session{conn, d} }

// Dialect returns the session's dialect.
func (s Session) Dialect() backend.Dialect { return s.dialect }

// Query runs a query.
func (s Session) Query(ctx context.Context, query store.SQL) (store.Rows, error) {
	sql, args, err := s.build(query)
	if err != nil {
		return nil, err
	}
	return s.conn.Query(ctx, sql, args)
}

// Exec runs a statement.
func (s Session) Exec(ctx context.Context, statement store.SQL) (int64, error) {
	sql, args, err := s.build(statement)
	if err != nil {
		return 0, err
	}
	return s.conn.Exec(ctx, sql, args)
}

func (s Session) build(statement store.SQL) (string, []any, error) {
	sql, args, err := statement.ToSql()
	if err != nil {
		return "", nil, err
	}
	sql, err = s.dialect.Placeholders().ReplacePlaceholders(sql)
	return s.dialect.Own().Fill(sql), args, err
}
