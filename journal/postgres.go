package journal

import (
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// postgresDialect is the journal's SQL on PostgreSQL. Own has the schema in which synced's
// tables are.
type postgresDialect struct{ own sqlstore.Own }

var _ dialect = postgresDialect{}

func (postgresDialect) columns(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT ns.nspname::text, c.relname::text, a.attname::text, coalesce(array_position(i.indkey::int2[], a.attnum), -1) - coalesce(array_lower(i.indkey::int2[], 1), 0) + 1, a.attgenerated <> ''"+
		" FROM pg_class c JOIN pg_namespace ns ON ns.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"+
		" LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary WHERE c.oid = to_regclass(?) ORDER BY a.attnum", store.Quote(table))
}

func (postgresDialect) kind(base string) kind {
	switch {
	case base == "boolean":
		return boolean
	case base == "smallint", base == "integer", base == "bigint":
		return integer
	case base == "real", base == "double precision":
		return float
	case base == "numeric":
		return decimal
	case strings.HasPrefix(base, "timestamp"):
		return moment
	case base == "date":
		return day
	case base == "bytea":
		return binary
	case base == "text", base == "character varying", base == "character":
		return text
	}
	return other
}

// install has the sequence of ids, which must not be cached: then a transaction that sees
// another's row has greater ids. Old rows and new ones are kept where they are, up to a page:
// to compress them takes longer than all the rest.
func (p postgresDialect) install() string {
	return p.own.Fill(`CREATE SEQUENCE IF NOT EXISTS {synced_journal_ids} CACHE 1;
ALTER SEQUENCE {synced_journal_ids} OWNED BY {synced_journal_new}.id;
ALTER TABLE {synced_journal_new} SET (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE {synced_journal_new} ALTER COLUMN old_row SET STORAGE EXTERNAL, ALTER COLUMN new_row SET STORAGE EXTERNAL;
`)
}

// safe are settings of a function that runs with its owner's rights: names are found where
// the owner expects them.
const safe = " SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

// settings are those in which values of a table are written, whatever the session's are.
func (postgresDialect) settings(d *described) string {
	needs := map[string]bool{}
	for _, c := range d.columns {
		switch {
		case c.kind == float:
			needs["extra_float_digits = 1"] = true
		case c.kind == binary:
			needs["bytea_output = hex"] = true
		case c.kind == other && c.base != "uuid" && c.base != "enum" && c.base != "jsonb" && c.base != "json":
			for _, s := range []string{"extra_float_digits = 1", "bytea_output = hex", "intervalstyle = postgres", "datestyle = iso", "timezone = 'UTC'"} {
				needs[s] = true
			}
		case c.base == "timestamp with time zone" && isKey(d, c):
			needs["timezone = 'UTC'"] = true
		}
	}
	sets := safe
	for _, s := range []string{"extra_float_digits = 1", "bytea_output = hex", "intervalstyle = postgres", "datestyle = iso", "timezone = 'UTC'"} {
		if needs[s] {
			sets += " SET " + s
		}
	}
	return sets
}

// triggers has one trigger for rows and one for TRUNCATE. Their function names the columns,
// which is three times as fast as to look for those that differ. Where the table was
// altered, that is an error, or the columns are no longer all: the function then finds them
// in the catalog, so that no migration breaks the service's writes, or hides a change.
func (p postgresDialect) triggers(d *described) string {
	name, function := quote(TriggerName), p.function(d)
	ddl := fmt.Sprintf("CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS %s;\n", function, p.settings(d), literal(p.body(d))) + p.dropTriggers(d)
	events := []string{"UPDATE"}
	if d.keeps(Create) {
		events = append(events, "INSERT")
	}
	if d.keeps(Delete) {
		events = append(events, "DELETE")
	}
	ddl += fmt.Sprintf("CREATE TRIGGER %s AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION %s();\n", name, strings.Join(events, " OR "), d.quoted(), function)
	if d.keeps(Delete) {
		ddl += fmt.Sprintf("CREATE TRIGGER %s BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s();\n", quote(TriggerName+"_truncate"), d.quoted(), function)
	}
	return ddl
}

