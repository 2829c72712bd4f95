package sqlite

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// guard returns the DDL of the trigger that takes the fingerprint from a row of which
// somebody else changes a watched column.
//
// A trigger of SQLite can't compare columns without naming them. RENAME COLUMN renames
// them in the trigger; DROP COLUMN of a watched one is refused, by an error that names the
// trigger, until it is dropped. UPDATE OF may name columns that are gone, but does not tell
// a new value from the old one: each row that an ORM saves whole would lose its fingerprint.
// The comment says what it watches. Its body stands on one
// line: tools that run migrations cut a file where a line ends with a semicolon.
func guard(t *backend.Table) string {
	watched := t.Watched()
	differ := make([]string, len(watched))
	for i, name := range watched {
		differ[i] = compared(t, "OLD", name) + " IS NOT " + compared(t, "NEW", name)
	}
	return fmt.Sprintf(`DROP TRIGGER IF EXISTS %[1]s;
CREATE TRIGGER %[1]s AFTER UPDATE ON %[2]s /* watches %[5]s */
	WHEN NEW.%[3]s IS NOT NULL AND OLD.%[3]s IS NEW.%[3]s AND (
		%[4]s)
	BEGIN UPDATE %[2]s SET %[3]s = NULL WHERE rowid = NEW.rowid; END;
`, store.Quote(backend.GuardName+"_"+t.Name), store.Quote(t.Name), store.Quote(t.Hash), strings.Join(differ, "\n\t\tOR "), t.Guard())
}

// compared is a column of one of the two rows of a trigger. JSON is compared as text.
func compared(t *backend.Table, row, name string) string {
	column := row + "." + store.Quote(name)
	if i := t.Index(name); i >= 0 && (t.Columns[i].Type == backend.TypeJSON || t.Columns[i].DBType == "json") {
		return "CAST(" + column + " AS text)"
	}
	return column
}
