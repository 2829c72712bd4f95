// Package store is what synced asks of a database: short transactions, one
// set-based write of a page, and SQL built by squirrel for everything else.
// store/postgres and store/sqlite implement it; store/storetest is the suite
// that both pass.
package store

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"
)

// Store is a database with models' tables and synced's own. It is safe for
// concurrent use, unless it was made of a single connection or transaction.
type Store interface {
	Querier
	// Begin opens a transaction that may write. It is short: nothing waits for
	// the network while it is open.
	Begin(ctx context.Context) (Tx, error)
	// Look compares the fingerprints of a page with those stored, row by row. Where a
	// row exists and none is stored, or the table has none, it differs.
	Look(ctx context.Context, t *Table, scope any, page []Row) ([]Look, error)
	// Parallel says that the store may be asked while a transaction of its own is
	// open: it was not made of a single connection.
	Parallel() bool
	// Migrate brings synced's own tables up to date. Many processes may call it
	// at once.
	Migrate(ctx context.Context) error
	// Describe reads what a table looks like. A table that does not exist has no
	// columns.
	Describe(ctx context.Context, table string) (Description, error)
	// Lock takes the lock of a name for as long as the process and its connection
	// live, or until Release; it outlives ctx. When another holds it, be it of the
	// same process, it is [ErrLocked]: at once where wait is 0, else after waiting
	// that long. It is called outside of transactions, after Migrate.
	Lock(ctx context.Context, name string, wait time.Duration) (Lock, error)
}

// Querier reads. Statements are written for squirrel with "?" for values and
// [Quote] for names; the store numbers the values as its database wants them.
type Querier interface {
	Query(ctx context.Context, q squirrel.Sqlizer) (Rows, error)
	// Older finds the rows of the scope whose stored version is newer than that of
	// the record, given in the order of the ids. There are none where the table
	// tells no versions.
	Older(ctx context.Context, t *Table, scope any, ids []ID, records []Record) (map[ID]bool, error)
	// Same tells which rows of the scope hold exactly what the records say, given in
	// the order of the ids, and are not cancelled. It may tell too few: of a row that
	// it does not tell of, the columns are to be read and compared.
	Same(ctx context.Context, t *Table, scope any, ids []ID, records []Record) ([]bool, error)
	Dialect() Dialect
}

// Tx is one transaction. It is used by one goroutine at a time.
type Tx interface {
	Querier
	// Exec runs a statement and returns how many rows it touched.
	Exec(ctx context.Context, q squirrel.Sqlizer) (int64, error)
	// Write brings the rows of one page up to date and returns one outcome a
	// row, in order. Rows of the page have distinct ids. Unchanged rows are not
	// rewritten; see [Row] for how they are told.
	Write(ctx context.Context, t *Table, scope any, page []Row) ([]Outcome, error)
	// Translate writes rows of the table's translations, whether they exist or
	// not. It is called with those that differ.
	Translate(ctx context.Context, t *Table, rows []Translation) error
	Commit(ctx context.Context) error
	// Rollback undoes the transaction, and is harmless after Commit.
	Rollback(ctx context.Context) error
}

// Rows is the answer to a query. A nil destination skips its column, and a row
// may be scanned more than once. Close it; closing twice is harmless.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Each runs a query and calls row for each of its rows, until it returns an error.
func Each(ctx context.Context, q Querier, query squirrel.Sqlizer, row func(Rows) error) error {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Dialect is where databases differ.
type Dialect interface {
	// Name is "postgres" or "sqlite".
	Name() string
	// AnyID is the condition that a column holds one of the ids. It costs one
	// parameter, whatever their number.
	AnyID(column string, kind Kind, ids []ID) squirrel.Sqlizer
	// Rows is the condition for the rows of a scope that have one of the ids. The
	// database finds them by an index on scope and id, whatever its statistics.
	Rows(t *Table, scope any, ids []ID) squirrel.And
	// Lock is what makes a SELECT lock its rows until the transaction ends; ""
	// where a transaction that writes is alone anyway.
	Lock() string
	// Schema is the DDL that fits a table: the table, its unique index, and the
	// trigger that guards its fingerprints.
	Schema(t *Table) string
}
