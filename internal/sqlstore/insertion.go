package sqlstore

import (
	"context"
)

// Inserter is a [Conn] with a faster way to insert rows than a statement that
// lists them. It does not return what the database fills in.
type Inserter interface {
	// Insert inserts the rows that nothing is in the way of, and reports which those
	// are. It returns nil if it inserted none, and a statement should.
	Insert(ctx context.Context, rows Insertion) ([]bool, error)
}

// Insertion is rows on their way into a table.
type Insertion struct {
	Table   string
	Columns []SourceColumn
	Rows    int
	// AsSet reports whether the number of statements must not grow with that of the
	// rows: they are children, or have some.
	AsSet bool
	// Refused is called with a row that the database refuses, where rows are inserted
	// one by one, and reports whether to insert the next one.
	Refused func(row int, err error) bool
	// Value returns the value of a column of a row, for [backend.Plain].
	Value func(row, column int) any
}
