package sqlite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// dialect is SQLite's SQL.
type dialect struct{ own sqlstore.Own }

var _ sqlstore.Dialect = dialect{}

// Missing looks tables up in the schema.
func (d dialect) Missing(tables []string) squirrel.Sqlizer {
	list := encoded(tables)
	return squirrel.Expr("SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? || value COLLATE NOCASE) ORDER BY key",
		string(list), d.own.Prefix)
}

// ColumnsOf asks for the table's columns.
func (d dialect) ColumnsOf(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT name FROM pragma_table_info(?)", d.own.Prefix+table)
}

// References looks for keys without an action, where the connection heeds keys at all.
// SQLite does not tell their names: their columns stand for them.
func (dialect) References(table string) squirrel.Sqlizer {
	return squirrel.Expr(`SELECT '"' || replace(t.name, '"', '""') || '"', t.name,`+
		` 'FOREIGN KEY (' || (SELECT group_concat(k."from", ', ') FROM pragma_foreign_key_list(t.name) k WHERE k.id = f.id) || ')', f."from",`+
		` coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = f.seq + 1))`+
		` FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND f."table" = ? COLLATE NOCASE`+
		` AND f.on_delete IN ('NO ACTION', 'RESTRICT') AND (SELECT foreign_keys FROM pragma_foreign_keys) ORDER BY t.name, f.id, f.seq`, table)
}

// PrimaryKey asks the schema.
func (dialect) PrimaryKey(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)
}

// ForeignKeys asks the schema, also where the connection does not heed keys.
func (dialect) ForeignKeys(table string, among []string) squirrel.Sqlizer {
	return squirrel.Expr(`SELECT f.id, f."from", coalesce((SELECT value FROM json_each(?) WHERE value = f."table" COLLATE NOCASE LIMIT 1), ''),`+
		` coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = f.seq + 1), '')`+
		` FROM pragma_foreign_key_list(?) f ORDER BY f.id, f.seq`, string(encoded(among)), table)
}

// Now is the clock of this machine.
func (dialect) Now() string { return "CAST(unixepoch('subsec') * 1000 AS integer)" }

// EndIdle does nothing: the system ends the locks of a process, and nobody is cut off.
func (dialect) EndIdle() string { return "''" }

// Schemas reports false.
func (dialect) Schemas() bool { return false }

// Own is that of the options.
func (d dialect) Own() sqlstore.Own { return d.own }

// Placeholders are question marks.
func (dialect) Placeholders() squirrel.PlaceholderFormat { return squirrel.Question }

// AnyID sends the ids as one JSON array.
func (dialect) AnyID(column string, _ backend.Kind, ids []backend.ID) squirrel.Sqlizer {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id.Value()
	}
	text := encoded(list)
	return squirrel.Expr(column+" IN (SELECT value FROM json_each(?))", string(text))
}

// Keyed hides the condition from the planner: of an index on the scope and one on the column,
// it would take either.
func (d dialect) Keyed(table string, columns []string, column string, kind backend.Kind, keys []backend.ID, where squirrel.Sqlizer) squirrel.Sqlizer {
	return squirrel.Expr("SELECT "+strings.Join(columns, ", ")+" FROM "+table+" WHERE ? AND (?) IS TRUE", d.AnyID(column, kind, keys), where)
}

// InScope leaves out "id IS NOT NULL", which holds for ids that are named anyway. Of
// two indexes that begin alike, SQLite would choose by it the one that reads the
// whole scope.
func (dialect) InScope(t *backend.Table, scope any) squirrel.And {
	if scope == nil {
		return nil
	}
	return squirrel.And{squirrel.Expr(store.Quote(t.Scope)+" = ?", scope)}
}

// Rows is InScope and AnyID.
func (d dialect) Rows(t *backend.Table, scope any, ids []backend.ID) squirrel.And {
	if t.Within == 0 {
		return append(d.InScope(t, scope), d.AnyID(store.Quote(t.ID), t.IDKind, ids))
	}
	parents, own := t.Apart(ids)
	list := make([][2]any, len(ids))
	for i := range ids {
		list[i] = [2]any{parents[i].Value(), own[i].Value()}
	}
	text := encoded(list)
	return append(d.InScope(t, scope), squirrel.Expr("("+store.Quote(t.Parent)+", "+store.Quote(t.ID)+
		") IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))", string(text)))
}

