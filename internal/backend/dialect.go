package backend

import "github.com/Masterminds/squirrel"

// Dialect is where databases differ.
type Dialect interface {
	// AnyID is the condition that a column holds one of the ids. It costs one
	// parameter, whatever their number.
	AnyID(column string, kind Kind, ids []ID) squirrel.Sqlizer
	// Keyed is a query for the rows of a table that have one of the keys in a column, which it
	// names, and of which a condition holds. The database finds them by an index on that
	// column, whatever its statistics.
	Keyed(table string, columns []string, column string, kind Kind, keys []ID, where squirrel.Sqlizer) squirrel.Sqlizer
	// Rows is the condition for the rows of a scope that have one of the ids. The
	// database finds them by an index on scope and id, whatever its statistics.
	Rows(t *Table, scope any, ids []ID) squirrel.And
	// Lock is what makes a SELECT lock its rows until the transaction ends; ""
	// where a transaction that writes is alone anyway.
	Lock() string
	// Hold is what makes a SELECT keep its rows from being deleted until the transaction
	// ends; "" where a transaction that writes is alone anyway.
	Hold() string
	// Share is what makes a SELECT keep others from changing or locking its rows, but
	// not from sharing them, until the transaction ends; "" where it is alone anyway.
	Share() string
	// References is a query for the foreign keys that keep rows of a table from being
	// deleted: each one's table, as SQL writes it and as the declaration of a model may,
	// its name, and a pair of columns, in the other table and in this one. A key of several
	// columns has several rows.
	References(table string) squirrel.Sqlizer
	// PrimaryKey is a query for the columns of a table's primary key, in their order.
	PrimaryKey(table string) squirrel.Sqlizer
	// ForeignKeys is a query for the foreign keys of a table: for each of their columns a
	// number of the key, the column, the table that it points to, and the column there. The
	// table is one of a list, as it is named there; "" stands for any other.
	ForeignKeys(table string, among []string) squirrel.Sqlizer
	// Taken reports whether an error is of a row of a table that has what only one may have, and
	// another has already.
	Taken(err error, table string) bool
	// Now is the database's clock, in milliseconds since 1970.
	Now() string
	// EndIdle is an expression that makes the database end the transaction in which it is
	// evaluated, once it has heard nothing of it for a while: of a machine that froze or was
	// cut off, whose locks others wait for. Where there is no such thing, it does nothing.
	EndIdle() string
	// Schemas reports whether the name of a table may begin with that of a schema.
	Schemas() bool
	// Schema returns the DDL of some parts of a table. Every statement may be run again.
	Schema(t *Table, parts Part) string
}

// Part is a part of a table's DDL, or several.
type Part int

// The parts of a table's DDL: the table itself with its translations and links, its
// indexes, and the trigger that guards its fingerprints.
const (
	PartTable Part = 1 << iota
	PartIndex
	PartTrigger
	AllParts = PartTable | PartIndex | PartTrigger
)

// Has reports whether a part is among them.
func (p Part) Has(part Part) bool { return p&part != 0 }
