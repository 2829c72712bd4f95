package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Rows reads and writes rows of a journal's tables together with what the journal knows of
// them. It is safe for concurrent use, as its store is.
type Rows struct{ of *Journal }

// RowsOf returns the rows of a journal's tables.
func RowsOf(j *Journal) Rows { return Rows{j} }

// Row returns a row as a reader or transaction sees it, with the columns that the journal
// keeps; nil where there is none.
func (v Rows) Row(ctx context.Context, q store.Querier, model string, key Key) (row Row, err error) {
	d, err := v.of.all.named(model)
	if err != nil {
		return nil, err
	}
	text, err := d.whole(ctx, q, v.of.sql, key)
	if err == nil && text != nil {
		raw, failed := members(text)
		if row, err = d.row(raw); failed != nil {
			err = failed
		}
	}
	if err != nil {
		return nil, fmt.Errorf("synced: journal: row %s of %q: %w", key, model, err)
	}
	return row, nil
}

// whole reads a row as a trigger would write it; nil where there is none.
func (d *described) whole(ctx context.Context, q store.Querier, sql dialect, key Key) (text *string, err error) {
	values, err := d.keyParameters(key)
	if err != nil {
		return nil, err
	}
	query := squirrel.Select(sql.whole(d, "t")).From(d.quoted() + " AS t")
	for i, c := range d.key {
		query = query.Where(squirrel.Expr("t."+quote(c.name)+" = ?", values[i]))
	}
	_, err = store.One(ctx, q, query, &text)
	return text, err
}
