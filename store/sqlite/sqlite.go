// Package sqlite keeps models in a SQLite file, without cgo, through
// github.com/ncruces/go-sqlite3.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
	_ "github.com/ncruces/go-sqlite3/vfs/mvcc"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Store is a SQLite database in WAL mode, with one writer at a time and any
// number of readers beside it. It is safe for concurrent use; other processes
// may use the file too.
type Store struct {
	sqlstore.Session
	write, read *sql.DB
	leases      sqlstore.Leases
}

var (
	_ backend.Store = (*Store)(nil)
	_ backend.Tx    = (*transaction)(nil)
)

// pragmas of each connection: foreign keys hold, a writer waits 10 seconds for
// another process's, and a commit survives the process (not the power) without
// an fsync of its own, which is what WAL with synchronous=NORMAL gives.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=foreign_keys(on)"

// memories numbers the databases in memory, so that each Open has its own.
var memories atomic.Int64

// Open opens or creates the database file at path. ":memory:" is a database in
// memory of its own.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas
	if path == ":memory:" {
		name = fmt.Sprintf("file:/synced-%d?vfs=mvcc&%s", memories.Add(1), pragmas)
	} else if path == "" || strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("sqlite: open %q: want :memory: or the path of a file", path)
	}
	write, err := sql.Open("sqlite3", name+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), write.Close())
	}
	s := &Store{Session: sqlstore.Session{Conn: conn{read, rawOf(read)}, D: Dialect{}}, write: write, read: read}
	s.leases = leases(s)
	for _, set := range options {
		set(s)
	}
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), s.Close())
	}
	return s, nil
}

// DB is the writing connection, for the service's own statements and
// migrations. It holds one connection: whoever keeps it keeps runs waiting.
func (s *Store) DB() *sql.DB { return s.write }

// Parallel is true: there are connections beside that of a transaction.
func (s *Store) Parallel() bool { return true }

// Close closes the database. No run may be under way.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Begin opens a transaction that writes; it waits for the one that is open.
func (s *Store) Begin(ctx context.Context) (backend.Tx, error) {
	own, err := s.write.Conn(ctx)
	if err != nil {
		return nil, because(ctx.Err, err)
	}
	tx, err := own.BeginTx(ctx, nil)
	if err != nil {
		return nil, because(ctx.Err, errors.Join(err, own.Close()))
	}
	return &transaction{Session: sqlstore.Session{Conn: conn{tx, rawIn(own)}, D: Dialect{}}, tx: tx, own: own}, nil
}

// Migrate brings synced's own tables up to date. Processes that call it at once
// wait for each other, as writers do.
func (s *Store) Migrate(ctx context.Context) error {
	tx, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := sqlstore.Migrate(ctx, tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// transaction is one transaction.
type transaction struct {
	sqlstore.Session
	tx  *sql.Tx
	own *sql.Conn // that tx is in
}

// Tx is the transaction that a handler was called in, for statements of its own.
// It is nil when tx is another store's. It must not be committed or rolled back.
func Tx(tx store.Tx) *sql.Tx {
	if own, ok := tx.(*transaction); ok {
		return own.tx
	}
	return nil
}

func (t *transaction) Commit(context.Context) error {
	defer func() { _ = t.own.Close() }() // it goes back to its pool
	return t.tx.Commit()
}

func (t *transaction) Rollback(context.Context) error {
	defer func() { _ = t.own.Close() }()
	if err := t.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
