package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Row returns a row as a reader or transaction sees it, with the columns that the journal
// keeps; nil where there is none.
func (j *Journal) Row(ctx context.Context, q store.Querier, model string, key Key) (row Row, err error) {
	d, err := j.all.named(model)
	if err != nil {
		return nil, err
	}
	text, err := d.whole(ctx, q, j.sql, key)
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
	columns, err := d.keyRow(key)
	if err != nil {
		return nil, err
	}
	query := squirrel.Select(sql.whole(d, "t")).From(d.quoted() + " AS t")
	for _, c := range d.key {
		v, err := keyParameter(columns[c.name])
		if err != nil {
			return nil, err
		}
		query = query.Where(squirrel.Expr("t."+quote(c.name)+" = ?", v))
	}
	_, err = store.One(ctx, q, query, &text)
	return text, err
}

// keyParameter is a value of a key as a parameter: PostgreSQL reads texts of any type, and
// SQLite compares them as the type of the column does.
func keyParameter(v any) (any, error) {
	switch x := v.(type) {
	case bool, string:
		return x, nil
	case fmt.Stringer: // a number
		return x.String(), nil
	}
	return nil, fmt.Errorf("a %T is no value of a key", v)
}
