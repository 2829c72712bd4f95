package postgres

import (
	"cmp"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// dialect is PostgreSQL's SQL.
type dialect struct{ own sqlstore.Own }

var _ sqlstore.Dialect = dialect{}

// Missing looks the tables up in their schema, or by the connection's search path. It
// reads pg_class, too: without a table in the query, the server would answer from a cache
// that does not know what was committed while this transaction waited.
func (d dialect) Missing(tables []string) squirrel.Sqlizer {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = d.own.Table(t)
	}
	return squirrel.Expr("SELECT name FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS t (name, place, n) WHERE NOT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass(place)) ORDER BY n", tables, names)
}

// References looks for keys without an action: NO ACTION and RESTRICT. Those of a
// partition are its table's.
func (dialect) References(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT con.conrelid::regclass::text, ns.nspname || '.' || rel.relname, con.conname, own.attname, other.attname"+
		" FROM pg_constraint con JOIN pg_class rel ON rel.oid = con.conrelid JOIN pg_namespace ns ON ns.oid = rel.relnamespace"+
		" CROSS JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS k(own, other, n)"+
		" JOIN pg_attribute own ON own.attrelid = con.conrelid AND own.attnum = k.own"+
		" JOIN pg_attribute other ON other.attrelid = con.confrelid AND other.attnum = k.other"+
		" WHERE con.contype = 'f' AND con.confdeltype IN ('a', 'r') AND con.conparentid = 0 AND con.confrelid = to_regclass(?)"+
		" ORDER BY con.oid, k.n", store.Quote(table))
}

// PrimaryKey asks the catalog.
func (dialect) PrimaryKey(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, o)"+
		" JOIN pg_attribute ON attrelid = i.indrelid AND attnum = k.n"+
		" WHERE i.indisprimary AND i.indrelid = to_regclass(?) AND k.o <= i.indnkeyatts ORDER BY k.o", store.Quote(table))
}

// ForeignKeys asks the catalog. A partition's own are its table's.
func (dialect) ForeignKeys(table string, among []string) squirrel.Sqlizer {
	quoted := make([]string, len(among))
	for i, name := range among {
		quoted[i] = store.Quote(name)
	}
	return squirrel.Expr("SELECT con.oid::bigint, own.attname::text,"+
		" coalesce((SELECT name FROM unnest(?::text[], ?::text[]) AS l(name, quoted) WHERE to_regclass(quoted) = con.confrelid LIMIT 1), ''), other.attname::text"+
		" FROM pg_constraint con CROSS JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS k(own, other, n)"+
		" JOIN pg_attribute own ON own.attrelid = con.conrelid AND own.attnum = k.own"+
		" JOIN pg_attribute other ON other.attrelid = con.confrelid AND other.attnum = k.other"+
		" WHERE con.contype = 'f' AND con.conparentid = 0 AND con.conrelid = to_regclass(?) ORDER BY con.oid, k.n", among, quoted, store.Quote(table))
}

// Now goes on within a transaction.
func (dialect) Now() string { return now }

// EndIdle sets a timeout of the transaction.
func (dialect) EndIdle() string {
	return "set_config('idle_in_transaction_session_timeout', '5000', true)"
}

// Schemas reports true.
func (dialect) Schemas() bool { return true }

// ColumnsOf asks the catalog.
func (d dialect) ColumnsOf(table string) squirrel.Sqlizer {
	return squirrel.Expr("SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped", d.own.Table(table))
}

// Own is that of the options.
func (d dialect) Own() sqlstore.Own { return d.own }

// Placeholders are numbered.
func (dialect) Placeholders() squirrel.PlaceholderFormat { return squirrel.Dollar }

// AnyID sends the ids as one array.
func (dialect) AnyID(column string, kind backend.Kind, ids []backend.ID) squirrel.Sqlizer {
	list, typ := array(kind, ids)
	return squirrel.Expr(column+" = ANY(?::"+typ+")", list)
}

// InScope hides the scope from the planner. Of one that the table's statistics do
// not know yet, so each on its first run, it expects a single row, and prefers an
// index on the scope alone where there is one: each of the ids would be looked for
// in the whole scope. A page of 500 took 30 s in a scope of 100,000.
func (dialect) InScope(t *backend.Table, scope any) squirrel.And {
	where := t.Where(nil)
	if scope != nil {
		where = append(where, squirrel.Expr(store.Quote(t.Scope)+" = (SELECT ?::"+t.ScopeType+")", scope))
	}
	return where
}

// Keyed finds the rows of each key for themselves. By AnyID, a table without statistics, as
// that of a first run, is read from end to end for each page: 30,000 records of four texts
// took 63 ms a page of 500, and take 1. LATERAL with OFFSET leaves no other way, and IS TRUE
// no other index.
func (dialect) Keyed(table string, columns []string, column string, kind backend.Kind, keys []backend.ID, where squirrel.Sqlizer) squirrel.Sqlizer {
	list, typ := array(kind, keys)
	return squirrel.Expr("SELECT synced_row.* FROM unnest(?::"+typ+") AS synced_keys(synced_any) CROSS JOIN LATERAL (SELECT "+strings.Join(columns, ", ")+
		" FROM "+table+" WHERE "+column+" = synced_keys.synced_any AND (?) IS TRUE OFFSET 0) AS synced_row", list, where)
}

