package declare

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/syncedgo/synced/internal/backend"
)

// maxName is how many bytes of a name PostgreSQL keeps.
const maxName = 63

// checkNames finds names of tables and columns that a database would not keep, or that
// can't be told from SQL. It is the same on both stores.
func checkNames(t *backend.Table) error {
	tables := []string{t.Name}
	columns := []string{t.ID, t.Scope, t.Canceled, t.Stamp, t.Touch.Name, t.Created.Name}
	for _, c := range t.Columns {
		columns = append(columns, c.Name)
	}
	if t.Translations != nil {
		tables, columns = append(tables, t.Translations.Name), append(append(columns, t.Translations.ParentColumn(), t.Translations.LocaleColumn()), t.Translations.Columns...)
	}
	for _, l := range t.Links {
		tables, columns = append(tables, l.Name), append(columns, l.Parent.Name, l.Child.Name)
	}
	for _, name := range tables {
		for part := range strings.SplitSeq(name, ".") {
			if why := badName(part); why != "" || part == "" {
				return fmt.Errorf("the name of table %q %s: name another table, or give it another name", name, orEmpty(why))
			}
		}
	}
	for _, name := range columns {
		why := badName(name)
		if why == "" && strings.Contains(name, ".") {
			why = "has a dot, which stands between a schema and a table"
		}
		if why != "" {
			return fmt.Errorf("the name of column %q %s: give the column another name", name, why)
		}
	}
	return nil
}

func orEmpty(why string) string {
	if why == "" {
		return "has an empty part"
	}
	return why
}

// badName returns what keeps a part of a name from being one; "" where nothing does.
func badName(part string) string {
	switch {
	case strings.ContainsRune(part, '"'):
		return "has a quote; names are quoted by the library"
	case strings.ContainsRune(part, '?'):
		return `has a "?", which stands for a value in SQL`
	case slices.ContainsFunc([]rune(part), unicode.IsControl):
		return "has a control character"
	case len(part) > maxName:
		return fmt.Sprintf("is %d bytes long, of which PostgreSQL keeps %d", len(part), maxName)
	default:
		return ""
	}
}
