package journal

import (
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// sqliteDialect is the journal's SQL on SQLite.
type sqliteDialect struct{ own sqlstore.Own }

var _ dialect = sqliteDialect{}

func (sqliteDialect) columns(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT '', (SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE), name, pk, hidden > 1 FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", table, table)
}

func (sqliteDialect) kind(base string) kind {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(base, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("bool"):
		return boolean
	case has("timestamp", "datetime"):
		return moment
	case base == "date":
		return day
	case has("json"):
		return document
	case has("blob", "bytea", "binary"):
		return binary
	case has("int"):
		return integer
	case has("real", "floa", "doub"):
		return float
	case has("numeric", "decimal"):
		return decimal
	}
	return text
}

func (sqliteDialect) install() string { return "" }

// now is the clock of the machine, in milliseconds; any version of SQLite has it.
const sqliteNow = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS integer)"

// triggers has four triggers: a change of the key is a deletion and a creation. Each stands
// on one line: tools that run migrations cut a file where a line ends with a semicolon.
//
// SQLite compiles the triggers of a table with each statement that may fire them, unless the
// service keeps it prepared. So they are short: that of a change of the key is of its columns
// alone, and that of an update names each column twice.
func (s sqliteDialect) triggers(d *described) string {
	var ddl strings.Builder
	ddl.WriteString(s.drop(d))
	add := func(name, event string, when []string, statements ...string) {
		when = append([]string{s.own.Fill("(SELECT mark FROM {synced_journal_mark}) IS NOT 'off'")}, when...)
		fmt.Fprintf(&ddl, "CREATE TRIGGER %s AFTER %s ON %s WHEN %s BEGIN %s END;\n",
			quote(s.trigger(d, name)), event, d.quoted(), strings.Join(when, " AND "), strings.Join(statements, " "))
	}
	created := s.note(d, Create, "NEW", "NULL", s.whole(d, "NEW"))
	deleted := s.note(d, Delete, "OLD", s.whole(d, "OLD"), "NULL")
	var moved, key []string
	for _, c := range d.key {
		moved, key = append(moved, s.differs(c)), append(key, quote(c.name))
	}
	if d.keeps(Create) {
		add("create", "INSERT", nil, created)
	}
	if d.keeps(Delete) {
		add("delete", "DELETE", nil, deleted)
	}
	if statements := slicesOf(d.keeps(Delete), deleted, d.keeps(Create), created); len(statements) > 0 {
		add("move", "UPDATE OF "+strings.Join(key, ", "), []string{"(" + strings.Join(moved, " OR ") + ")"}, statements...)
	}
	if changed := s.changed(d); d.keeps(Update) && len(changed) > 0 {
		add("update", "UPDATE", []string{"NOT (" + strings.Join(moved, " OR ") + ")"}, s.own.Fill("INSERT INTO {synced_journal_new} (model, key, op, new_row, at_ms, mark) SELECT ")+
			literal(d.Name)+", "+s.keyOf(d, "NEW")+", 'update', changed, "+sqliteNow+s.own.Fill(", coalesce((SELECT mark FROM {synced_journal_mark}), '') FROM (SELECT ")+joined(changed)+" AS changed LIMIT 1) WHERE changed <> '';")
	}
	return ddl.String()
}

// slicesOf lists the statements that are wanted.
func slicesOf(a bool, one string, b bool, other string) (list []string) {
	if a {
		list = append(list, one)
	}
	if b {
		list = append(list, other)
	}
	return list
}

// changed returns what is written of each column that differs: a member with the value
// before and the one after.
func (s sqliteDialect) changed(d *described) (list []string) {
	for _, c := range d.columns {
		if !isKey(d, c) {
			list = append(list, "CASE WHEN "+s.differs(c)+" THEN "+literal(","+quotedJSON(c.name)+":[")+" || "+s.value("OLD", c)+" || ',' || "+s.value("NEW", c)+" || ']' ELSE '' END")
		}
	}
	return list
}

// differs compares by bytes, whatever the collation of the column.
func (sqliteDialect) differs(c column) string {
	return "OLD." + quote(c.name) + " COLLATE BINARY IS NOT NEW." + quote(c.name)
}

