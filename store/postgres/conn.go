package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// conn adapts pgx to [sqlstore.Conn].
type conn struct {
	querier
	pool    pool // or nil, of a connection or transaction
	untyped bool
}

var _ sqlstore.Conn = conn{}

type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (c conn) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	tag, err := c.querier.Exec(ctx, sql, c.typed(args)...)
	return tag.RowsAffected(), err
}

func (c conn) Query(ctx context.Context, sql string, args []any) (store.Rows, error) {
	r, err := c.querier.Query(ctx, sql, c.typed(args)...)
	if err != nil {
		return nil, err
	}
	return rows{r}, nil
}

// typed returns the arguments as they are sent.
func (c conn) typed(args []any) []any {
	if !c.untyped {
		return args
	}
	return typed(args)
}

type rows struct{ pgx.Rows }

func (r rows) Close() error {
	r.Rows.Close()
	return nil
}
