package backend

import (
	"context"

	"github.com/syncedgo/synced/store"
)

// Tx is one transaction. It is used by one goroutine at a time.
type Tx interface {
	Querier
	// Exec is that of [store.Tx].
	Exec(ctx context.Context, statement store.SQL) (int64, error)
	// Write brings the rows of one page up to date and returns one outcome a
	// record, in order. Records of a page have distinct ids. Unchanged rows are not
	// rewritten; [Record] says which those are.
	Write(ctx context.Context, t *Table, scope any, page []Record) ([]Outcome, error)
	// Look reports how the rows of a page's records are stored, one a record, in order.
	Look(ctx context.Context, t *Table, scope any, page []Record) ([]Look, error)
	// Translate writes rows of the table's translations, whether they exist or
	// not. It is called with those that differ.
	Translate(ctx context.Context, t *Table, rows []Translation) error
	// Link writes links, whether they exist or not, and Unlink deletes links. Both
	// return how many rows that changed.
	Link(ctx context.Context, t *Links, links []Link) (int64, error)
	Unlink(ctx context.Context, t *Links, links []Link) (int64, error)
	Commit(ctx context.Context) error
	// Rollback undoes the transaction, and is harmless after Commit.
	Rollback(ctx context.Context) error
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
	// IDs reads the ids of a kind that are the only column of a query. Found asks nothing of
	// the database.
	IDs(ctx context.Context, query store.SQL, kind Kind, found func(ID)) error
	// Settle brings the values of rows into the form in which their columns keep them,
	// where only the database knows it: [Column.Asked]. Values that it refuses stay as
	// they are. It asks nothing where there are no such columns.
	Settle(ctx context.Context, t *Table, rows []Row) error
	Dialect() Dialect
}