// Lookup finds each of the ids in the unique index. The text is put together here: squirrel's
// builder of a SELECT takes some 40 allocations more, of a lookup that each page has.
func (d dialect) Lookup(t *backend.Table, scope any, ids []backend.ID, columns []string, _ string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT "+strings.Join(columns, ", ")+" FROM "+store.Quote(t.Name)+" WHERE ?", d.Rows(t, scope, ids))
}

// Source lists the rows as VALUES.
func (dialect) Source(columns []sqlstore.SourceColumn, rows [][]any) squirrel.Sqlizer {
	row := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	var sql strings.Builder
	sql.Grow(7 + len(rows)*(len(row)+1))
	sql.WriteString("VALUES ")
	args := make([]any, 0, len(rows)*len(columns))
	for r, values := range rows {
		if r > 0 {
			sql.WriteByte(',')
		}
		sql.WriteString(row)
		args = append(args, values...)
	}
	return squirrel.Expr(sql.String(), args...)
}

// SourceRows keeps a statement under SQLite's limit of 32,766 parameters, with
// some left for the rest of the statement.
func (dialect) SourceRows(columns int) int { return max(1, 32000/columns) }

// MostOfRow is what a connection can update, and copy to the outbox, in its memory.
func (dialect) MostOfRow() int { return 64 << 20 }

// RowVersion is nothing: there is one writer at a time.
func (dialect) RowVersion() string { return "" }

// ByBytes is the collation BINARY, of any type: numbers have none.
func (dialect) ByBytes(string) string { return " COLLATE BINARY" }

// Lock is nothing: there is one writer at a time.
func (dialect) Lock() string { return "" }

// Hold is nothing, as Lock.
func (dialect) Hold() string { return "" }

// Share is nothing, as Lock is.
func (dialect) Share() string { return "" }

// Schema returns the DDL of a table.
func (dialect) Schema(t *backend.Table, parts backend.Part) string {
	ddl := ""
	if parts.Has(backend.PartTable) {
		ddl += sqlstore.CreateTable(t, typeOf)
	}
	if parts.Has(backend.PartIndex) {
		ddl += sqlstore.CreateUnique(t) + sqlstore.CreateParentIndexes(t) + hashIndex(t)
	}
	if parts.Has(backend.PartTrigger) {
		ddl += guard(t)
	}
	return ddl
}

// hashIndex has the fingerprints and the keys of parents, so that a run which finds
// nothing new reads no row: of 500 rows with objects of 1.5 kB, it reads 3 pages of the
// file and not 250.
func hashIndex(t *backend.Table) string {
	columns := []string{store.Quote(t.ID), store.Quote(t.Hash)}
	for _, c := range t.Columns {
		if c.Parent {
			columns = append(columns, store.Quote(c.Name))
		}
	}
	if t.Scope != "" {
		columns = append([]string{store.Quote(t.Scope)}, columns...)
	}
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s);\n",
		store.Quote(sqlstore.IndexName(t, "_synced_hash")), store.Quote(t.Name), strings.Join(columns, ", "))
}

func typeOf(c backend.Column) string {
	switch cmp.Or(c.Made, c.Type) {
	case backend.TypeInt:
		if c.Key {
			// AUTOINCREMENT never gives the key of a row that was deleted to another.
			return "integer PRIMARY KEY AUTOINCREMENT"
		}
		return "bigint"
	case backend.TypeFloat:
		return "double"
	case backend.TypeBool:
		return "boolean"
	case backend.TypeTime:
		// One of the names by which the driver knows a time when it reads one.
		return "timestamp"
	case backend.TypeDate:
		return "date"
	case backend.TypeBytes:
		return "blob"
	default: // decimals too: a number of SQLite's keeps 15 digits
		if c.Key {
			return "text PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))"
		}
		return "text"
	}
}

// encoded is a list of integers and texts as JSON.
func encoded(list any) []byte {
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // integers and strings can be encoded
	}
	return text
}
