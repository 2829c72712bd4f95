package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// mostHistory is how many changes of a row are looked at.
const mostHistory = 1000

// History returns the last changes of a row, the newest first, as a reader or transaction
// sees them; at most 1000. Those that have no place yet have no Seq, and no Version unless
// they were made elsewhere. Pruned changes are missing.
func (v Rows) History(ctx context.Context, q store.Querier, model string, key Key) (list []Change, err error) {
	id, via := v.of.sql.id(), "CASE WHEN mark LIKE '{%' THEN "+v.of.sql.member("mark", "via")+" ELSE '' END"
	query := squirrel.Expr("SELECT 1 AS noted, "+id+" AS place, "+via+" AS via, op, old_row, new_row, 0 AS version_time, '' AS version_origin, '' AS bases, at_ms, mark FROM "+noted+" WHERE model = ? AND key = ?"+
		" UNION ALL SELECT 0, seq, via, op, old_row, new_row, version_time, version_origin, bases, at_ms, '' FROM "+journal+" WHERE model = ? AND key = ?"+
		" ORDER BY noted DESC, place DESC LIMIT ?", model, key, model, key, mostHistory)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		c := Change{Model: model, Key: key}
		var unplaced, at int64
		var old, updated *string
		var bases, mark string
		if err := rows.Scan(&unplaced, &c.Seq, &c.Via, &c.Op, &old, &updated, &c.Version.Time, &c.Version.Origin, &bases, &at, &mark); err != nil {
			return err
		}
		c.At = time.UnixMilli(at).UTC()
		var err error
		if unplaced == 1 {
			c.Seq = 0
			var replayed bool
			if c.Version, replayed, err = replayedVersion(mark, model, key); !replayed {
				c.Via = ""
			}
		}
		if err == nil {
			c.Bases, err = splitVersions(bases)
		}
		if err == nil {
			err = v.of.all.of(model).decode(&c, old, updated)
		}
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("synced: journal: history of row %s of %q: %w", key, model, err)
	}
	return list, nil
}
