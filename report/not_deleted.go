package report

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/plural"
)

// NotDeleted are rows of Table whose records are gone, and which stay all the same:
// a foreign key of another table, which neither cascades nor sets null, points to them, or
// the database skips the statement that removes them without an error, as a trigger, a
// rule or row level security makes it do.
type NotDeleted struct {
	// Table is the model's table.
	Table string
	// By is the table that points to its rows, by its foreign key Constraint. SQLite does
	// not tell the key's name: its columns stand for it. Both are empty where the
	// database skips the statement.
	By, Constraint string
	// Child is the table of nested records, where it is children of the rows that can't
	// be deleted.
	Child string
	// Rows is how many there are, and Records are the remote ids of up to 5 of them.
	Rows    int
	Records []string
	// Canceled reports whether they were canceled instead. Otherwise they are as they
	// were.
	Canceled bool
}

func (n NotDeleted) String() string {
	records := strings.Join(n.Records, ", ")
	if n.Rows > len(n.Records) {
		records += ", …"
	}
	rows, of := plural.Of(n.Rows, "row")+" of "+n.Table, "them"
	if n.Child != "" {
		of = "their rows of " + n.Child
	}
	switch {
	case n.By == "" && n.Child != "":
		return fmt.Sprintf("%s not removed (%s): the database skips the statement that removes %s, and raises no error: a trigger, a rule or row level security of %s", rows, records, of, n.Child)
	case n.By == "":
		return fmt.Sprintf("%s not removed (%s): the database skips the statement, and raises no error: a trigger, a rule or row level security of the table", rows, records)
	case n.Canceled:
		return fmt.Sprintf("%s canceled instead of deleted (%s): %s of table %s points to %s", rows, records, n.Constraint, n.By, of)
	default:
		return fmt.Sprintf("%s not deleted (%s): %s of table %s points to %s", rows, records, n.Constraint, n.By, of)
	}
}
