package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Row returns a row as a reader or transaction sees it, with the columns that the journal
// keeps; nil where there is none.
func (j *Journal) Row(ctx context.Context, q store.Querier, model string, key Key) (Row, error) {
	d, err := j.table(model)
	if err != nil {
		return nil, err
	}
	text, err := j.whole(ctx, q, d, key)
	if err == nil && text != nil {
		raw, failed := members(text)
		if failed == nil {
			return d.row(raw)
		}
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("synced: journal: row %s of %q: %w", key, model, err)
	}
	return nil, nil
}

// whole reads a row as a trigger would write it.
func (j *Journal) whole(ctx context.Context, q store.Querier, d *described, key Key) (*string, error) {
	columns, err := j.KeyRow(d.Name, key)
	if err != nil {
		return nil, err
	}
	query := squirrel.Select(j.sql.whole(d, "t")).From(d.quoted() + " AS t")
	for _, c := range d.key {
		v, err := scalarParameter(columns[c.name])
		if err != nil {
			return nil, err
		}
		query = query.Where(squirrel.Expr("t."+quote(c.name)+" = ?", v))
	}
	var text *string
	_, err = store.One(ctx, q, query, &text)
	return text, err
}

// scalarParameter is a value of a key as a parameter: PostgreSQL reads texts of any type, and
// SQLite compares them as the type of the column does.
func scalarParameter(v any) (any, error) {
	switch x := v.(type) {
	case bool, string:
		return x, nil
	case fmt.Stringer: // a number
		return x.String(), nil
	}
	return nil, fmt.Errorf("a %T is no value of a key", v)
}

// mostHistory is how many changes of a row are looked at.
const mostHistory = 1000

// History returns the last changes of a row, the newest first, as a reader or transaction
// sees them; at most 1000. Those that have no place yet have no Seq, and no Version unless
// they were made elsewhere. Pruned changes are missing.
func (j *Journal) History(ctx context.Context, q store.Querier, model string, key Key) (list []Change, err error) {
	id := j.sql.id()
	query := squirrel.Expr("SELECT 1 AS noted, "+id+" AS place, op, old_row, new_row, 0 AS version_time, '' AS version_origin, '' AS bases, at_ms, mark FROM "+noted+" WHERE model = ? AND key = ?"+
		" UNION ALL SELECT 0, seq, op, old_row, new_row, version_time, version_origin, bases, at_ms, '' FROM "+journal+" WHERE model = ? AND key = ?"+
		" ORDER BY noted DESC, place DESC LIMIT ?", model, key, model, key, mostHistory)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		c := Change{Model: model, Key: key}
		var unplaced, at int64
		var old, updated *string
		var bases, mark string
		if err := rows.Scan(&unplaced, &c.Seq, &c.Op, &old, &updated, &c.Version.Time, &c.Version.Origin, &bases, &at, &mark); err != nil {
			return err
		}
		c.At = time.UnixMilli(at).UTC()
		var err error
		if unplaced == 1 {
			c.Seq = 0
			c.Version, _, err = replayedVersion(mark, model, key)
		}
		if err == nil {
			c.Bases, err = splitVersions(bases)
		}
		if err == nil {
			err = j.decode(&c, old, updated)
		}
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("synced: journal: history of row %s of %q: %w", key, model, err)
	}
	return list, nil
}
