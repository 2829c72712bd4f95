package sqlstore

import (
	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// Dialect is where the SQL of databases differs.
type Dialect interface {
	backend.Dialect
	Placeholders() squirrel.PlaceholderFormat
	// Own is where synced's own tables are.
	Own() Own
	// Missing is a query for those of synced's own tables that the database does not
	// have, in the order given, and ColumnsOf one for the columns of such a table.
	Missing(tables []string) squirrel.Sqlizer
	ColumnsOf(table string) squirrel.Sqlizer
	// InScope is [backend.Table.Where] for a statement that also names ids.
	InScope(t *backend.Table, scope any) squirrel.And
	// Lookup reads columns of the rows of a scope that have one of the ids. Lock, which may
	// be "", is what makes it lock them.
	Lookup(t *backend.Table, scope any, ids []backend.ID, columns []string, lock string) squirrel.Sqlizer
	// RowVersion is an expression for what tells a row from what another writer makes of it,
	// as text; "" where a transaction that writes is alone anyway.
	RowVersion() string
	// Source lists rows as the body of a common table expression.
	Source(columns []SourceColumn, rows [][]any) squirrel.Sqlizer
	// SourceRows returns the number of rows that a Source of n columns can hold.
	SourceRows(n int) int
	// MostOfRow returns how many bytes of texts a row may have, 0 where only the
	// database knows.
	MostOfRow() int
	// ByBytes is the suffix that compares the texts of a column by their bytes,
	// whatever the language of the database; "" for a type that is not text.
	ByBytes(dbType string) string
}

// SourceColumn is one column of a Source.
type SourceColumn struct {
	Name   string
	Type   backend.Type
	DBType string // the database's own name of the type
	// Data marks the column of the whole object: its pointers point to bytes, which
	// are its text.
	Data bool
}
