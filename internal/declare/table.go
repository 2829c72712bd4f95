package declare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// scopeColumn returns what kind of key the scope is, and the type of its column.
func (b *binding) scopeColumn() (backend.Kind, string, error) {
	if b.Scope == "" {
		return b.table.ScopeKind, "", nil
	}
	c, ok := b.found.Column(b.Scope)
	if !ok {
		return 0, "", fmt.Errorf("the Scope column %q is not in the table: add it, or declare another", b.Scope)
	}
	held := kindOfColumn(c.Type)
	kind, err := b.plan.ScopeKind(b.Scope)
	name, typ, ok := b.plan.Field(b.Scope)
	switch {
	case err != nil:
		return 0, "", err
	case ok && held != 0 && (kind == backend.Int) != (held == backend.Int):
		return 0, "", fmt.Errorf("the Scope column %q of type %s does not hold field %s of type %s: change one of them", b.Scope, c.Type, name, typ)
	case ok && (held == 0 || kind == backend.UUID):
		held = kind
	}
	if held == 0 {
		held = backend.Text
	}
	return held, c.Type, nil
}

// checkID finds a column that keeps strings, but in which no row is found by the remote id as
// it was received.
func (b *binding) checkID() error {
	c, ok := b.found.Column(b.table.ID)
	if !ok || !b.found.Strict || b.table.IDKind != backend.Text {
		return nil
	}
	switch c.Base {
	case "uuid":
		return fmt.Errorf("the remote id is a string, but column %q is of type %s, which may spell it otherwise: make the field a uuid.UUID, or the column text", c.Name, c.Type)
	case "bpchar":
		return fmt.Errorf("the remote id's column %q is of type char, which fills ids with spaces: make it text", c.Name)
	case "enum":
		return fmt.Errorf("the remote id's column %q is of type %s, which holds a few words only: make it text", c.Name, c.Type)
	}
	return nil
}

// checkHash finds a column of the fingerprint that can't keep it: 64 bits, or null.
func (b *binding) checkHash() error {
	c, ok := b.found.Column(hashColumn)
	switch {
	case !ok:
		return nil
	case c.NotNull:
		return fmt.Errorf("column %q is set to null for rows that were edited, but the column is NOT NULL: allow null", c.Name)
	case b.found.Strict && c.Type != "bigint":
		return fmt.Errorf("column %q keeps 64-bit numbers, but is of type %s: make it bigint", c.Name, c.Type)
	}
	return nil
}

// checkUnique asks for the index that keeps a remote id from having two rows.
func checkUnique(table *backend.Table, found backend.Description) error {
	if keepsUnique(table, found) {
		return nil
	}
	want := uniqueColumns(table)
	quoted := make([]string, len(want))
	for i, c := range want {
		quoted[i] = store.Quote(c)
	}
	return fmt.Errorf("the table has no unique index on (%s), so one remote object could get two rows: CREATE UNIQUE INDEX %s ON %s (%s)",
		strings.Join(want, ", "), store.Quote(table.Name[strings.LastIndex(table.Name, ".")+1:]+"_synced"), store.Quote(table.Name), strings.Join(quoted, ", "))
}

// uniqueColumns are those by which a remote id has one row.
func uniqueColumns(table *backend.Table) []string {
	if table.Scope == "" {
		return []string{table.ID}
	}
	return []string{table.Scope, table.ID}
}

// keepsUnique reports whether an index of the table keeps remote ids unique.
func keepsUnique(table *backend.Table, found backend.Description) bool {
	want := uniqueColumns(table)
	return slices.ContainsFunc(found.Unique, func(columns []string) bool {
		return slices.Contains(columns, table.ID) && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(want, c) })
	})
}

// served reports whether one of the service's own does.
func served(table *backend.Table, found backend.Description) bool {
	return keepsUnique(table, found) && !slices.Contains(found.Indexes, sqlstore.UniqueName(table))
}

// indexed notes which columns of parents' keys an index of the service's own begins with.
func indexed(table *backend.Table, found backend.Description) {
	for i, c := range table.Columns {
		for name, first := range found.Leading {
			if first == c.Name && name != sqlstore.ParentIndexName(table, c.Name) {
				table.Columns[i].Indexed = true
			}
		}
	}
}

// checkFilled finds columns that a run could not insert a row without.
func checkFilled(table *backend.Table, found backend.Description) error {
	for _, c := range found.Columns {
		managed := slices.ContainsFunc(table.Columns, func(own backend.Column) bool { return own.Name == c.Name && (own.Managed || own.Parent) })
		switch {
		case !c.NotNull || c.HasDefault || managed || c.Name == table.Scope || c.Name == table.Hash || c.Name == table.Touch.Name || c.Name == table.Created.Name:
		case c.Name == table.Stamp:
			return fmt.Errorf("column %q keeps the time of runs, which a new row does not have yet, but the column is NOT NULL: allow null", c.Name)
		case isTime(c.Type):
			return fmt.Errorf("column %q is NOT NULL without a default, and no attribute fills it: declare it as Created or Touch if it is a time of the row itself, or give it a default, or a field with a json tag", c.Name)
		default:
			return fmt.Errorf("column %q is NOT NULL without a default, and no attribute fills it: give it a default, or a field with a json tag", c.Name)
		}
	}
	return nil
}

// isTime reports whether a column's type is one of times.
func isTime(dbType string) bool {
	return strings.HasPrefix(dbType, "timestamp") || strings.HasPrefix(dbType, "date")
}

// keyed returns the table with outcomes that tell the local key, which it has.
func keyed(t backend.Table) backend.Table {
	key := t.Columns[keyColumn(&t)]
	t.Key, t.KeyKind = key.Name, kindOfType(key.Type)
	return t
}

// managed returns the table with one more column that runs write.
func managed(t backend.Table, column int) backend.Table {
	t.Columns = slices.Clone(t.Columns)
	t.Columns[column].Managed = true
	return t
}

// keyColumn finds the local key among the columns; negative when there is none.
func keyColumn(t *backend.Table) int {
	return slices.IndexFunc(t.Columns, func(c backend.Column) bool { return c.Key })
}

// parentColumn finds the column that keeps a parent's local key; negative when no
// field is tagged so.
func parentColumn(t *backend.Table, name string) int {
	return slices.IndexFunc(t.Columns, func(c backend.Column) bool { return c.Name == name && c.Parent })
}

// names reports whether a text names a table.
func names(text string) bool { return strings.Trim(text, ". ") != "" }
