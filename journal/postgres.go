package journal

import (
	"strings"

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