// body is that of the function, on one line: tools that run migrations cut a file where a
// line ends with a semicolon.
func (p postgresDialect) body(d *described) string {
	var body []string
	add := func(format string, args ...any) { body = append(body, fmt.Sprintf(format, args...)) }
	add("/*%s */", p.settings(d))
	add("DECLARE m text := coalesce(current_setting('synced.journal', true), ''); was text; k text; o text; n text;")
	add("BEGIN IF m = 'off' THEN RETURN NULL; END IF;")
	add("IF TG_OP = 'TRUNCATE' THEN EXECUTE 'INSERT INTO %s (id, tx, model, key, op, old_row, at_ms, mark) SELECT nextval(%s), txid_current(), %s, ' || %s || ', ''delete'', %s, %s, $1 FROM %s AS t' USING m; RETURN NULL; END IF;",
		doubled(p.own.Table("synced_journal_new")), doubled(literal(p.own.Table("synced_journal_ids"))), doubled(literal(d.Name)), p.keyFound("t"), doubled(p.wholeFound(d, "t")), doubled(postgresNow), doubled(d.quoted()))
	add("BEGIN")
	add("IF TG_OP <> 'INSERT' THEN %s was := %s; END IF;", p.known(d, "OLD"), p.keyOf(d, "OLD"))
	add("IF TG_OP <> 'DELETE' THEN %s k := %s; END IF;", p.known(d, "NEW"), p.keyOf(d, "NEW"))
	olds, news := p.changed(d)
	add("IF was = k THEN")
	if len(olds) > 0 {
		add("o := %s; n := %s;", joined(olds), joined(news))
		add("o := '{' || substr(o, 2) || '}'; n := '{' || substr(n, 2) || '}';")
	}
	add("ELSE IF was IS NOT NULL THEN o := %s; END IF; IF k IS NOT NULL THEN n := %s; END IF; END IF;", p.whole(d, "OLD"), p.whole(d, "NEW"))
	add("EXCEPTION WHEN undefined_column OR datatype_mismatch THEN")
	add("IF TG_OP <> 'INSERT' THEN EXECUTE 'SELECT ' || %s || ', %s' INTO was, o USING OLD; END IF;", p.keyFound("($1)"), doubled(p.wholeFound(d, "($1)")))
	add("IF TG_OP <> 'DELETE' THEN EXECUTE 'SELECT ' || %s || ', %s' INTO k, n USING NEW; END IF;", p.keyFound("($1)"), doubled(p.wholeFound(d, "($1)")))
	add("END;")
	note := func(op Op, key, old, updated string) string {
		return fmt.Sprintf("INSERT INTO %s (id, tx, model, key, op, old_row, new_row, at_ms, mark) VALUES (nextval(%s), txid_current(), %s, %s, '%s', %s, %s, %s, m);",
			p.own.Table("synced_journal_new"), literal(p.own.Table("synced_journal_ids")), literal(d.Name), key, op, old, updated, postgresNow)
	}
	if d.keeps(Update) {
		add("IF was = k THEN IF o <> n THEN %s END IF; RETURN NULL; END IF;", note(Update, "k", "o", "n"))
	} else {
		add("IF was = k THEN RETURN NULL; END IF;")
	}
	if d.keeps(Delete) {
		add("IF was IS NOT NULL THEN %s END IF;", note(Delete, "was", "o", "NULL"))
	}
	if d.keeps(Create) {
		add("IF k IS NOT NULL THEN %s END IF;", note(Create, "k", "NULL", "n"))
	}
	add("RETURN NULL; END")
	return strings.Join(body, " ")
}

// known compares a row with all columns that the table had: it is an error where there are
// others now.
func (postgresDialect) known(d *described, row string) string {
	names := make([]string, len(d.all))
	for i, name := range d.all {
		names[i] = row + "." + quote(name)
	}
	return "IF " + row + " *<> ROW(" + strings.Join(names, ", ") + ")::record THEN NULL; END IF;"
}

// value is an expression of a column as JSON.
func (postgresDialect) value(row string, c column) string {
	of := row + "." + quote(c.name)
	if c.kind == integer || c.kind == boolean {
		return "coalesce(" + of + "::text, 'null')"
	}
	return "coalesce(to_json(" + of + ")::text, 'null')"
}

// differs compares two values to the last digit.
func (postgresDialect) differs(c column) string {
	old, updated := "OLD."+quote(c.name), "NEW."+quote(c.name)
	switch c.kind {
	case integer, boolean, moment, day, binary:
		return old + " IS DISTINCT FROM " + updated
	case text:
		return old + ` COLLATE "C" IS DISTINCT FROM ` + updated + ` COLLATE "C"`
	}
	return "ROW(" + old + ")::record *<> ROW(" + updated + ")::record"
}

// changed returns what is written of columns that differ.
func (p postgresDialect) changed(d *described) (olds, news []string) {
	for _, c := range d.columns {
		if isKey(d, c) {
			continue
		}
		begin := "CASE WHEN " + p.differs(c) + " THEN " + memberName(c.name) + " || "
		olds = append(olds, begin+p.value("OLD", c)+" ELSE '' END")
		news = append(news, begin+p.value("NEW", c)+" ELSE '' END")
	}
	return olds, news
}

