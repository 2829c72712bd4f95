package backend

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"
)

// Store is a database with models' tables and synced's own. It is safe for
// concurrent use, unless it was made of a single connection or transaction.
type Store interface {
	Querier
	// Migrate is that of [store.Store].
	Migrate(ctx context.Context) error
	// Ready returns an error where the database was not migrated up to this version.
	Ready(ctx context.Context) error
	// Transactions may write. They are short: nothing waits for the network while one
	// is open.
	Beginner
	// Create runs the DDL of a model's table. Many processes may do so at once.
	Create(ctx context.Context, ddl string) error
	// Look compares the fingerprints of a page with those stored, record by record.
	// Where a row exists and has none, or the table has none, it differs.
	Look(ctx context.Context, t *Table, scope any, page []Record) ([]Look, error)
	// LookEach calls found with what a look finds of each record that has a row. It may do
	// so twice.
	LookEach(ctx context.Context, t *Table, scope any, page []Record, found func(i int, row Looked)) error
	// LookBelow calls found with what a look finds of each row that has one of the parents' keys
	// in a column, and of which a condition holds. It may do so twice.
	LookBelow(ctx context.Context, t *Table, column string, parents []ID, where squirrel.Sqlizer, found func(row Looked)) error
	// SameTexts reports of rows, by their local keys, whether the texts given are all that the
	// table has of them, and exactly that. Rows of nulls alone do not count. It may report too
	// few, and reports none where keys are texts that are no UUIDs.
	SameTexts(ctx context.Context, t *Translations, keys []ID, texts []Translation) ([]bool, error)
	// Parallel reports whether the store can be queried while one of its own
	// transactions is open: it was not made of a single connection.
	Parallel() bool
	// Describe reads what a table looks like. A table that does not exist has no
	// columns.
	Describe(ctx context.Context, table string) (Description, error)
	// Relations returns which models of the store point to others.
	Relations() *Relations
	// Lock takes the lock of a name for as long as the process and its connection
	// live, or until Release; it outlives ctx. If it is held, even by this process,
	// Lock returns [store.ErrLocked]: at once where wait is 0, else after waiting
	// that long. It is called outside of transactions, after Migrate.
	Lock(ctx context.Context, name string, wait time.Duration) (Lock, error)
	// LockAnd is Lock with the first transaction of the holder, which is that in which the
	// lock is taken where it is kept in the database's tables. The lock is released where
	// first fails.
	LockAnd(ctx context.Context, name string, wait time.Duration, first func(ctx context.Context, tx Tx) error) (Lock, error)
}
