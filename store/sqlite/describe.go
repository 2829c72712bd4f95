package sqlite

import (
	"context"
	"regexp"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Describe reads a table's columns, indexes and triggers.
func (d *database) Describe(ctx context.Context, table string) (backend.Description, error) {
	var found backend.Description
	var err error
	if found.Columns, err = d.columns(ctx, table); err != nil || len(found.Columns) == 0 {
		return found, err
	}
	view := squirrel.Expr("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE)", table)
	if _, err := store.One(ctx, d, view, &found.View); err != nil {
		return found, err
	}
	if found.Unique, found.Indexes, err = d.unique(ctx, table); err != nil {
		return found, err
	}
	if err := d.leading(ctx, table, &found); err != nil {
		return found, err
	}
	query := squirrel.Expr("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name", table)
	err = store.Each(ctx, d, query, func(rows store.Rows) error {
		var name, sql string
		err := rows.Scan(&name, &sql)
		found.Triggers = append(found.Triggers, name)
		// Names of triggers are unique in a database, not in a table.
		if mark := guardMark.FindStringSubmatch(sql); mark != nil && strings.HasPrefix(name, backend.GuardName+"_") {
			found.Guard = mark[1]
		}
		return err
	})
	if found.Journaled() {
		d.Journaled()
	}
	return found, err
}

// guardMark matches the comment of a guard that tells what it watches.
var guardMark = regexp.MustCompile(`/\* watches ([0-9a-f]{8}) \*/`)

// columns reads a table's columns. An integer that is the whole key is filled by
// the database.
func (d *database) columns(ctx context.Context, table string) ([]backend.DescribedColumn, error) {
	var columns []backend.DescribedColumn
	query := squirrel.Expr(`SELECT name, lower(type), "notnull" OR pk > 0,
		dflt_value IS NOT NULL OR (pk > 0 AND type LIKE 'integer' AND count(*) FILTER (WHERE pk > 0) OVER () = 1) OR hidden > 1, hidden > 1
		FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`, table)
	err := store.Each(ctx, d, query, func(rows store.Rows) error {
		var c backend.DescribedColumn
		err := rows.Scan(&c.Name, &c.Type, &c.NotNull, &c.HasDefault, &c.Generated)
		c.Base, c.Limits = c.Type, sqlstore.Limits(c.Type)
		columns = append(columns, c)
		return err
	})
	return columns, err
}

// unique reads the columns of the primary key and of each unique index, and the names
// of the indexes.
func (d *database) unique(ctx context.Context, table string) (list [][]string, indexes []string, err error) {
	key, err := d.strings(ctx, squirrel.Expr("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table))
	if err != nil {
		return nil, nil, err
	}
	if len(key) > 0 {
		list = append(list, key)
	}
	indexes, err = d.strings(ctx, squirrel.Expr(`SELECT name FROM pragma_index_list(?) WHERE "unique" AND origin <> 'pk' ORDER BY seq DESC`, table))
	if err != nil {
		return nil, nil, err
	}
	for _, index := range indexes {
		columns, err := d.strings(ctx, squirrel.Expr("SELECT coalesce(name, '') FROM pragma_index_info(?) ORDER BY seqno", index))
		if err != nil {
			return nil, nil, err
		}
		sql, err := d.strings(ctx, squirrel.Expr("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ? AND sql IS NOT NULL", index))
		if err != nil {
			return nil, nil, err
		}
		if sqlstore.UniqueIndex(columns, predicate(sql)) {
			list = append(list, columns)
		}
	}
	return list, indexes, nil
}

// leading notes the first columns of indexes, by their names.
func (d *database) leading(ctx context.Context, table string, found *backend.Description) error {
	query := squirrel.Expr("SELECT l.name, c.name FROM pragma_index_list(?) AS l JOIN pragma_index_info(l.name) AS c WHERE NOT l.partial AND c.seqno = 0 AND c.name IS NOT NULL", table)
	return store.Each(ctx, d, query, func(rows store.Rows) error {
		var name, column string
		err := rows.Scan(&name, &column)
		found.Lead(name, column)
		return err
	})
}

// predicate returns the condition of a partial index, "" of one that is not
// partial.
func predicate(sql []string) string {
	for _, text := range sql {
		if i := strings.LastIndex(strings.ToUpper(text), "WHERE"); i >= 0 {
			return text[i+len("WHERE"):]
		}
	}
	return ""
}

// strings reads the only column of a query.
func (d *database) strings(ctx context.Context, query store.SQL) (list []string, err error) {
	err = store.Each(ctx, d, query, func(rows store.Rows) error {
		var text string
		err := rows.Scan(&text)
		list = append(list, text)
		return err
	})
	return list, err
}
