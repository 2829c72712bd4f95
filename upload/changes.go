package upload

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Changes is how changed rows of a table are found.
type Changes interface {
	// column is the one that orders changes, or "".
	column() string
}

// Triggers has a trigger of [Client.Migrate] note the key of each row that is created,
// changed or deleted. Nothing is missed, a step reads changed rows only, and the table
// needs no column for it.
type Triggers struct{}

// Versions reads rows whose version is greater than the last one: an integer that grows
// with each change of any row, such as one from a sequence, or a rowversion. A step also
// counts the table's rows, which finds deletions. Index the column.
type Versions struct{ Column string }

// UpdatedAt reads rows that were changed since the last one, by the time in a column. As
// with [Versions], a step counts the rows. Index the column.
type UpdatedAt struct{ Column string }

// Fingerprints reads the whole table and compares hashes, for tables that say nothing about
// changes.
type Fingerprints struct{}

func (Triggers) column() string     { return "" }
func (v Versions) column() string   { return v.Column }
func (u UpdatedAt) column() string  { return u.Column }
func (Fingerprints) column() string { return "" }

// triggered reports whether a trigger notes the table's changes.
func (t Table) triggered() bool {
	_, ok := t.Changes.(Triggers)
	return ok
}

// Schema returns the SQL of the triggers, which may be run again. It is empty where no
// table has any.
func (c *Client) Schema(ctx context.Context) (string, error) {
	var ddl strings.Builder
	for _, t := range c.o.Tables {
		if !t.triggered() {
			continue
		}
		one, err := c.schema(ctx, t)
		if err != nil {
			return "", fmt.Errorf("upload: triggers of %s: %w", t.Name, err)
		}
		ddl.WriteString(one)
	}
	return ddl.String(), nil
}

func (c *Client) schema(ctx context.Context, t Table) (string, error) {
	s, err := describe(ctx, c.db, t.Name, t.Key, t.Columns)
	if err != nil {
		return "", err
	}
	own := c.db.Dialect().(sqlstore.Dialect).Own()
	if c.db.Dialect().Schemas() {
		return own.Fill(triggersOfPostgres(t.Name, s)), nil
	}
	return own.Fill(triggersOfSQLite(t.Name, s)), nil
}

// trigger makes the triggers of a table. Where there were none, the whole table is read in
// the next step: it may have changed before.
func (c *Client) trigger(ctx context.Context, t Table) error {
	before, err := c.db.Describe(ctx, t.Name)
	if err != nil {
		return err
	}
	ddl, err := c.schema(ctx, t)
	if err != nil {
		return err
	}
	if there, err := c.triggersAre(ctx, t.Name, ddl); err != nil || there {
		return err
	}
	if err := c.db.Create(ctx, ddl); err != nil {
		return err
	}
	if slices.ContainsFunc(before.Triggers, func(name string) bool { return strings.HasPrefix(name, "synced_upload") }) {
		return nil
	}
	return inTx(ctx, c.db, func(ctx context.Context, tx writer) error {
		_, err := tx.Exec(ctx, squirrel.Expr(strings.TrimSuffix(noting(t.Name, "''"), ";")))
		return err
	})
}

// triggersAre reports whether a table in SQLite has just these triggers. To make them once more would have
// all connections read the schema again.
func (c *Client) triggersAre(ctx context.Context, table, ddl string) (bool, error) {
	if c.db.Dialect().Schemas() {
		return false, nil
	}
	there := 0
	query := squirrel.Select("sql").From("sqlite_schema").Where("type = 'trigger' AND tbl_name = ? COLLATE NOCASE AND name LIKE 'synced_upload_%'", table)
	err := store.Each(ctx, c.db, query, func(rows store.Rows) error {
		var sql string
		err := rows.Scan(&sql)
		if strings.Contains(ddl, sql+";") {
			there++
		}
		return err
	})
	return there == 3, err
}

