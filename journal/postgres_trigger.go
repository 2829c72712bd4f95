package journal

import (
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"
)

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
//
// PostgreSQL prepares each expression of a function once a transaction, which takes longer than
// to evaluate it. So a column has a short one that compares its values, and another that is
// prepared only where they differ. With one expression of all columns an update of one row took
// twice as long.
func (p postgresDialect) body(d *described) string {
	var body []string
	add := func(format string, args ...any) { body = append(body, fmt.Sprintf(format, args...)) }
	add("/*%s */", p.settings(d))
	add("DECLARE m text := coalesce(current_setting('synced.journal', true), ''); was text; k text; o text; n text;")
	add("BEGIN IF m = 'off' THEN RETURN NULL; END IF;")
	add("IF TG_OP = 'TRUNCATE' THEN EXECUTE 'INSERT INTO %s (id, tx, model, key, op, old_row, at_ms, mark) SELECT nextval(%s), txid_current(), %s, ' || %s || ', ''delete'', %s, %s, $1 FROM %s AS t' USING m; RETURN NULL; END IF;",
		doubled(p.own.Table("synced_journal_new")), doubled(literal(p.own.Table("synced_journal_ids"))), doubled(literal(d.Name)), p.keyFound("t"), doubled(p.wholeFound(d, "t")), doubled(postgresNow), doubled(d.quoted()))
	add("BEGIN")
	add("IF TG_OP = 'UPDATE' THEN %s was := %s; k := %s;", p.known(d, "NEW"), p.keyOf(d, "OLD"), p.keyOf(d, "NEW"))
	add("IF was = k THEN")
	if d.keeps(Update) {
		for _, c := range d.columns {
			if !isKey(d, c) {
				add("IF %s THEN n := concat(n, %s, json_build_array(OLD.%s, NEW.%s)); END IF;", p.differs(c), memberName(c.name), quote(c.name), quote(c.name))
			}
		}
	}
	add("ELSE o := %s; n := %s; END IF;", p.noted(d, "OLD"), p.noted(d, "NEW"))
	add("ELSIF TG_OP = 'INSERT' THEN %s k := %s; n := %s;", p.known(d, "NEW"), p.keyOf(d, "NEW"), p.noted(d, "NEW"))
	add("ELSE %s was := %s; o := %s; END IF;", p.known(d, "OLD"), p.keyOf(d, "OLD"), p.noted(d, "OLD"))
	add("EXCEPTION WHEN undefined_column OR undefined_function OR datatype_mismatch THEN")
	add("IF TG_OP <> 'INSERT' THEN EXECUTE 'SELECT ' || %s || ', %s' INTO was, o USING OLD; END IF;", p.keyFound("($1)"), doubled(p.wholeFound(d, "($1)")))
	add("IF TG_OP <> 'DELETE' THEN EXECUTE 'SELECT ' || %s || ', %s' INTO k, n USING NEW; END IF;", p.keyFound("($1)"), doubled(p.wholeFound(d, "($1)")))
	add("END;")
	note := func(op Op, key, old, updated string) string {
		return fmt.Sprintf("INSERT INTO %s (id, tx, model, key, op, old_row, new_row, at_ms, mark) VALUES (nextval(%s), txid_current(), %s, %s, '%s', %s, %s, %s, m);",
			p.own.Table("synced_journal_new"), literal(p.own.Table("synced_journal_ids")), literal(d.Name), key, op, old, updated, postgresNow)
	}
	if d.keeps(Update) {
		add("IF was = k THEN IF o IS DISTINCT FROM n THEN %s END IF; RETURN NULL; END IF;", note(Update, "k", "o", "n"))
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

// noted is an expression of a row, as whole has it. Where all columns are kept, the database's
// own function is shorter.
func (p postgresDialect) noted(d *described, row string) string {
	if len(d.columns) == len(d.all) {
		return "row_to_json(" + row + ")"
	}
	return p.whole(d, row)
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

// value is an expression of a column as JSON, whatever type it got since.
func (postgresDialect) value(row string, c column) string {
	return "coalesce(to_json(" + row + "." + quote(c.name) + ")::text, 'null')"
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
const postgresNow = "CAST(date_part('epoch', clock_timestamp()) * 1000 AS bigint)"

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