// value is an expression of a column, as [members] reads it: texts as JSON has them, and
// all else as SQL has it. JSON's functions would round numbers, and fail on bytes; SQL's cuts
// a text at a NUL, which columns for numbers and times have no texts with.
func (sqliteDialect) value(row string, c column) string {
	of := row + "." + quote(c.name)
	switch c.kind {
	case integer, float, decimal, boolean, moment, day:
		return "quote(" + of + ")"
	}
	return "CASE typeof(" + of + ") WHEN 'text' THEN json_quote(" + of + ") ELSE quote(" + of + ") END"
}

// keyValue is an expression of a column as JSON.
func (sqliteDialect) keyValue(row string, c column) string {
	of := row + "." + quote(c.name)
	return "CASE typeof(" + of + ") WHEN 'integer' THEN " + of + " WHEN 'text' THEN json_quote(" + of + ") WHEN 'real' THEN quote(" + of + `) WHEN 'blob' THEN '{"` + blobMember + `":"' || hex(` + of + `) || '"}' ELSE 'null' END`
}

func (s sqliteDialect) whole(d *described, row string) string {
	members := make([]string, len(d.columns))
	for i, c := range d.columns {
		members[i] = memberName(c.name) + " || " + s.value(row, c)
	}
	return object(members)
}

func (s sqliteDialect) keyOf(d *described, row string) string {
	parts := make([]string, len(d.key))
	for i, c := range d.key {
		parts[i] = "',' || " + s.keyValue(row, c)
	}
	return "'[' || substr(" + joined(parts) + ", 2) || ']'"
}

// note is the statement that notes a change.
func (s sqliteDialect) note(d *described, op Op, row, old, updated string) string {
	return s.own.Fill("INSERT INTO {synced_journal_new} (model, key, op, old_row, new_row, at_ms, mark) VALUES (") + literal(d.Name) + ", " + s.keyOf(d, row) + ", '" + string(op) + "', " +
		old + ", " + updated + ", " + sqliteNow + s.own.Fill(", coalesce((SELECT mark FROM {synced_journal_mark}), ''));")
}

// trigger is the name of one of a table's triggers, all of which begin alike.
func (sqliteDialect) trigger(d *described, what string) string {
	return TriggerName + "_" + what + "_" + d.table
}

// sqliteTriggers are the triggers that a table may have.
var sqliteTriggers = []string{"create", "delete", "move", "update"}

func (s sqliteDialect) drop(d *described) string {
	ddl := ""
	for _, what := range sqliteTriggers {
		ddl += "DROP TRIGGER IF EXISTS " + quote(s.trigger(d, what)) + ";\n"
	}
	return ddl
}

// installed compares the text of the triggers, which SQLite keeps.
func (s sqliteDialect) installed(d *described) squirrel.Sqlizer {
	names := make([]any, len(sqliteTriggers))
	for i, what := range sqliteTriggers {
		names[i] = s.trigger(d, what)
	}
	return squirrel.Expr("SELECT coalesce((SELECT group_concat(sql || ';' || char(10), '') FROM (SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name IN (?, ?, ?, ?) ORDER BY name)), '') = ?, "+
		"EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name IN (?, ?, ?, ?))",
		append(append(append([]any{}, names...), strings.TrimPrefix(s.triggers(d), s.drop(d))), names...)...)
}

func (sqliteDialect) noting() (columns, values string) { return "at_ms", sqliteNow }

func (sqliteDialect) base() squirrel.Sqlizer { return squirrel.Expr("SELECT true") }

func (sqliteDialect) id() string { return "rowid" }

// taken reads what is there, and counts the ends of transactions before each change.
func (s sqliteDialect) taken() string {
	return "SELECT rowid AS id, coalesce(sum(last) OVER (ORDER BY rowid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS tx, model, key, op, old_row, new_row, at_ms, mark FROM {synced_journal_new} WHERE rowid <= ?"
}

func (sqliteDialect) member(column, name string) string { return column + " ->> '" + name + "'" }

func isKey(d *described, c column) bool {
	for _, k := range d.key {
		if k.name == c.name {
			return true
		}
	}
	return false
}