func (p postgresDialect) whole(d *described, row string) string {
	members := make([]string, len(d.columns))
	for i, c := range d.columns {
		members[i] = memberName(c.name) + " || " + p.value(row, c)
	}
	return object(members)
}

func (p postgresDialect) keyOf(d *described, row string) string {
	parts := make([]string, len(d.key))
	for i, c := range d.key {
		parts[i] = "',' || " + p.value(row, c)
	}
	return "'[' || substr(" + joined(parts) + ", 2) || ']'"
}

// keyFound is an expression, in the function, of the expression of a row's key, as the
// catalog has it.
func (postgresDialect) keyFound(row string) string {
	return "coalesce((SELECT '''['' || ' || string_agg(format('to_json(" + row + ".%I)::text', a.attname), ' || '','' || ' ORDER BY x.place) || ' || '']''' " +
		"FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS x (number, place) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = x.number " +
		"WHERE i.indrelid = TG_RELID AND i.indisprimary), '''[]''')"
}

// wholeFound is an expression of a row, whatever columns it has.
func (postgresDialect) wholeFound(d *described, row string) string {
	var names, keys []string
	for _, c := range d.key {
		keys = append(keys, literal(c.name))
	}
	where := "key = ANY(ARRAY[%s])"
	if len(d.OnlyColumns) > 0 {
		names = keys
		for _, name := range d.OnlyColumns {
			names = append(names, literal(name))
		}
	} else {
		for _, name := range append([]string{hashColumn}, d.ExceptColumns...) {
			names = append(names, literal(name))
		}
		where = "(key <> ALL(ARRAY[%s]) OR key = ANY(ARRAY[" + strings.Join(keys, ", ") + "]))"
	}
	return "(SELECT coalesce(json_object_agg(key, value), '{}')::text FROM json_each(row_to_json(" + row + ")) WHERE " + strings.Replace(where, "%s", strings.Join(names, ", "), 1) + ")"
}

// postgresNow is the clock of the server, in milliseconds; it goes on within a transaction.
const postgresNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"

// doubled writes a text for a text in SQL.
func doubled(sql string) string { return strings.ReplaceAll(sql, "'", "''") }

// function is the name of a table's function, beside synced's own tables.
func (p postgresDialect) function(d *described) string {
	sum := fmt.Sprintf("_%08x", crc32.ChecksumIEEE([]byte(d.quoted())))
	name := TriggerName + "_" + d.table
	if cut := 63 - len(p.own.Prefix) - len(sum); len(name) > cut {
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut]
	}
	return p.own.Table(name + sum)
}

func (p postgresDialect) dropTriggers(d *described) string {
	return "DROP TRIGGER IF EXISTS " + quote(TriggerName) + " ON " + d.quoted() + ";\nDROP TRIGGER IF EXISTS " + quote(TriggerName+"_truncate") + " ON " + d.quoted() + ";\n"
}

func (p postgresDialect) drop(d *described) string {
	return p.dropTriggers(d) + "DROP FUNCTION IF EXISTS " + p.function(d) + "();\n"
}

// The bits of pg_trigger.tgtype.
const (
	forRow     = 1
	before     = 2
	onInsert   = 4
	onDelete   = 8
	onUpdate   = 16
	onTruncate = 32
)

func (p postgresDialect) installed(d *described) squirrel.Sqlizer {
	row, truncate, names := forRow|onUpdate, 0, 1
	if d.keeps(Create) {
		row |= onInsert
	}
	if d.keeps(Delete) {
		row, truncate, names = row|onDelete, before|onTruncate, 2
	}
	return squirrel.Expr("SELECT count(*) FILTER (WHERE tgenabled IN ('O', 'A') AND prosrc = ? AND prosecdef AND (tgname = ? AND tgtype = ? OR tgname = ? AND tgtype = ?)) = ?, count(*) > 0"+
		" FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = to_regclass(?) AND tgname IN (?, ?)",
		p.body(d), TriggerName, row, TriggerName+"_truncate", truncate, names, d.quoted(), TriggerName, TriggerName+"_truncate")
}

func (p postgresDialect) noting() (columns, values string) {
	return "id, tx, at_ms", "nextval(" + literal(p.own.Table("synced_journal_ids")) + "), txid_current(), " + postgresNow
}

func (p postgresDialect) base() squirrel.Sqlizer {
	return squirrel.Expr("SELECT to_regclass(?) IS NOT NULL", p.own.Table("synced_journal_ids"))
}

func (postgresDialect) id() string { return "id" }

func (postgresDialect) taken() string {
	return "DELETE FROM {synced_journal_new} RETURNING id, tx, model, key, op, old_row, new_row, at_ms, mark"
}

func (postgresDialect) member(column, name string) string {
	return "(" + column + "::json ->> '" + name + "')"
}
