// Package postgres keeps models in PostgreSQL, through pgx.
package postgres

import (
	"context"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/backend"
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
	db      DB
	untyped bool
	locks   locks
	leases  sqlstore.Leases
}

var (
	_ backend.Store = (*Store)(nil)
	_ backend.Tx    = (*transaction)(nil)
)

// New makes a store of a pool, a connection or a transaction. It does not
// connect. Closing db remains the caller's task.
func New(db DB, options ...Option) *Store {
	pool, _ := db.(pool)
	s := &Store{db: db, untyped: untyped(db)}
	s.Session = sqlstore.Session{Conn: conn{db, pool, s.untyped}, D: Dialect{}}
	s.leases, s.locks = leases(s), locksOf(s)
	for _, set := range options {
		set(s)
	}
	return s
}

// Parallel is true of a pool.
func (s *Store) Parallel() bool {
	_, ok := s.db.(pool)
	return ok
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
type conn struct {
	querier
	pool    pool // or nil, of a connection or transaction
	untyped bool
}

// pool is what a *pgxpool.Pool can.
type pool interface {
	Config() *pgxpool.Config
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
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

// typed are the arguments as they are sent.
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
