package journal

import (
	"strings"

	"github.com/Masterminds/squirrel"
)

// dialect is where the journal differs between databases.
type dialect interface {
	// columns is a query for a table's schema, its name, and its columns in order: each
	// one's name, its place in the primary key, and whether it is generated.
	columns(table string) squirrel.Sqlizer
	// kind returns what the values of a type are.
	kind(base string) kind
	// install returns the DDL of what all tables need, and triggers that of a table's.
	// Both may run again.
	install() string
	triggers(d *described) string
	// drop returns the DDL that takes them away.
	drop(d *described) string
	// installed is a query for a row that tells whether a table's triggers are those of
	// the declaration and enabled, and wrong what is the matter with them.
	installed(d *described) squirrel.Sqlizer
	// whole is an expression of a row of a table, as JSON, and keyOf one of its key.
	whole(d *described, row string) string
	keyOf(d *described, row string) string
	// id is the column of synced_journal_new that orders it; taken is what takes all
	// of it that has its place next.
	id() string
	taken() string
	// noting are the columns of synced_journal_new that tell when and where a change was
	// noted, and their values.
	noting() (columns, values string)
	// base is a query that reports whether what all tables need is there.
	base() squirrel.Sqlizer
	// member reads a text from a column of JSON.
	member(column, name string) string
	// keyText writes a neutral value as keyOf does.
	keyText(c column, v any) (string, error)
}

// joined concatenates SQL expressions of texts. Databases limit how deep an expression is,
// so that a table of many columns needs a tree of little depth.
func joined(parts []string) string {
	if len(parts) <= 4 {
		return strings.Join(parts, " || ")
	}
	half := len(parts) / 2
	return "(" + joined(parts[:half]) + ") || (" + joined(parts[half:]) + ")"
}

// object is an expression of a JSON object with the members of some expressions, each of
// which begins with a comma or is empty.
func object(members []string) string { return "'{' || substr(" + joined(members) + ", 2) || '}'" }

// literal writes a text as SQL does.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// member is the beginning of a member of an object.
func memberName(name string) string { return literal("," + quotedJSON(name) + ":") }
