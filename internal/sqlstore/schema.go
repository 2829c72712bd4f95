package sqlstore

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// CreateTable is the part of a table's DDL that is alike in both dialects: the
// table and its unique index, with the types that typeOf gives.
func CreateTable(t *backend.Table, typeOf func(backend.Column) string) string {
	var lines []string
	scoped := t.Scope == ""
	for _, c := range t.Columns {
		if c.Name == t.Scope {
			scoped = true
		}
		lines = append(lines, "\t"+store.Quote(c.Name)+" "+definition(t, c, typeOf))
	}
	if !scoped {
		c := backend.Column{Name: t.Scope, Type: backend.TypeOf(t.ScopeKind), NotNull: true}
		lines = append(lines, "\t"+store.Quote(c.Name)+" "+definition(t, c, typeOf))
	}
	for _, name := range []string{t.Canceled, t.Stamp} {
		if name != "" && !hasColumn(t, name) {
			lines = append(lines, "\t"+store.Quote(name)+" "+typeOf(backend.Column{Type: backend.TypeTime}))
		}
	}
	lines = append(lines, "\t"+store.Quote(t.Hash)+" "+typeOf(backend.Column{Type: backend.TypeInt}))
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n%s\n);\n%s", store.Quote(t.Name), strings.Join(lines, ",\n"), uniqueIndex(t)) + createTranslations(t, typeOf)
}

// definition is a column's type and constraints. The remote id may be null, for
// the rows that the service adds itself.
func definition(t *backend.Table, c backend.Column, typeOf func(backend.Column) string) string {
	sql := typeOf(c)
	switch {
	case c.Key, !c.NotNull, c.Name == t.ID, c.Name == t.Stamp, c.Name == t.Canceled:
		return sql
	case c.Name == t.Scope:
		return sql + " NOT NULL"
	case c.Managed, c.Parent:
		return sql + " NOT NULL"
	default:
		return sql + " NOT NULL DEFAULT " + zero(c.Type)
	}
}

// zero is the default of a column that is the service's own and whose field
// cannot hold a null.
func zero(t backend.Type) string {
	switch t {
	case backend.TypeInt, backend.TypeFloat:
		return "0"
	case backend.TypeBool:
		return "false"
	case backend.TypeTime:
		return "'0001-01-01 00:00:00+00'"
	case backend.TypeUUID:
		return "'00000000-0000-0000-0000-000000000000'"
	case backend.TypeJSON:
		return "'null'"
	default:
		return "''"
	}
}

func uniqueIndex(t *backend.Table) string {
	columns := store.Quote(t.ID)
	if t.Scope != "" {
		columns = store.Quote(t.Scope) + ", " + columns
	}
	return fmt.Sprintf("CREATE UNIQUE INDEX IF NOT EXISTS %s ON %s (%s);\n", IndexName(t, "_synced"), store.Quote(t.Name), columns)
}

// IndexName is the name of an index of a table, quoted.
func IndexName(t *backend.Table, suffix string) string {
	return store.Quote(t.Name[strings.LastIndex(t.Name, ".")+1:] + suffix)
}

// Differs is the condition, in a trigger, that a watched column changed.
func Differs(t *backend.Table, isDistinct string) string {
	var terms []string
	for _, name := range t.Watched() {
		cast := ""
		for _, c := range t.Columns {
			if c.Name == name && (c.Type == backend.TypeJSON || c.DBType == "json") {
				cast = "text"
			}
		}
		side := func(row string) string {
			column := row + "." + store.Quote(name)
			if cast != "" {
				return "CAST(" + column + " AS text)"
			}
			return column
		}
		terms = append(terms, side("OLD")+" "+isDistinct+" "+side("NEW"))
	}
	return strings.Join(terms, "\n\t\tOR ")
}

func hasColumn(t *backend.Table, name string) bool {
	for _, c := range t.Columns {
		if c.Name == name {
			return true
		}
	}
	return false
}
