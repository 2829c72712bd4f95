package backend

import (
	"slices"
	"strings"
)

// Description is what a table in the database looks like.
type Description struct {
	Columns []DescribedColumn
	// View reports whether it is a view, materialized or not.
	View bool
	// Rewritten reports whether rules rewrite each INSERT or UPDATE of the table, and
	// Hides whether row level security may hide rows from the session's role.
	Rewritten, Hides bool
	// Strict reports whether a column holds only values of its type. SQLite keeps any
	// value in a column of any type.
	Strict bool
	// Unique lists the columns of the primary key and of each unique index. Indexes on
	// expressions and on some of the rows are left out, but for those that leave out
	// only the nulls of one of their columns; so are constraints that are deferrable, which
	// no upsert can go by.
	Unique [][]string
	// Indexes are the names of the unique indexes, primary keys included.
	Indexes []string
	// Leading are the columns with which indexes begin, by their names, unique ones
	// included; those on some of the rows are left out.
	Leading map[string]string
	// Triggers are the names of the table's triggers.
	Triggers []string
	// Guard tells what the trigger that guards the fingerprints watches, as
	// [Table.Guard] does; "" where the table has none that is enabled.
	Guard string
}

// Journaled reports whether the table has triggers of package journal.
func (d Description) Journaled() bool {
	return slices.ContainsFunc(d.Triggers, func(name string) bool { return strings.HasPrefix(name, JournalTrigger) })
}

// DescribedColumn is a column in the database.
type DescribedColumn struct {
	Name string
	Type string // the database's own name, lower case: "bigint", "timestamp with time zone"
	// Base is the type that a domain is made of, "enum" of an enum, and else Type.
	Base string
	// Limits are the numbers in parentheses behind Base: 8 and 2 of numeric(8,2).
	Limits []int
	// NotNull without HasDefault must be given a value on insert.
	NotNull, HasDefault bool
	// Generated columns are computed by the database, and never written.
	Generated bool
}

// Column finds a column by name.
func (d Description) Column(name string) (DescribedColumn, bool) {
	for _, c := range d.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return DescribedColumn{}, false
}

// Lead notes the column with which an index begins.
func (d *Description) Lead(index, column string) {
	if d.Leading == nil {
		d.Leading = map[string]string{}
	}
	d.Leading[index] = column
}
