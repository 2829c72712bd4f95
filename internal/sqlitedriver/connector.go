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

	"github.com/ncruces/go-sqlite3"
)

// mostMemory is how much memory SQLite may use for one connection. A statement takes
// up to ten times the row that it writes.
const mostMemory = 1 << 30

// Options are the settings of a pool.
type Options struct {
	// Lasting keeps connections whatever happens to them: a database in memory
	// goes with the last one.
	Lasting bool
}

// Open returns a pool of connections to the database of a URI, with the pragmas that
// it names in _pragma.
func Open(uri string, o Options) *sql.DB { return sql.OpenDB(connector{uri, o}) }

type connector struct {
	uri string
	o   Options
}

var _ driver.Connector = connector{}

func (c connector) Connect(ctx context.Context) (_ driver.Conn, err error) {
	conn := &Conn{lasting: c.o.Lasting}
	defer conn.recovered(&err)
	if bits.UintSize == 64 {
		ctx = sqlite3.WithMaxMemory(ctx, mostMemory)
	}
	if conn.own, err = sqlite3.OpenContext(ctx, c.uri); err != nil {
		return nil, err
	}
	return conn, nil
}

func (c connector) Driver() driver.Driver { return unnamed{} }

// unnamed is what a connector must return as its driver.
type unnamed struct{}

func (unnamed) Open(string) (driver.Conn, error) {
	return nil, errors.New("this driver has no name to open databases by")
}
