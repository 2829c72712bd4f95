// Package sqlstore is the one SQL implementation of the stores, written with
// squirrel. A dialect and a driver's connection make a store of it.
package sqlstore

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Conn is what a driver gives: a connection, a pool or a transaction.
type Conn interface {
	Exec(ctx context.Context, sql string, args []any) (int64, error)
	Query(ctx context.Context, sql string, args []any) (store.Rows, error)
}

// Dialect is where the SQL of databases differs.
type Dialect interface {
	backend.Dialect
	Placeholders() squirrel.PlaceholderFormat
	// InScope is [backend.Table.Where] for a statement that also names ids.
	InScope(t *backend.Table, scope any) squirrel.And
	// Lookup reads columns of the rows of a scope that have one of the ids.
	Lookup(t *backend.Table, scope any, ids []backend.ID, columns []string) squirrel.Sqlizer
	// Source lists rows as the body of a common table expression.
	Source(columns []SourceColumn, rows [][]any) squirrel.Sqlizer
	// ByBytes compares the texts of a column by their bytes, whatever the language
	// of the database; it is "" for a type that is not text.
	ByBytes(dbType string) string
	// SourceRows is how many rows of so many columns a Source holds at most.
	SourceRows(columns int) int
}

// SourceColumn is one column of a Source: its type in the database, and in none.
type SourceColumn struct {
	Name   string
	Type   backend.Type
	DBType string
	// Data says that it keeps the whole object: its pointers point to bytes, which
	// are its text.
	Data bool
}

// Session runs statements on a connection in a dialect. It is what a store's
// Store and Tx are made of.
type Session struct {
	Conn Conn
	D    Dialect
}

// Dialect is the session's dialect.
func (s Session) Dialect() backend.Dialect { return s.D }

// Query runs a query.
func (s Session) Query(ctx context.Context, q store.SQL) (store.Rows, error) {
	sql, args, err := s.build(q)
	if err != nil {
		return nil, err
	}
	return s.Conn.Query(ctx, sql, args)
}

// Exec runs a statement.
func (s Session) Exec(ctx context.Context, q store.SQL) (int64, error) {
	sql, args, err := s.build(q)
	if err != nil {
		return 0, err
	}
	return s.Conn.Exec(ctx, sql, args)
}

func (s Session) build(q store.SQL) (string, []any, error) {
	sql, args, err := q.ToSql()
	if err != nil {
		return "", nil, err
	}
	sql, err = s.D.Placeholders().ReplacePlaceholders(sql)
	return sql, args, err
}
