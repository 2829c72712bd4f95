package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"

	_ "github.com/ncruces/go-sqlite3/vfs/mvcc"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/internal/sqlstore"
)

// database is what synced asks of a file.
type database struct {
	sqlstore.Session
	file        sqlitedriver.Database
	alone       alone
	write, read *sql.DB
	dialect     dialect
	leases      sqlstore.Leases
	relations   backend.Relations
}

var _ backend.Store = (*database)(nil)

// Relations returns which models of the store point to others.
func (d *database) Relations() *backend.Relations { return &d.relations }

// pragmas of each connection: foreign keys hold, a writer waits 10 seconds for
// another process's, and a commit survives the process (not the power) without
// its own fsync, which is what WAL with synchronous=NORMAL gives. The log is moved into
// the file when it has 16 MB, not 4: a page of the file that changed again is then written
// once, and fewer commits wait for the disk. Updates of rows all over a table take 0.6 of
// the time. Readers find the pages of a longer log in a second table.
const pragmas = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = wal; PRAGMA synchronous = normal; PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys = on"

// memories numbers the databases in memory, so that each Open has its own.
var memories atomic.Int64

// at returns the database at a path.
func at(path string) (d sqlitedriver.Database, err error) {
	switch {
	case path == ":memory:":
		return sqlitedriver.Database{URI: fmt.Sprintf("file:/synced-%d?vfs=mvcc", memories.Add(1)), Init: pragmas, Commits: &sqlitedriver.Commits{}}, nil
	case path == "", strings.HasPrefix(path, "file:"):
		return d, fmt.Errorf("sqlite: open %q: want :memory: or the path of a file", path)
	}
	return sqlitedriver.Database{URI: "file:" + (&url.URL{Path: path}).EscapedPath(), Path: path, Init: pragmas, Commits: &sqlitedriver.Commits{}}, nil
}

func open(ctx context.Context, file sqlitedriver.Database, o Options) (*database, error) {
	write, read := sqlitedriver.Open(file), sqlitedriver.Open(file)
	write.SetMaxOpenConns(1)
	d := &database{file: file, write: write, read: read, dialect: dialect{own: sqlstore.NewOwn("", o.Prefix)}}
	d.Session = sqlstore.NewSession(conn{read, rawOf(read)}, d.dialect)
	d.leases = leases(d, o.LeaseTTL)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(opening(file, err), d.Close())
	}
	return d, nil
}

// opening names the file of an error.
func opening(file sqlitedriver.Database, err error) error {
	return fmt.Errorf("sqlite: open %s: %w", cmp.Or(file.Path, ":memory:"), err)
}

// Parallel reports true: there are connections beside that of a transaction.
func (d *database) Parallel() bool { return true }

func (d *database) Close() error { return errors.Join(d.read.Close(), d.write.Close()) }

// GaveUp reports false: a writer waits for the one before it, and there are no
// deadlocks.
func (d *database) GaveUp(error) bool { return false }

// Create runs DDL, as one writer at a time does.
func (d *database) Create(ctx context.Context, ddl string) error {
	return backend.InTx(ctx, d, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.(*transaction).tx.ExecContext(ctx, ddl)
		return because(ctx.Err, err)
	})
}
