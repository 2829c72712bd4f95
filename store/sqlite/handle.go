package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlitedriver"
)

// OpenDB opens or creates the database file at path for the service's own statements,
// with the library that a [Store] uses: both may have the file open at once. Its
// connections are as the store's, in WAL mode and with foreign keys, and a
// transaction waits for the writer before it. GORM takes the handle as its Conn,
// and bun, ent and sqlc as it is.
//
// path is as that of [Open], and so are the errors. Close the handle when it is no
// longer needed.
func OpenDB(ctx context.Context, path string) (*sql.DB, error) {
	file, err := at(path)
	if err != nil {
		return nil, err
	}
	db := sqlitedriver.Open(file)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(opening(file, err), db.Close())
	}
	return db, nil
}

// FromSQL opens the database of a handle that the service has: one of [OpenDB], or of
// the driver of github.com/ncruces/go-sqlite3. The store has its own connections.
// Closing it leaves the handle open.
//
// Handles of other drivers, such as mattn/go-sqlite3 and modernc.org/sqlite, are an
// error: two SQLite libraries can't have one file open in one process. The error says
// what to do.
func FromSQL(ctx context.Context, db *sql.DB, o Options) (*Store, error) {
	if file, ok := sqlitedriver.Of(db); ok {
		return openStore(ctx, file, o)
	}
	path, err := pathOf(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("sqlite: the service's handle: %w", err)
	}
	return Open(ctx, path, o)
}

// pathOf returns the path of the file that a handle of the driver of this library has
// open.
func pathOf(ctx context.Context, db *sql.DB) (path string, err error) {
	own, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = own.Close() }() // it goes back to its pool
	err = own.Raw(func(c any) error {
		conn, ok := c.(interface{ Raw() *sqlite3.Conn })
		if !ok {
			return fmt.Errorf("its driver is %T, another SQLite library, and two can't have one file open in one process: "+
				"open the handle with sqlite.OpenDB (GORM takes it as Conn), or give synced a file of its own with sqlite.Open (docs/adopting.md)", db.Driver())
		}
		name, err := conn.Raw().FileControl("main", sqlite3.FCNTL_VFSNAME)
		if err != nil {
			return err
		}
		if path = conn.Raw().Filename("main").String(); path == "" || name != "os" {
			return errors.New("it is not of a file, so nothing else can open it: open it with sqlite.OpenDB")
		}
		return nil
	})
	return path, err
}
