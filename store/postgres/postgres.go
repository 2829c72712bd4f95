// Package postgres keeps models in PostgreSQL, through pgx.
package postgres

import (
	"context"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// DB is what [New] makes a store of: a *pgxpool.Pool, a *pgx.Conn, or a pgx.Tx
// of the caller's, in which each of a run's transactions is a savepoint.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	querier
}

type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Store is a PostgreSQL database. Made of a pool it is safe for concurrent use;
// made of a connection or a transaction, it serves one run at a time.
type Store struct {
	sqlstore.Session
	db DB
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Tx    = (*transaction)(nil)
)

// New makes a store of a pool, a connection or a transaction. It does not
// connect. Closing db remains the caller's task.
func New(db DB) *Store {
	return &Store{Session: sqlstore.Session{Conn: conn{db}, D: Dialect{}}, db: db}
}

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	tx pgx.Tx
}

// Tx is the pgx transaction that a handler was called in, for statements of its
// own. It is nil when tx is another store's. It must not be committed or rolled
// back.
func Tx(tx store.Tx) pgx.Tx {
	if own, ok := tx.(*transaction); ok {
		return own.tx
	}
	return nil
}

// beginner is a DB that can choose how its transactions begin.
type beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// Begin opens a transaction. In the caller's own transaction it is a savepoint.
func (s *Store) Begin(ctx context.Context) (store.Tx, error) {
	var tx pgx.Tx
	var err error
	if db, ok := s.db.(beginner); ok {
		// A generic plan that was cached while the table was empty reads it from
		// end to end, about ten times slower on a first load.
		tx, err = db.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_custom_plan"})
	} else {
		tx, err = s.db.Begin(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &transaction{Session: sqlstore.Session{Conn: conn{tx}, D: Dialect{}}, tx: tx}, nil
}

func (t *transaction) Commit(ctx context.Context) error { return t.tx.Commit(ctx) }

func (t *transaction) Rollback(ctx context.Context) error {
	if err := t.tx.Rollback(ctx); err != pgx.ErrTxClosed {
		return err
	}
	return nil
}

// migrationLock is the key of the advisory lock that migrations hold: "synced"
// in ASCII.
const migrationLock = 0x73796e636564

// Migrate brings synced's own tables up to date. Processes that call it at once
// wait for each other.
func (s *Store) Migrate(ctx context.Context) error {
	tx, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, squirrel.Expr("SELECT pg_advisory_xact_lock(?)", int64(migrationLock))); err != nil {
		return err
	}
	if err := sqlstore.Migrate(ctx, tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// conn adapts pgx to [sqlstore.Conn].
type conn struct{ querier }

func (c conn) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	tag, err := c.querier.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

func (c conn) Query(ctx context.Context, sql string, args []any) (store.Rows, error) {
	r, err := c.querier.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return rows{r}, nil
}

type rows struct{ pgx.Rows }

func (r rows) Close() error {
	r.Rows.Close()
	return nil
}