// Rows is InScope and AnyID.
func (d dialect) Rows(t *backend.Table, scope any, ids []backend.ID) squirrel.And {
	if t.Within == 0 {
		return append(d.InScope(t, scope), d.AnyID(store.Quote(t.ID), t.IDKind, ids))
	}
	from, args := pairs(t, ids)
	return append(d.InScope(t, scope), squirrel.Expr("("+store.Quote(t.Parent)+", "+store.Quote(t.ID)+") IN (SELECT * FROM "+from+" AS synced_ids)", args...))
}

// pairs returns the keys of parents and the remote ids of rows as a table of two columns.
func pairs(t *backend.Table, ids []backend.ID) (from string, args []any) {
	parents, own := t.Apart(ids)
	keys, keyType := array(t.ParentKind, parents)
	list, typ := array(t.Within, own)
	return "unnest(?::" + keyType + ", ?::" + typ + ")", []any{keys, list}
}

// Lookup finds each of the ids in the unique index. By AnyID, a scope that the
// table's statistics do not know yet would be read from end to end for every page.
// LATERAL with OFFSET leaves no other way, and in a scope the order another index than that
// of scope and id: where the statistics know a row of each scope, both look alike, and 100
// rows of a new scope of 20,000 took 1,500 ms by an index on the scope, and take 0.5.
// The text is put together here: squirrel's builder
// of a SELECT takes some 40 allocations more, of a lookup that each page has.
func (d dialect) Lookup(t *backend.Table, scope any, ids []backend.ID, columns []string, lock string) squirrel.Sqlizer {
	id := store.Quote(t.ID)
	own, end := id+" = synced_ids.synced_any", " OFFSET 0"
	if scope != nil && t.Within == 0 {
		own, end = id+" >= synced_ids.synced_any AND "+id+" <= synced_ids.synced_any", " ORDER BY "+id+" LIMIT 1"
	}
	var from string
	var args []any
	if t.Within != 0 {
		from, args = pairs(t, ids)
		from += " AS synced_ids(synced_parent, synced_any)"
		own = store.Quote(t.Parent) + " = synced_ids.synced_parent AND " + own
	} else {
		list, typ := array(t.IDKind, ids)
		from, args = "unnest(?::"+typ+") AS synced_ids(synced_any)", []any{list}
	}
	return squirrel.Expr("SELECT synced_row.* FROM "+from+" CROSS JOIN LATERAL (SELECT "+strings.Join(columns, ", ")+" FROM "+store.Quote(t.Name)+
		" WHERE ? AND "+own+end+" "+lock+") AS synced_row", append(args, d.InScope(t, scope))...)
}

// array returns the ids as a parameter, and its type.
func array(kind backend.Kind, ids []backend.ID) (list any, typ string) {
	if kind == backend.Int {
		numbers := make([]int64, len(ids))
		for i, id := range ids {
			numbers[i], _ = id.Int()
		}
		return numbers, "bigint[]"
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	if kind == backend.UUID {
		return texts, "uuid[]"
	}
	return texts, "text[]"
}

// SourceRows is not bounded: a Source has one parameter a column.
func (dialect) SourceRows(int) int { return 1 << 20 }

// MostOfRow is 0: PostgreSQL refuses what is too large.
func (dialect) MostOfRow() int { return 0 }

// RowVersion is the transaction that wrote the row.
func (dialect) RowVersion() string { return "CAST(xmin AS text)" }

// ByBytes is the collation C.
func (dialect) ByBytes(dbType string) string {
	switch dbType {
	case "text", "character varying", "bpchar":
		return ` COLLATE "C"`
	}
	return ""
}

// Lock is FOR UPDATE.
func (dialect) Lock() string { return "FOR UPDATE" }

// Hold is FOR KEY SHARE, as a foreign key does it.
func (dialect) Hold() string { return "FOR KEY SHARE" }

// Share is FOR SHARE.
func (dialect) Share() string { return "FOR SHARE" }

// Schema returns the DDL of a table.
func (d dialect) Schema(t *backend.Table, parts backend.Part) string {
	ddl := ""
	if parts.Has(backend.PartTable) {
		ddl += sqlstore.CreateTable(t, typeOf)
	}
	if parts.Has(backend.PartIndex) {
		ddl += sqlstore.CreateUnique(t) + sqlstore.CreateParentIndexes(t)
	}
	if parts.Has(backend.PartTrigger) {
		ddl += guard(d.own, t)
	}
	return ddl
}

func typeOf(c backend.Column) string {
	switch cmp.Or(c.Made, c.Type) {
	case backend.TypeInt:
		if c.Key {
			return "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
		}
		return "bigint"
	case backend.TypeFloat:
		return "double precision"
	case backend.TypeBool:
		return "boolean"
	case backend.TypeTime:
		return "timestamptz"
	case backend.TypeBytes:
		return "bytea"
	case backend.TypeUUID:
		if c.Key {
			return "uuid PRIMARY KEY DEFAULT gen_random_uuid()"
		}
		return "uuid"
	case backend.TypeDecimal:
		return "numeric"
	case backend.TypeDate:
		return "date"
	case backend.TypeDocument:
		return "jsonb"
	case backend.TypeJSON:
		// The whole object. Not jsonb: json keeps the text as received, takes \u0000, and loads
		// faster: COPY of 50,000 objects of 1.5 kB in 0.69 s instead of 1.88 s.
		return "json"
	default:
		if c.Key {
			return "text PRIMARY KEY DEFAULT gen_random_uuid()"
		}
		return "text"
	}
}
