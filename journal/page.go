package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Kept is a row as it is, with its version.
type Kept struct {
	Key Key
	Row Row
	// Version is zero where the row was there before its journal.
	Version Version
}

// After returns the next rows of a model in the order of their keys, with their versions; after
// "" the first ones. It reads them as they are at one moment.
func (v Rows) After(ctx context.Context, model string, after Key, most int) (list []Kept, err error) {
	d, err := v.of.all.named(model)
	if err != nil {
		return nil, err
	}
	// What has no place yet has no version either: it gets both, and the rows are read again.
	for range tries {
		if _, err = v.of.Last(ctx); err == nil {
			list, err = d.page(ctx, v.of.db, v.of.sql, after, most)
		}
		if !errors.Is(err, errUnplaced) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("synced: journal: rows of %q: %w", model, err)
	}
	return list, nil
}

// tries is how often rows are read that are written meanwhile.
const tries = 100

// errUnplaced is a row whose last change has no place yet.
var errUnplaced = errors.New("rows are written all the time: try again later")

func (d *described) page(ctx context.Context, q store.Querier, sql dialect, after Key, most int) (list []Kept, err error) {
	names := make([]string, len(d.key))
	for i, c := range d.key {
		names[i] = "t." + quote(c.name)
	}
	key := sql.keyOf(d, "t")
	query := squirrel.Select(key, sql.whole(d, "t"), "coalesce(r.version_time, 0)", "coalesce(r.version_origin, '')").
		Column(squirrel.Expr("EXISTS (SELECT 1 FROM "+noted+" n WHERE n.model = ? AND n.key = "+key+")", d.Name)).
		From(d.quoted()+" AS t").LeftJoin(kept+" r ON r.model = ? AND r.key = "+key, d.Name).
		OrderBy(names...).Limit(uint64(most))
	if after != "" {
		values, err := d.keyParameters(after)
		if err != nil {
			return nil, err
		}
		marks := strings.Repeat(", ?", len(values))[2:]
		query = query.Where(squirrel.Expr("("+strings.Join(names, ", ")+") > ("+marks+")", values...))
	}
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var k Kept
		var text string
		var unplaced bool
		if err := rows.Scan(&k.Key, &text, &k.Version.Time, &k.Version.Origin, &unplaced); err != nil {
			return err
		}
		if unplaced {
			return errUnplaced
		}
		raw, err := members(&text)
		if err == nil {
			k.Row, err = d.row(raw)
		}
		list = append(list, k)
		return err
	})
	return list, err
}
