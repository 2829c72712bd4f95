package sqlstore

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// CreateTable returns the DDL of a table, its translations and its links, with the types
// that typeOf gives.
func CreateTable(t *backend.Table, typeOf func(backend.Column) string) string {
	columns := slices.Clone(t.Columns)
	if t.Scope != "" && t.Index(t.Scope) < 0 {
		columns = append(columns, backend.Column{Name: t.Scope, Type: backend.TypeOf(t.ScopeKind), NotNull: true})
	}
	for _, name := range []string{t.Canceled, t.Stamp, t.Touch.Name, t.Created.Name} {
		if name != "" && t.Index(name) < 0 {
			columns = append(columns, backend.Column{Name: name, Type: backend.TypeTime})
		}
	}
	columns = append(columns, backend.Column{Name: t.Hash, Type: backend.TypeInt})
	lines := make([]string, len(columns))
	for i, c := range columns {
		lines[i] = "\t" + store.Quote(c.Name) + " " + definition(t, c, typeOf)
	}
	return "CREATE TABLE IF NOT EXISTS " + store.Quote(t.Name) + " (\n" + strings.Join(lines, ",\n") + "\n);\n" +
		createTranslations(t, typeOf) + createLinks(t, typeOf)
}

// definition returns a column's type and constraints. The remote id may be null, for
// the rows that the service adds itself.
func definition(t *backend.Table, c backend.Column, typeOf func(backend.Column) string) string {
	sql := typeOf(c)
	switch {
	case c.Name == t.Canceled && t.Flag:
		return sql + " NOT NULL DEFAULT false"
	case c.Key, !c.NotNull, c.Name == t.ID, c.Name == t.Stamp, c.Name == t.Canceled:
		return sql
	case c.Name == t.Scope, c.Managed, c.Parent:
		return sql + " NOT NULL"
	default:
		return sql + " NOT NULL DEFAULT " + zero(c.Type)
	}
}

// zero returns the default of one of the service's own columns, whose field cannot
// hold a null.
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

// CreateUnique returns the DDL of the index that keeps a remote id from having two rows,
// "" where another does.
func CreateUnique(t *backend.Table) string {
	if t.Served {
		return ""
	}
	columns := store.Quote(t.ID)
	if t.Scope != "" {
		columns = store.Quote(t.Scope) + ", " + columns
	}
	return fmt.Sprintf("CREATE UNIQUE INDEX IF NOT EXISTS %s ON %s (%s);\n", store.Quote(UniqueName(t)), store.Quote(t.Name), columns)
}

// CreateParentIndexes returns the DDL of an index on each column of a parent's key, but where
// another index begins with it. Runs find children by them: without one, each page of
// parents reads the whole table of their children.
func CreateParentIndexes(t *backend.Table) string {
	ddl := ""
	for _, c := range t.Columns {
		if c.Parent && !c.Indexed && c.Name != t.Scope { // with which the unique index begins
			ddl += fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s);\n", store.Quote(ParentIndexName(t, c.Name)), store.Quote(t.Name), store.Quote(c.Name))
		}
	}
	return ddl
}

// ParentIndexName returns the name of the index that CreateParentIndexes makes of a column.
func ParentIndexName(t *backend.Table, column string) string {
	const most = 30 // with which the name of an index still has room for the table's
	if len(column) > most {
		column = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(column)))
	}
	return IndexName(t, "_"+column+"_synced")
}

// UniqueName returns the name of the index that CreateUnique makes.
func UniqueName(t *backend.Table) string { return IndexName(t, "_synced") }

// IndexName returns the name of an index of a table, without its schema.
func IndexName(t *backend.Table, suffix string) string {
	name := Derived(t, suffix)
	return name[strings.LastIndex(name, ".")+1:]
}
