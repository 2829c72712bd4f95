package postgres

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// baseType is the type that a column's is made of, through any number of domains,
// its limits, and what kind of type it is.
const baseType = "WITH RECURSIVE bases(oid, mod, n) AS (SELECT atttypid, atttypmod, 0" +
	" UNION ALL SELECT typbasetype, typtypmod, n + 1 FROM bases JOIN pg_type ON pg_type.oid = bases.oid AND typtype = 'd')" +
	" SELECT bases.oid, bases.mod, typtype AS kind FROM bases JOIN pg_type ON pg_type.oid = bases.oid ORDER BY n DESC LIMIT 1"

// Describe reads a table's columns, indexes and triggers. The name is
// found by the connection's search path.
func (d *database) Describe(ctx context.Context, table string) (backend.Description, error) {
	var found backend.Description
	oid := squirrel.Expr("to_regclass(?)", store.Quote(table))
	err := store.Each(ctx, d, squirrel.Select("attname", "format_type(atttypid, -1)", "attnotnull", "atthasdef OR attidentity <> ''",
		"CASE base.kind WHEN 'e' THEN 'enum' ELSE format_type(base.oid, -1) END", "format_type(base.oid, base.mod)", "attgenerated <> '' OR attidentity = 'a'", "(SELECT relkind IN ('v', 'm') FROM pg_class WHERE oid = attrelid)",
		"EXISTS (SELECT FROM pg_rewrite WHERE ev_class = attrelid AND ev_type IN ('2', '3') AND ev_enabled <> 'D')", "row_security_active(attrelid)").
		From("pg_attribute CROSS JOIN LATERAL ("+baseType+") AS base").Where(squirrel.Expr("attrelid = ?", oid)).Where("attnum > 0 AND NOT attisdropped").OrderBy("attnum"),
		func(rows store.Rows) error {
			var c backend.DescribedColumn
			var limited string
			err := rows.Scan(&c.Name, &c.Type, &c.NotNull, &c.HasDefault, &c.Base, &limited, &c.Generated, &found.View, &found.Rewritten, &found.Hides)
			c.Limits = sqlstore.Limits(limited)
			found.Columns = append(found.Columns, c)
			return err
		})
	if err != nil {
		return found, err
	}
	found.Strict = len(found.Columns) > 0
	err = store.Each(ctx, d, squirrel.Select(
		"ARRAY(SELECT coalesce(attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, o)"+
			" LEFT JOIN pg_attribute ON attrelid = i.indrelid AND attnum = n WHERE o <= i.indnkeyatts ORDER BY o)",
		"coalesce(pg_get_expr(i.indpred, i.indrelid), '')", "c.relname", "i.indisunique AND i.indimmediate").
		From("pg_index i JOIN pg_class c ON c.oid = i.indexrelid").Where(squirrel.Expr("i.indrelid = ?", oid)).Where("i.indisvalid").OrderBy("i.indexrelid"),
		func(rows store.Rows) error {
			var columns []string
			var predicate, name string
			var unique bool
			err := rows.Scan(&columns, &predicate, &name, &unique)
			if predicate == "" && len(columns) > 0 {
				found.Lead(name, columns[0])
			}
			if !unique {
				return err
			}
			found.Indexes = append(found.Indexes, name)
			if sqlstore.UniqueIndex(columns, predicate) {
				found.Unique = append(found.Unique, columns)
			}
			return err
		})
	if err != nil {
		return found, err
	}
	// The first argument is what the guard watches. Each ends with a NUL, shown as \000.
	err = store.Each(ctx, d, squirrel.Select("tgname", `split_part(encode(tgargs, 'escape'), E'\\000', 1)`).From("pg_trigger").
		Where(squirrel.Expr("tgrelid = ?", oid)).Where("NOT tgisinternal AND tgenabled <> 'D'").OrderBy("tgname"),
		func(rows store.Rows) error {
			var name, watches string
			err := rows.Scan(&name, &watches)
			found.Triggers = append(found.Triggers, name)
			if name == backend.GuardName {
				found.Guard = watches
			}
			return err
		})
	return found, err
}
