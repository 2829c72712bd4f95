package backend

import (
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Table is a model's table as its declaration plans it. It is finished when the
// model is made: to vary it afterwards, change a [Table.Clone].
type Table struct {
	Name string // as declared: "rentals" or "crm.rentals"

	ID     string // column of the remote id
	IDKind Kind

	Scope     string // column of the scope; "" where the whole table is the scope
	ScopeKind Kind
	ScopeType string // the database's own name of the scope column's type

	// Key is the column of the local key, if outcomes should have it, because rows of
	// other models belong to this one's; or else "".
	Key     string
	KeyKind Kind
	// Parent is the column that keeps the local key of a row's parent, when rows are
	// written that come with their parents; or else "".
	Parent     string
	ParentKind Kind
	// Within is the kind of the remote ids where they tell rows apart only among those of
	// one parent, and zero elsewhere. IDKind is Text then: an id begins with the parent's
	// key, "41/7".
	Within Kind
	// Followed are the columns of local keys of parents that a row's object names.
	Followed []string

	// Translations is the table of the rows' translations, or nil.
	Translations *Translations

	// Links are the tables that tie rows to children that they share.
	Links []*Links

	// Data is the column of the whole object; "" where it is left out.
	Data string
	// Hash is the column of the fingerprint. It is "" where the table has none,
	// or no trigger that guards it: rows are then told apart by their columns.
	Hash string
	// Canceled is the column that canceling sets; "" where removal does not cancel.
	Canceled string
	// Flag reports whether Canceled is a boolean: true where a row is canceled.
	Flag bool
	// Touch and Created are columns of the service's own for the time of a write: of each
	// that creates or changes a row, and of the one that creates it. Their names are ""
	// where none is declared.
	Touch, Created TimeColumn

	// Version is the column of a record's version: an older version never overwrites
	// a row. It is "" where none is declared.
	Version string

	// Stamp is the column of a time per record; "" where times are kept by scope.
	Stamp string

	// Served reports whether an index of the service's own keeps remote ids unique, so
	// that Schema adds none.
	Served bool

	// Journaled reports whether the table has triggers of package journal, which are told
	// what a run writes.
	Journaled bool

	// Unread reports whether the columns that the database fills in rows that are written are
	// not read: Outcome.New may lack them, which saves a query.
	Unread bool

	// Columns are those that the model's type has a field for, in the order of
	// Row.Pointers.
	Columns []Column
	// New makes an empty row to scan one into.
	New func() Row
}

// TimeColumn is a column for times, and the database's own name of its type.
type TimeColumn struct{ Name, Type string }

// Clone returns a copy whose settings and columns may be changed.
func (t *Table) Clone() *Table {
	copied := *t
	copied.Columns = slices.Clone(t.Columns)
	return &copied
}

// Index returns the position of a column in Columns, and -1 if it has no field.
func (t *Table) Index(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// GuardName is the name of the trigger that sets the fingerprint to null when somebody
// else changes a managed column. It is the same for every declaration, so that a new
// trigger replaces an older one.
const GuardName = "synced_guard"

// Guard returns a mark of the columns that the trigger watches. The trigger has it, so
// that one made for an older declaration is not trusted.
func (t *Table) Guard() string {
	sum := crc32.NewIEEE()
	for _, name := range t.Watched() {
		_, _ = sum.Write([]byte(name + "\x00"))
	}
	return fmt.Sprintf("%08x", sum.Sum32())
}

// Watched lists the columns that the guard compares: those that a run writes.
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

// Differences lists the managed columns in which a stored row and a new one
// differ; misfits are those that [Table.Scan] returned with the stored one.
func (t *Table) Differences(stored Row, misfits Misfits, fresh Row) []int {
	var differ []int
	for i := range t.Columns {
		if t.differs(i, stored, misfits, fresh) {
			differ = append(differ, i)
		}
	}
	return differ
}

// Differs reports whether there are Differences. The whole object is compared when all
// else is equal: that is a third of the time of an update.
func (t *Table) Differs(stored Row, misfits Misfits, fresh Row) bool {
	data := -1
	for i, c := range t.Columns {
		if c.Name == t.Data {
			data = i
		} else if t.differs(i, stored, misfits, fresh) {
			return true
		}
	}
	return data >= 0 && t.differs(data, stored, misfits, fresh)
}

func (t *Table) differs(i int, stored Row, misfits Misfits, fresh Row) bool {
	c := t.Columns[i]
	if !c.Managed || c.Name == t.Canceled {
		return false
	}
	_, misfit := misfits[i]
	return misfit || !c.Equal(stored.Pointers[i], fresh.Pointers[i])
}

// Where returns the condition for the rows of a scope. Rows without a remote id
// are the service's own, and never among them.
func (t *Table) Where(scope any) squirrel.And {
	where := squirrel.And{squirrel.Expr(store.Quote(t.ID) + " IS NOT NULL")}
	if scope != nil {
		where = append(where, squirrel.Expr(store.Quote(t.Scope)+" = ?", scope))
	}
	return where
}
