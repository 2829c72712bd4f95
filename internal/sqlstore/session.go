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
	Exec(ctx context.Context, s Statement) (int64, error)
	Query(ctx context.Context, s Statement) (store.Rows, error)
}

// Statement is a statement as the database takes it.
type Statement struct {
	SQL  string
	Args []any
	// Kept reports whether a plan that the database has made once may be used again: see
	// [backend.Kept].
	Kept bool
	// Later is [backend.Kept]'s.
	Later string
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
	built, err := s.build(query)
	if err != nil {
		return nil, err
	}
	return s.conn.Query(ctx, built)
}

// Exec runs a statement.
func (s Session) Exec(ctx context.Context, statement store.SQL) (int64, error) {
	built, err := s.build(statement)
	if err != nil {
		return 0, err
	}
	return s.conn.Exec(ctx, built)
}

func (s Session) build(statement store.SQL) (Statement, error) {
	text, args, err := statement.ToSql()
	if err != nil {
		return Statement{}, err
	}
	texts := s.dialect.Own().texts
	own, kept := statement.(backend.Kept)
	if !kept || texts == nil {
		text, err = textOf(s.dialect, text)
		return Statement{SQL: text, Args: args, Kept: kept, Later: own.Later}, err
	}
	final, ok := texts.Load(text)
	if !ok {
		if final, err = textOf(s.dialect, text); err != nil {
			return Statement{}, err
		}
		texts.Store(text, final)
	}
	return Statement{final.(string), args, true, own.Later}, nil
}

// textOf returns the text of a statement with the database's own placeholders and the names
// of synced's own tables.
func textOf(d Dialect, text string) (string, error) {
	text, err := d.Placeholders().ReplacePlaceholders(text)
	return d.Own().Fill(text), err
}
