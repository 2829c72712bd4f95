package postgres

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// conn adapts pgx to [sqlstore.Conn].
type conn struct {
	querier
	send    sender // or nil, of a connection or transaction
	untyped bool
	mark    *marks // of a transaction
}

var _ sqlstore.Conn = conn{}

type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (c conn) Exec(ctx context.Context, s sqlstore.Statement) (int64, error) {
	args := c.typed(s.Args)
	if s.Later != "" && c.mark.later(s.Later, s.SQL, args) {
		return 0, nil
	}
	before, err := c.mark.before(ctx, s)
	if err != nil {
		return 0, err
	}
	if before != nil {
		answers, err := c.mark.send(ctx, before, s.SQL, args)
		if err != nil {
			return 0, err
		}
		tag, err := answers.Exec()
		return tag.RowsAffected(), cmp.Or(err, answers.Close())
	}
	tag, err := c.querier.Exec(ctx, s.SQL, args...)
	return tag.RowsAffected(), err
}

func (c conn) Query(ctx context.Context, s sqlstore.Statement) (store.Rows, error) {
	args := c.typed(s.Args)
	before, err := c.mark.before(ctx, s)
	if err != nil {
		return nil, err
	}
	if before != nil {
		answers, err := c.mark.send(ctx, before, s.SQL, args)
		if err != nil {
			return nil, err
		}
		r, err := answers.Query()
		if err != nil {
			return nil, cmp.Or(err, answers.Close())
		}
		return &rows{Rows: r, batch: answers}, nil
	}
	r, err := c.querier.Query(ctx, s.SQL, args...)
	if err != nil {
		return nil, err
	}
	return &rows{Rows: r}, nil
}

// own returns the connection of a transaction, nil where there is none.
func (c conn) own() *pgx.Conn {
	switch {
	case c.mark == nil:
		return nil
	case c.mark.conn != nil:
		return c.mark.conn
	default:
		return c.mark.tx.Conn()
	}
}

// typed returns the arguments as they are sent.
func (c conn) typed(args []any) []any {
	if !c.untyped {
		return args
	}
	return typed(args)
}
