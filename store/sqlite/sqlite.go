// Package sqlite keeps models in a SQLite file, without cgo, through
// github.com/ncruces/go-sqlite3.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/store"
)

// Options are the settings of a [Store].
type Options struct {
	// Prefix goes before the names of synced's own tables: with "crm_", runs are kept in
	// crm_synced_runs. Defaults to none.
	Prefix string
	// LeaseTTL is how long the lock of a run outlives its process where other
	// processes can't see that it has ended. On Linux that is only if it ran in
	// another container.
	// Defaults to 15 seconds.
	LeaseTTL time.Duration
}

// Store is a SQLite database in WAL mode, with one writer at a time and any
// number of readers beside it. It is safe for concurrent use; other processes
// may use the file too.
type Store struct{ db *database }

var _ store.Store = (*Store)(nil)

// Open opens or creates the database file at path. ":memory:" is a database in
// memory, which nothing else opens.
//
// It is an error if another SQLite library of this process has the file open, as
// far as that can be seen, on Linux and macOS: each would undo the locks of the
// other. [OpenDB] opens a handle that can be open beside the store.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	file, err := at(path)
	if err != nil {
		return nil, err
	}
	return openStore(ctx, file, o)
}

func openStore(ctx context.Context, file sqlitedriver.Database, o Options) (*Store, error) {
	db, err := open(ctx, file, o)
	if err != nil {
		return nil, err
	}
	return &Store{db}, nil
}

// DB returns the writing connection, for the service's own statements and
// migrations. There is only one: runs wait while it is in use. [OpenDB] opens a pool
// beside it.
func (s *Store) DB() *sql.DB { return s.db.write }

// Query runs a query, with "?" for values.
func (s *Store) Query(ctx context.Context, query store.SQL) (store.Rows, error) {
	return s.db.Query(ctx, query)
}

// Migrate brings synced's own tables up to date. Processes that call it at once
// wait for each other, as writers do.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.db.Migrate(ctx); err != nil {
		return fmt.Errorf("sqlite: migrate synced's own tables: %w", err)
	}
	return nil
}

// Close closes the database. No run may be in progress.
func (s *Store) Close() error { return s.db.Close() }

// Backend returns what synced itself asks of the database. A service has no use
// for it.
func (s *Store) Backend() backend.Store { return s.db }
