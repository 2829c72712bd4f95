package testdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// kept is what a database had when it had been migrated. To empty and migrate it again for a test takes the server 110 to
// 160 ms of CPU time, and to restore this 30.
type kept struct {
	others string // drops all else, and the rows of tables that had none
	rows   string // writes the rows of the other tables
	was    string // the catalog
}

// errChanged means that a test changed what is kept.
var errChanged = errors.New("what is kept was changed")

// catalog sums up the objects of the database, but for those of the system. What changes without DDL, such as the file
// and the estimated size of a table, is not in it.
const catalog = `SELECT count(*) || ' ' || sum(hashtextextended(what, 0)) FROM (
	SELECT concat_ws(' ', 'class', oid, relname, relnamespace, relowner, relkind, relnatts, relchecks, relhasrules, relhastriggers,
		relrowsecurity, relpersistence, relreplident, relispartition, reltablespace, relacl, reloptions) FROM pg_class WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'attribute', attrelid, attnum, xmin) FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0
	UNION ALL SELECT concat_ws(' ', 'default', oid, xmin) FROM pg_attrdef
	UNION ALL SELECT concat_ws(' ', 'constraint', oid, xmin) FROM pg_constraint WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'index', indexrelid, xmin) FROM pg_index WHERE indexrelid >= 16384
	UNION ALL SELECT concat_ws(' ', 'trigger', oid, xmin) FROM pg_trigger
	UNION ALL SELECT concat_ws(' ', 'rule', oid, xmin) FROM pg_rewrite WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'policy', oid, xmin) FROM pg_policy
	UNION ALL SELECT concat_ws(' ', 'function', oid, xmin) FROM pg_proc WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'type', oid, xmin) FROM pg_type WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid, xmin) FROM pg_sequence
	UNION ALL SELECT concat_ws(' ', 'statistics', oid, xmin) FROM pg_statistic_ext
	UNION ALL SELECT concat_ws(' ', 'extension', oid, xmin) FROM pg_extension WHERE oid >= 16384
	UNION ALL SELECT concat_ws(' ', 'event', oid, xmin) FROM pg_event_trigger
	UNION ALL SELECT concat_ws(' ', 'publication', oid, xmin) FROM pg_publication
	UNION ALL SELECT concat_ws(' ', 'rights', oid, xmin) FROM pg_default_acl
	UNION ALL SELECT concat_ws(' ', 'schema', oid, nspname, xmin) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
) every (what)`

// made lists the objects of the schema public.
const made = `SELECT coalesce(array_agg(objid), '{}')::text FROM pg_depend
WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'public'::regnamespace`

// filled lists the tables that had a row. The file of one that never had, or was truncated, is empty.
const filled = `SELECT oid::text, oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0`

// dropOthers is given the oids of what is kept, and those of the tables that had a row.
const dropOthers = `SET lock_timeout = '10s';
DO $$ DECLARE kind text; made text; BEGIN
	FOR made IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%%' AND nspname NOT IN ('information_schema', 'public') LOOP
		EXECUTE format('DROP SCHEMA %%I CASCADE', made);
	END LOOP;
	FOR kind, made IN SELECT o.type, o.identity FROM pg_depend, pg_identify_object(classid, objid, 0) o
		WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'public'::regnamespace AND objid <> ALL ('%s'::oid[])
		ORDER BY o.type = 'sequence' LOOP -- those of columns go with their tables
		EXECUTE format('DROP %%s IF EXISTS %%s CASCADE', kind, made);
	END LOOP;
	SELECT string_agg(oid::regclass::text, ',') INTO made FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 AND oid <> ALL ('{%s}'::oid[]);
	IF made IS NOT NULL THEN
		EXECUTE 'TRUNCATE ' || made;
	END IF;
	PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$;
`

// fill makes a statement that writes the rows of a table.
const fill = `SELECT format('DELETE FROM %[1]s; INSERT INTO %[1]s SELECT * FROM json_populate_recordset(NULL::%[1]s, %%L);', coalesce(json_agg(r), '[]')) FROM %[1]s r`

// keep looks at a database that has been migrated.
func keep(ctx context.Context, pool *pgxpool.Pool) (*kept, error) {
	var objects string
	if err := pool.QueryRow(ctx, made).Scan(&objects); err != nil {
		return nil, err
	}
	rows, err := pool.Query(ctx, filled)
	if err != nil {
		return nil, err
	}
	var oids, names []string
	var oid, name string
	_, err = pgx.ForEachRow(rows, []any{&oid, &name}, func() error {
		oids, names = append(oids, oid), append(names, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	k := &kept{others: fmt.Sprintf(dropOthers, objects, strings.Join(oids, ","))}
	for _, name := range names {
		var write string
		if err := pool.QueryRow(ctx, fmt.Sprintf(fill, name)).Scan(&write); err != nil {
			return nil, err
		}
		k.rows += write
	}
	return k, pool.QueryRow(ctx, catalog).Scan(&k.was)
}

// restore drops what is not kept. It returns an error where it can't, or where what is kept was changed.
func (k *kept) restore(ctx context.Context, conn *pgxpool.Conn) error {
	if _, err := conn.Conn().PgConn().Exec(ctx, k.others+k.rows).ReadAll(); err != nil {
		return err
	}
	var is string
	if err := conn.QueryRow(ctx, catalog).Scan(&is); err != nil {
		return err
	}
	if is != k.was {
		return errChanged
	}
	return nil
}
