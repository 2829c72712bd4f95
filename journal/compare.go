package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Compare looks at all rows of the [Compared] tables, and notes how they differ from what
// they were the last time: rows that were created, updated and deleted since. It returns how
// many. The first time, all rows are created. All that one call finds is one transaction.
//
// It keeps a fingerprint of each column of each row, 64 bits long, and reads 500 rows at a
// time. On SQLite nobody else writes meanwhile. Two calls at once wait for each other there,
// and on PostgreSQL the second is tried again.
func (j *Journal) Compare(ctx context.Context) (differ int, err error) {
	err = backend.InTx(ctx, j.db, func(ctx context.Context, tx backend.Tx) error {
		differ = 0
		if tx.Dialect().Schemas() {
			if _, err := tx.Exec(ctx, squirrel.Expr("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")); err != nil {
				return err
			}
		}
		for _, d := range j.all.watched(Compared) {
			n, err := comparison{tx, j.sql, d}.all(ctx)
			if err != nil {
				return fmt.Errorf("table %q: %w", d.Name, err)
			}
			differ += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("synced: journal: compare: %w", err)
	}
	return differ, nil
}

// prints are the fingerprints of tables that are compared.
const prints = "{synced_journal_prints}"

// comparison compares a table in a transaction.
type comparison struct {
	tx  backend.Tx
	sql dialect
	d   *described
}

// difference is how a row differs.
type difference struct {
	key          Key
	op           Op
	old, updated any // texts, or nil
	print        string
}

func (c comparison) all(ctx context.Context) (differ int, err error) {
	var after Key
	for {
		rows, last, err := c.page(ctx, after)
		if err != nil {
			return 0, err
		}
		if last == "" {
			break
		}
		list, err := c.compare(ctx, rows)
		if err == nil {
			err = c.note(ctx, list)
		}
		if err != nil {
			return 0, err
		}
		differ, after = differ+len(list), last
	}
	gone, err := c.gone(ctx)
	return differ + gone, err
}

// page reads the rows after a key, and returns the last key.
func (c comparison) page(ctx context.Context, after Key) (list map[Key]string, last Key, err error) {
	names := make([]string, len(c.d.key))
	for i, k := range c.d.key {
		names[i] = "t." + quote(k.name)
	}
	query := squirrel.Select(c.sql.keyOf(c.d, "t"), c.sql.whole(c.d, "t")).From(c.d.quoted() + " AS t").OrderBy(strings.Join(names, ", ")).Limit(page)
	if after != "" {
		values, err := c.d.keyParameters(after)
		if err != nil {
			return nil, "", err
		}
		query = query.Where(squirrel.Expr("("+strings.Join(names, ", ")+") > ("+squirrel.Placeholders(len(values))+")", values...))
	}
	list = map[Key]string{}
	err = store.Each(ctx, c.tx, query, func(rows store.Rows) error {
		var whole string
		err := rows.Scan(&last, &whole)
		list[last] = whole
		return err
	})
	return list, last, err
}

// compare finds the rows that differ from their fingerprints.
func (c comparison) compare(ctx context.Context, rows map[Key]string) (list []difference, err error) {
	ids := make([]backend.ID, 0, len(rows))
	for k := range rows {
		ids = append(ids, backend.TextID(string(k)))
	}
	known := map[Key]string{}
	err = store.Each(ctx, c.tx, squirrel.Select("key", "print").From(prints).Where(squirrel.Eq{"model": c.d.Name}).Where(c.tx.Dialect().AnyID("key", backend.Text, ids)), func(rows store.Rows) error {
		var k Key
		var print string
		err := rows.Scan(&k, &print)
		known[k] = print
		return err
	})
	if err != nil {
		return nil, err
	}
	for k, whole := range rows {
		before, seen := known[k]
		one, differs, err := differenceOf(k, whole, before, seen)
		if err != nil {
			return nil, fmt.Errorf("row %s: %w", k, err)
		}
		if differs {
			list = append(list, one)
		}
	}
	return list, nil
}

// differenceOf compares a row with its fingerprint.
func differenceOf(k Key, whole, before string, seen bool) (difference, bool, error) {
	raw, err := members(&whole)
	if err != nil {
		return difference{}, false, err
	}
	old := map[string]string{}
	if seen {
		if err := json.Unmarshal([]byte(before), &old); err != nil {
			return difference{}, false, fmt.Errorf("its fingerprint: %w", err)
		}
	}
	now, changed := map[string]string{}, map[string]jsontext.Value{}
	for name, value := range raw {
		now[name] = strconv.FormatUint(xxh3.Hash(value), 36)
		if now[name] != old[name] {
			changed[name] = value
		}
	}
	print, err := json.Marshal(now)
	if err != nil {
		return difference{}, false, err
	}
	if !seen {
		return difference{key: k, op: Create, updated: whole, print: string(print)}, true, nil
	}
	text, err := json.Marshal(changed)
	return difference{key: k, op: Update, updated: string(text), print: string(print)}, len(changed) > 0, err
}

// note notes differences, and keeps the fingerprints of the rows.
func (c comparison) note(ctx context.Context, list []difference) error {
	if len(list) == 0 {
		return nil
	}
	columns, values := c.sql.noting()
	insert := squirrel.Insert(noted).Columns(columns, "model", "key", "op", "old_row", "new_row", "mark")
	some := false
	keep := squirrel.Insert(prints).Columns("model", "key", "print").Suffix("ON CONFLICT (model, key) DO UPDATE SET print = excluded.print")
	for _, one := range list {
		if c.d.keeps(one.op) {
			insert, some = insert.Values(squirrel.Expr(values), c.d.Name, string(one.key), string(one.op), one.old, one.updated, ""), true
		}
		keep = keep.Values(c.d.Name, string(one.key), one.print)
	}
	if some {
		if _, err := c.tx.Exec(ctx, insert); err != nil {
			return err
		}
	}
	_, err := c.tx.Exec(ctx, keep)
	return err
}

// gone notes the rows that are no longer there.
func (c comparison) gone(ctx context.Context) (n int, err error) {
	for {
		var keys []Key
		query := squirrel.Expr("SELECT key FROM "+prints+" WHERE model = ? EXCEPT SELECT "+c.sql.keyOf(c.d, "t")+" FROM "+c.d.quoted()+" AS t LIMIT ?", c.d.Name, 20*page)
		err := store.Each(ctx, c.tx, query, func(rows store.Rows) error {
			var k Key
			err := rows.Scan(&k)
			keys = append(keys, k)
			return err
		})
		if err != nil || len(keys) == 0 {
			return n, err
		}
		for some := range slices.Chunk(keys, page) {
			if err := c.forget(ctx, some); err != nil {
				return n, err
			}
		}
		n += len(keys)
	}
}

// forget notes deletions, of which only the keys are known, and drops the fingerprints.
func (c comparison) forget(ctx context.Context, keys []Key) error {
	ids := make([]backend.ID, len(keys))
	for i, k := range keys {
		ids[i] = backend.TextID(string(k))
		if !c.d.keeps(Delete) {
			continue
		}
		if err := noteGone(ctx, c.tx, c.sql, c.d, k, ""); err != nil {
			return err
		}
	}
	_, err := c.tx.Exec(ctx, squirrel.Delete(prints).Where(squirrel.Eq{"model": c.d.Name}).Where(c.tx.Dialect().AnyID("key", backend.Text, ids)))
	return err
}
