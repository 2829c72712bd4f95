package journal

import (
	"fmt"
	"slices"
)

// Config says which tables have a journal.
type Config struct{ Tables []Table }

// Table is a table whose changes are kept.
type Table struct {
	// Name is the table's name in the database. On PostgreSQL it may begin with that of a
	// schema. It is the Model of its changes. The table needs a primary key.
	Name string
	// Watch is how changes are noticed. Defaults to [Triggers].
	Watch Watch
	// Only are the operations that are kept, and Except those that are not. Defaults to
	// all; set one of the two at most.
	Only, Except []Op
	// OnlyColumns are the columns whose values and changes are kept, and ExceptColumns
	// those that are not. Those of the primary key always are; generated columns, and
	// synced_hash, never. An update of other columns is no change. Defaults to all; set
	// one of the two at most.
	OnlyColumns, ExceptColumns []string
}

// Watch is how changes of a table are noticed.
type Watch int

// The ways to notice changes.
const (
	// Triggers notice every writer.
	Triggers Watch = iota
	// Published changes are those that the service tells by [Journal.Publish].
	Published
	// Compared tables are looked at by [Journal.Compare], for those that may have no
	// trigger. Old values of an update are not known.
	Compared
)

// Op is what happened to a row.
type Op string

// The operations.
const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
)

// keeps reports whether an operation is kept.
func (t Table) keeps(op Op) bool {
	return (len(t.Only) == 0 || slices.Contains(t.Only, op)) && !slices.Contains(t.Except, op)
}

// hashColumn has the fingerprint of a row that runs write. It tells nothing of the row.
const hashColumn = "synced_hash"

// keepsColumn reports whether a column is kept that is none of the key.
func (t Table) keepsColumn(name string) bool {
	return name != hashColumn && (len(t.OnlyColumns) == 0 || slices.Contains(t.OnlyColumns, name)) && !slices.Contains(t.ExceptColumns, name)
}

// check finds mistakes that need no database.
func (t Table) check() error {
	if t.Name == "" {
		return fmt.Errorf("a table has no Name")
	}
	if len(t.Only) > 0 && len(t.Except) > 0 {
		return fmt.Errorf("both Only and Except are set: set one of them")
	}
	if len(t.OnlyColumns) > 0 && len(t.ExceptColumns) > 0 {
		return fmt.Errorf("both OnlyColumns and ExceptColumns are set: set one of them")
	}
	if t.Watch < Triggers || t.Watch > Compared {
		return fmt.Errorf("there is no Watch %d: use Triggers, Published or Compared", t.Watch)
	}
	for _, op := range slices.Concat(t.Only, t.Except) {
		if op != Create && op != Update && op != Delete {
			return fmt.Errorf("there is no operation %q: use Create, Update and Delete", op)
		}
	}
	if !t.keeps(Create) && !t.keeps(Update) && !t.keeps(Delete) {
		return fmt.Errorf("no operation is left to keep")
	}
	return nil
}
