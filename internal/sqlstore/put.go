package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Put writes rows into a table in as few statements as the database takes, outside of
// any model. A table of synced's own stands in braces, as in statements. OnConflict is
// what follows the rows, such as "ON CONFLICT (a) DO UPDATE SET b = excluded.b". Without
// it the rows are inserted in the fastest way that the connection has, and one that
// another is in the way of is an error.
func (s Session) Put(ctx context.Context, rows Insertion, onConflict string) error {
	if rows.Rows == 0 {
		return nil
	}
	if onConflict == "" {
		if done, err := s.putFast(ctx, rows); done || err != nil {
			return err
		}
	}
	table := rows.Table
	if !strings.HasPrefix(table, "{") {
		table = store.Quote(table)
	}
	names := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		names[i] = store.Quote(c.Name)
	}
	sql := with(len(names)) + " INSERT INTO " + table + " (" + join(names) + ") SELECT " + join(aliases(len(names))) +
		" FROM " + source + " WHERE true " + onConflict
	most := s.dialect.SourceRows(len(names))
	for from := 0; from < rows.Rows; from += most {
		values := make([][]any, min(most, rows.Rows-from))
		for r := range values {
			values[r] = make([]any, len(names))
			for c := range names {
				values[r][c] = rows.Value(from+r, c)
			}
		}
		if _, err := s.Exec(ctx, squirrel.Expr(sql, s.dialect.Source(rows.Columns, values))); err != nil {
			return err
		}
	}
	return nil
}

// putFast inserts rows as an [Inserter] does, and reports whether there was one that did.
func (s Session) putFast(ctx context.Context, rows Insertion) (done bool, err error) {
	conn, ok := s.conn.(Inserter)
	if !ok {
		return false, nil
	}
	if name, own := strings.CutPrefix(rows.Table, "{"); own {
		rows.Table = s.dialect.Own().shown(strings.TrimSuffix(name, "}"))
	}
	var refused error
	rows.Refused = func(_ int, err error) bool {
		refused = err
		return false
	}
	inserted, err := conn.Insert(ctx, rows)
	if err != nil || refused != nil || inserted == nil {
		if err == nil {
			err = refused
		}
		return false, err
	}
	for n, one := range inserted {
		if !one {
			return false, fmt.Errorf("%s: row %d of %d: another row has its key", rows.Table, n+1, rows.Rows)
		}
	}
	return true, nil
}

// Refuses reports whether an error is the database's about what a row holds: too long,
// out of range, against a constraint.
func (s Session) Refuses(err error) bool { return s.refused(err) }
