// Package sqlitedriver is a driver of database/sql over
// github.com/ncruces/go-sqlite3 that takes no name. The driver which comes with
// that module registers "sqlite3" when it is imported, and a program that has
// mattn/go-sqlite3 too panics before its main function.
package sqlitedriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// mostMemory is how much memory SQLite may use for one connection. A statement takes
// up to ten times the row that it writes.
const mostMemory = 1 << 30

// mostBusy is how long a new connection waits for others that begin.
const mostBusy = 10 * time.Second

// Database is where a database is, and how connections to it begin.
type Database struct {
	URI string
	// Path is that of the file, "" in memory. A database in memory goes with its
	// last connection, so that its connections are kept whatever happens to them.
	Path string
	// Init is SQL that each new connection runs.
	Init string
	// Commits is what the connections do at the end of transactions that wrote; or nil.
	Commits *Commits
}

// Commits is a statement that runs before each commit of a transaction that wrote something.
// What becomes of it is no matter. It may be set while connections are in use.
type Commits struct{ sql atomic.Pointer[string] }

// Set sets the statement.
func (c *Commits) Set(sql string) { c.sql.Store(&sql) }

// statement returns the statement, or "".
func (c *Commits) statement() string {
	if c == nil {
		return ""
	}
	if sql := c.sql.Load(); sql != nil {
		return *sql
	}
	return ""
}

// Open returns a pool of connections.
func Open(d Database) *sql.DB { return sql.OpenDB(connector{d}) }

// Of returns the database of a pool that [Open] returned.
func Of(db *sql.DB) (d Database, ok bool) {
	own, ok := db.Driver().(connector)
	return own.database, ok
}

type connector struct{ database Database }

var (
	_ driver.Connector = connector{}
	_ driver.Driver    = connector{}
)

func (c connector) Connect(ctx context.Context) (_ driver.Conn, err error) {
	conn := &Conn{path: c.database.Path, kept: kept{}, commits: c.database.Commits}
	defer conn.recovered(&err)
	if conn.own, err = c.database.open(ctx); err != nil {
		return nil, err
	}
	defer conn.interruptible(ctx)()
	if err := conn.begin(ctx, c.database.Init); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// begin runs the SQL that a connection begins with. SQLite does not wait where two
// connections turn a new file to WAL at once: each would wait for the other.
func (c *Conn) begin(ctx context.Context, init string) error {
	for end := time.Now().Add(mostBusy); ; {
		err := c.own.Exec(init)
		if !errors.Is(err, sqlite3.BUSY) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(time.Millisecond + rand.N(10*time.Millisecond)):
		}
	}
}

func (d Database) open(ctx context.Context) (*sqlite3.Conn, error) {
	opening.Lock()
	defer opening.Unlock()
	if err := Alone(d.Path); err != nil {
		return nil, err
	}
	if bits.UintSize == 64 {
		ctx = sqlite3.WithMaxMemory(ctx, mostMemory)
	}
	return sqlite3.OpenContext(ctx, d.URI)
}

// Driver returns the connector, which has no other driver.
func (c connector) Driver() driver.Driver { return c }

// Open is an error: what has no name opens nothing by name.
func (connector) Open(string) (driver.Conn, error) {
	return nil, errors.New("this driver has no name to open databases by")
}
