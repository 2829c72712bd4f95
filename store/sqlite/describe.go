package sqlite

import (
	"context"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Describe reads a table's columns, unique indexes and triggers.
func (s *Store) Describe(ctx context.Context, table string) (store.Description, error) {
	var d store.Description
	var keys []string
	rows, err := s.Query(ctx, squirrel.Expr(`SELECT name, type, "notnull" OR pk > 0, dflt_value IS NOT NULL OR (pk > 0 AND type LIKE 'integer'), pk > 0 FROM pragma_table_info(?) ORDER BY cid`, table))
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for rows.Next() {
		var c store.DescribedColumn
		var key bool
		if err := rows.Scan(&c.Name, &c.Type, &c.NotNull, &c.HasDefault, &key); err != nil {
			return d, err
		}
		c.Type = strings.ToLower(c.Type)
		d.Columns = append(d.Columns, c)
		if key {
			keys = append(keys, c.Name)
		}
	}
	if err := rows.Err(); err != nil {
		return d, err
	}
	if len(keys) > 0 {
		d.Unique = append(d.Unique, keys)
	}
	indexes, err := s.strings(ctx, squirrel.Expr(`SELECT name FROM pragma_index_list(?) WHERE "unique"`, table))
	if err != nil {
		return d, err
	}
	for _, index := range indexes {
		columns, err := s.strings(ctx, squirrel.Expr(`SELECT coalesce(name, '(expression)') FROM pragma_index_info(?) ORDER BY seqno`, index))
		if err != nil {
			return d, err
		}
		d.Unique = append(d.Unique, columns)
	}
	triggers, err := s.strings(ctx, squirrel.Expr("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", table))
	if err != nil {
		return d, err
	}
	for _, name := range triggers {
		// Names of triggers are unique in a database, not in a table.
		d.Triggers = append(d.Triggers, strings.TrimSuffix(name, "_"+table))
	}
	return d, nil
}

func (s *Store) strings(ctx context.Context, q squirrel.Sqlizer) ([]string, error) {
	rows, err := s.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}
