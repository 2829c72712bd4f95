// Package postgres keeps models in PostgreSQL, through pgx.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// DB is what [New] makes a store of: a *pgxpool.Pool, a *sql.DB by [FromSQL], a
// *pgx.Conn, or the caller's own pgx.Tx, in which each of a run's transactions is a
// savepoint.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Options are the settings of a [Store].
type Options struct {
	// Schema is the schema of synced's own tables, such as "synced". Migrate creates it.
	// Defaults to none: they are where the connection's search_path finds them.
	Schema string
	// Prefix goes before the names of synced's own tables: with "crm_", runs are kept in
	// crm_synced_runs. Defaults to none.
	Prefix string
	// LeaseTTL makes the locks of a pool leases: rows that say until when, renewed
	// through the pool every third of LeaseTTL while they are held. The lock of a
	// killed process is free after LeaseTTL.
	//
	// Defaults to no leases: locks are held by one more connection beside the pool, or by
	// one of those of a *sql.DB.
	// Behind a pooler such as PgBouncer, which gives a session to many clients, locks
	// are leases in any case, of 15 seconds by default.
	LeaseTTL time.Duration
}

// Store is a PostgreSQL database. Made of a pool or a *sql.DB it is safe for concurrent use;
// made of a connection or a transaction, it serves one run at a time.
//
// The locks of runs are advisory locks of the connection. A store made of a pool
// opens one more connection for them, and closes it half a second after the last
// lock; one made of a *sql.DB takes it from there. A store made of a transaction keeps its locks from others until that ends.
type Store struct{ db *database }

var _ store.Store = (*Store)(nil)

// New makes a store of a pool, a *sql.DB, a connection or a transaction. It does not
// connect. Closing db remains the caller's task.
func New(db DB, o Options) *Store { return &Store{newDatabase(db, o)} }

// Query runs a query, with "?" for values.
func (s *Store) Query(ctx context.Context, query store.SQL) (store.Rows, error) {
	return s.db.Query(ctx, query)
}

// Migrate brings synced's own tables up to date. Processes that call it at once
// wait for each other.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.db.Migrate(ctx); err != nil {
		return fmt.Errorf("postgres: migrate synced's own tables: %w", err)
	}
	return nil
}

// Backend returns what synced itself asks of the database. A service has no use
// for it.
func (s *Store) Backend() backend.Store { return s.db }
