package report

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/plural"
)

// Referenced are rows of Table whose records are gone, and which were not deleted since
// rows of another table point to them, by a foreign key that neither cascades nor sets
// null.
type Referenced struct {
	// Table is the model's table, By the one that points to its rows, by its foreign key
	// Constraint. SQLite does not tell the key's name: its columns stand for it.
	Table, By, Constraint string
	// Child is the table of nested records, where the key points to children of the rows.
	Child string
	// Rows is how many there are, and Records are the remote ids of up to 5 of them.
	Rows    int
	Records []string
	// Canceled reports whether they were canceled. They stay as they were, else.
	Canceled bool
}

func (r Referenced) String() string {
	does, to := "not deleted", "them"
	if r.Canceled {
		does = "canceled instead of deleted"
	}
	if r.Child != "" {
		to = "their rows of " + r.Child
	}
	records := strings.Join(r.Records, ", ")
	if r.Rows > len(r.Records) {
		records += ", …"
	}
	return fmt.Sprintf("%s of %s %s (%s): %s of table %s points to %s", plural.Of(r.Rows, "row"), r.Table, does, records, r.Constraint, r.By, to)
}