// noting is a statement that notes a row. It has no alias: in a trigger, SQLite takes one only in
// its newest versions, and to older programs the whole database then seems malformed.
func noting(table, key string) string {
	return fmt.Sprintf("INSERT INTO {synced_upload_dirty} (table_name, row_key, changes) SELECT %s, %s, 1 WHERE true"+
		" ON CONFLICT (table_name, row_key) DO UPDATE SET changes = {synced_upload_dirty}.changes + 1;", literal(table), key)
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// keyOfRow builds the key of a trigger's row, from values as they are read: PostgreSQL makes
// other JSON of some of them.
func keyOfRow(function, of string, s shape) string {
	list := make([]string, len(s.Key))
	for i, n := range s.keyAt() {
		list[i] = of + "." + store.Quote(s.Key[i])
		if s.Columns[n].cast {
			list[i] = "CAST(" + list[i] + " AS text)"
		}
	}
	return function + "(" + strings.Join(list, ", ") + ")"
}

// triggersOfPostgres run with the rights of who made them, so that writers need none on
// synced's own tables. Where no key can be made, since a column has another name by now, they ask for the
// whole table: an error would undo what the application wrote. Nothing is written in the block that may
// fail, so that it takes no transaction id. Updates of 50,000 rows took no longer with it than without, by
// turns on a busy machine.
func triggersOfPostgres(table string, s shape) string {
	before, after := keyOfRow("json_build_array", "OLD", s)+"::text", keyOfRow("json_build_array", "NEW", s)+"::text"
	name := store.Quote("synced_upload_" + strings.ReplaceAll(table, ".", "_"))
	quoted := store.Quote(table)
	return fmt.Sprintf(`CREATE OR REPLACE FUNCTION %[1]s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $synced$
DECLARE
	synced_before text;
	synced_after text;
BEGIN
	IF TG_OP = 'TRUNCATE' THEN
		%[3]s
		RETURN NULL;
	END IF;
	BEGIN
		IF TG_OP <> 'INSERT' THEN
			synced_before := %[6]s;
		END IF;
		IF TG_OP <> 'DELETE' THEN
			synced_after := %[7]s;
		END IF;
	EXCEPTION WHEN OTHERS THEN
		synced_before := '';
		synced_after := '';
	END;
	IF synced_before IS NOT NULL THEN
		%[4]s
	END IF;
	IF synced_after <> synced_before OR synced_before IS NULL THEN
		%[5]s
	END IF;
	RETURN NULL;
END $synced$;
CREATE OR REPLACE TRIGGER synced_upload AFTER INSERT OR UPDATE OR DELETE ON %[2]s FOR EACH ROW EXECUTE FUNCTION %[1]s();
CREATE OR REPLACE TRIGGER synced_upload_all AFTER TRUNCATE ON %[2]s FOR EACH STATEMENT EXECUTE FUNCTION %[1]s();
`, name, quoted, noting(table, "''"), noting(table, "synced_before"), noting(table, "synced_after"), before, after)
}

// triggersOfSQLite replace those that are there: an older version may have made them. A key that holds
// bytes can't be written as JSON; the whole table is read then, which tells of that row.
func triggersOfSQLite(table string, s shape) string {
	var ddl strings.Builder
	for _, trigger := range []struct {
		op string
		of []string
	}{{"INSERT", []string{"NEW"}}, {"UPDATE", []string{"OLD", "NEW"}}, {"DELETE", []string{"OLD"}}} {
		name := store.Quote("synced_upload_" + table + "_" + strings.ToLower(trigger.op))
		fmt.Fprintf(&ddl, "DROP TRIGGER IF EXISTS %s;\nCREATE TRIGGER %s AFTER %s ON %s BEGIN\n", name, name, trigger.op, store.Quote(table))
		for _, row := range trigger.of {
			var bytes []string
			for _, key := range s.Key {
				bytes = append(bytes, "typeof("+row+"."+store.Quote(key)+") = 'blob'")
			}
			key := "CASE WHEN " + strings.Join(bytes, " OR ") + " THEN '' ELSE " + keyOfRow("json_array", row, s) + " END"
			ddl.WriteString("\t" + noting(table, key) + "\n")
		}
		ddl.WriteString("END;\n")
	}
	return ddl.String()
}

// every returns how often the whole table is read; 0 is in each step, where nothing else
// finds changes, and else never.
func (t Table) every() time.Duration {
	if t.Scan == 0 && t.Changes.column() != "" {
		return time.Hour
	}
	return t.Scan
}
