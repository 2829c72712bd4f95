// Package backend is what synced asks of a database: short transactions, one
// set-based write of a page, and SQL built by squirrel for everything else.
// store/postgres and store/sqlite implement it; internal/storetest is the suite
// that both pass. A service knows only package store.
package backend

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Of returns what synced asks of a service's store.
func Of(db store.Store) (Store, error) {
	if v := reflect.ValueOf(db); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("no database: open one with sqlite.Open or postgres.New")
	}
	switch db := db.(type) {
	case Store:
		return db, nil
	case interface{ Backend() Store }:
		return db.Backend(), nil
	}
	return nil, fmt.Errorf("the database is a %T, which is no store of synced's: open one with sqlite.Open or postgres.New", db)
}

// Store is a database with models' tables and synced's own. It is safe for
// concurrent use, unless it was made of a single connection or transaction.
type Store interface {
	Querier
	// Migrate is that of [store.Store].
	Migrate(ctx context.Context) error
	// Begin opens a transaction that may write. It is short: nothing waits for
	// the network while it is open.
	Begin(ctx context.Context) (Tx, error)
	// Look compares the fingerprints of a page with those stored, record by record.
	// Where a row exists and has none, or the table has none, it differs.
	Look(ctx context.Context, t *Table, scope any, page []Record) ([]Look, error)
	// Parallel reports whether the store can be queried while one of its own
	// transactions is open: it was not made of a single connection.
	Parallel() bool
	// Describe reads what a table looks like. A table that does not exist has no
	// columns.
	Describe(ctx context.Context, table string) (Description, error)
	// Lock takes the lock of a name for as long as the process and its connection
	// live, or until Release; it outlives ctx. If it is held, even by this process,
	// Lock returns [store.ErrLocked]: at once where wait is 0, else after waiting
	// that long. It is called outside of transactions, after Migrate.
	Lock(ctx context.Context, name string, wait time.Duration) (Lock, error)
}

// Querier reads.
type Querier interface {
	store.Querier
	// Older finds the rows of the scope whose stored version is newer than that of
	// the given rows, which are in the order of the ids. There are none where the
	// table has no versions.
	Older(ctx context.Context, t *Table, scope any, ids []ID, rows []Row) (map[ID]bool, error)
	// Same reports which rows of the scope hold exactly what the given rows say,
	// which are in the order of the ids, and are not canceled. It may report too
	// few: where it is false, read the columns and compare them.
	Same(ctx context.Context, t *Table, scope any, ids []ID, rows []Row) ([]bool, error)
	Dialect() Dialect
}

// Tx is one transaction. It is used by one goroutine at a time.
type Tx interface {
	Querier
	// Exec is that of [store.Tx].
	Exec(ctx context.Context, statement store.SQL) (int64, error)
	// Write brings the rows of one page up to date and returns one outcome a
	// record, in order. Records of a page have distinct ids. Unchanged rows are not
	// rewritten; [Record] says which those are.
	Write(ctx context.Context, t *Table, scope any, page []Record) ([]Outcome, error)
	// Translate writes rows of the table's translations, whether they exist or
	// not. It is called with those that differ.
	Translate(ctx context.Context, t *Table, rows []Translation) error
	Commit(ctx context.Context) error
	// Rollback undoes the transaction, and is harmless after Commit.
	Rollback(ctx context.Context) error
}

// Dialect is where databases differ.
type Dialect interface {
	// AnyID is the condition that a column holds one of the ids. It costs one
	// parameter, whatever their number.
	AnyID(column string, kind Kind, ids []ID) squirrel.Sqlizer
	// Rows is the condition for the rows of a scope that have one of the ids. The
	// database finds them by an index on scope and id, whatever its statistics.
	Rows(t *Table, scope any, ids []ID) squirrel.And
	// Lock is what makes a SELECT lock its rows until the transaction ends; ""
	// where a transaction that writes is alone anyway.
	Lock() string
	// Missing is a query for those of the tables, named without a schema, that the
	// database does not have, in the order given.
	Missing(tables []string) squirrel.Sqlizer
	// Schemas reports whether the name of a table may begin with that of a schema.
	Schemas() bool
	// Schema returns the DDL of a table: the table, its unique index, and the
	// trigger that guards its fingerprints.
	Schema(t *Table) string
}
