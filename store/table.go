package store

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
)

// Table is a model's table as its declaration plans it. It is made once, by
// synced.New, and not changed afterwards.
type Table struct {
	Name string // as declared: "rentals" or "crm.rentals"

	ID     string // column of the remote id
	IDKind Kind

	Scope     string // column of the scope; "" where the whole table is the scope
	ScopeKind Kind
	ScopeType string // the database's own name of the scope column's type

	// Key is the column of the local key, where outcomes are to tell it, because
	// rows of other models belong to this one's; or else "".
	Key     string
	KeyKind Kind
	// Parent is the column that keeps the local key of a row's parent, in the
	// writing of rows that come with their parents; or else "".
	Parent     string
	ParentKind Kind

	// Translations is the table of the rows' translations, or nil.
	Translations *Translations

	// Data is the column of the whole object; "" where it is left out.
	Data string
	// Hash is the column of the fingerprint. It is "" where the table has none,
	// or no trigger that guards it: rows are then told apart by their columns.
	Hash string
	// Canceled is the column that cancelling sets; "" where removal does not
	// cancel.
	Canceled string

	// Version is the column that tells versions of a record: no row is overwritten
	// by an older one. It is "" where none is declared.
	Version string

	// Stamp is the column of a time per record; "" where times are kept by scope.
	Stamp string

	// Unread says that nobody reads the columns of new rows that the database
	// fills: they may be left out of Outcome.New, and one question to the database
	// with them.
	Unread bool

	// Columns are the columns that the model's type has a field for, in the order
	// of Record.Pointers.
	Columns []Column
	// New makes an empty record to read a row into.
	New func() Record
}

// Column is one column of a [Table].
type Column struct {
	Name string
	// Type says what Schema makes of the column; DBType is the type that it has,
	// as Describe tells it.
	Type   Type
	DBType string
	// Key marks the local primary key, filled by the database.
	Key bool
	// NotNull says that the field cannot hold a null.
	NotNull bool
	// Parent columns keep the local key of another model's row. They are managed
	// in runs that know it.
	Parent bool
	// Managed columns are written by a run; the others are the service's own.
	Managed bool
	// Cast asks for the column as text: its field is a string, its type in the
	// database is not.
	Cast bool
	// Equal compares two values of the column, given pointers to them.
	Equal func(a, b any) bool
}

// Type is a column's type, in no dialect.
type Type int

// The column types that Schema knows.
const (
	TypeInt Type = iota + 1
	TypeFloat
	TypeBool
	TypeText
	TypeTime
	TypeBytes
	TypeUUID
	TypeJSON
)

// Record is one row in memory. Value is what holds it (a pointer to the model's
// type) and is opaque to stores; Pointers point to its columns, in the order of
// Table.Columns, to read them from and scan them into.
type Record struct {
	Value    any
	Pointers []any
}

// Row is one record of a page on its way into a table.
//
// A row whose stored fingerprint equals Hash is unchanged, and Map is not
// called. Otherwise Map makes the record, and its managed columns are compared
// with those stored: none differs, and the row is unchanged as well.
type Row struct {
	ID   ID
	Hash int64
	// Parent is the local key of the row's parent, where the table has a Parent
	// column. A row with another one differs.
	Parent ID
	// Look is what [Store.Look] said of the row. A page whose rows all have one is
	// not looked at once more before it is written; what it says may be outdated.
	Look Look
	Map  func() (Record, error)
	// SetAside leaves the row of a record that Map fails for as it is, and puts
	// the error into its outcome. Without it, the error ends the writing.
	SetAside bool
}

// Look says how a row is stored.
type Look int

// How a row may be stored.
const (
	Unseen  Look = iota // nobody has looked
	Same                // with the same fingerprint
	Differs             // with another one, or none
	Absent              // not at all
)

// Change says what became of a row.
type Change int

// What may become of a row.
const (
	Unchanged Change = iota
	Created
	Updated
	Restored // it was cancelled, and is listed again
	Older    // the row has a newer version, and stays as it is
)

// Outcome is what became of one [Row].
type Outcome struct {
	Change Change
	// Key is the row's local key, where the table asks for it.
	Key ID
	// Old is the row before, of an updated or restored one. New is the row
	// after, of a created, updated or restored one, with the columns that the
	// database filled, unless the table says that nobody reads those.
	Old, New Record
	// Err is Map's, of a row to be set aside. Nothing else of it is known then.
	Err error
}

// Description is what a table in the database looks like.
type Description struct {
	Columns []DescribedColumn
	// Unique lists the columns of the primary key and of each unique index, other
	// than those on expressions and those on a part of the rows. One that leaves
	// out the nulls of a column of its own is among them.
	Unique [][]string
	// Triggers are the names of the table's triggers.
	Triggers []string
}

// DescribedColumn is a column in the database.
type DescribedColumn struct {
	Name string
	Type string // the database's own name, lower case: "bigint", "timestamp with time zone"
	// NotNull without HasDefault must be given a value on insert.
	NotNull, HasDefault bool
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

// Guard is the name of the trigger that sets the fingerprint to null when a
// managed column is changed by anybody else. The name tells which columns it
// watches, so that a trigger made for an older declaration is not trusted.
func (t *Table) Guard() string {
	sum := crc32.NewIEEE()
	for _, name := range t.Watched() {
		_, _ = sum.Write([]byte(name + "\x00"))
	}
	return fmt.Sprintf("synced_guard_%08x", sum.Sum32())
}

// Watched are the columns that the guard compares: those that a run writes.
func (t *Table) Watched() []string {
	var names []string
	for _, c := range t.Columns {
		if (c.Managed || c.Parent) && c.Name != t.Canceled {
			names = append(names, c.Name)
		}
	}
	if t.Canceled != "" {
		names = append(names, t.Canceled)
	}
	slices.Sort(names)
	return names
}

// Differences are the managed columns in which a stored row and a new one
// differ; nulls are those that [Table.Scan] told of the stored one.
func (t *Table) Differences(stored Record, nulls []bool, fresh Record) []int {
	var differ []int
	for i := range t.Columns {
		if t.differs(i, stored, nulls, fresh) {
			differ = append(differ, i)
		}
	}
	return differ
}

// Differs says whether there are Differences. The whole object is compared when all
// else is equal: that is a third of the time of an update.
func (t *Table) Differs(stored Record, nulls []bool, fresh Record) bool {
	data := -1
	for i, c := range t.Columns {
		if c.Name == t.Data {
			data = i
		} else if t.differs(i, stored, nulls, fresh) {
			return true
		}
	}
	return data >= 0 && t.differs(data, stored, nulls, fresh)
}

func (t *Table) differs(i int, stored Record, nulls []bool, fresh Record) bool {
	c := t.Columns[i]
	return c.Managed && c.Name != t.Canceled && (nulls[i] || !c.Equal(stored.Pointers[i], fresh.Pointers[i]))
}

// Where is the condition for the rows of a scope. Rows without a remote id are
// nobody's business, and never among them.
func (t *Table) Where(scope any) squirrel.And {
	where := squirrel.And{squirrel.Expr(Quote(t.ID) + " IS NOT NULL")}
	if scope != nil {
		where = append(where, squirrel.Expr(Quote(t.Scope)+" = ?", scope))
	}
	return where
}

// Quote quotes a name for SQL, part by part: crm.rentals becomes
// "crm"."rentals".
func Quote(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, `"`, `""`), ".", `"."`) + `"`
}
