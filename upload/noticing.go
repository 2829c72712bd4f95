package upload

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// page is how many rows are noted in one transaction: writers of the local database wait
// for it.
const page = 2000

// noticing notes how a table has changed, in the state of its fingerprints.
type noticing struct {
	db    backend.Store
	table Table
	local local
	state *state
	most  int // rows to note
	noted int
}

// all notes what changed since the last step, at most as many rows as it may.
func (n *noticing) all(ctx context.Context) error {
	if n.state.scanned == 0 {
		return n.scan(ctx)
	}
	switch {
	case n.table.triggered():
		if err := n.dirty(ctx); err != nil {
			return err
		}
	case n.table.Changes.column() != "":
		if done, err := n.newer(ctx); err != nil || !done {
			return err
		}
	}
	if due, err := n.due(ctx); err != nil || !due {
		return err
	}
	return n.scan(ctx)
}

// due reports whether the whole table is to be read: its time has come, or rows are gone
// that nothing tells of.
func (n *noticing) due(ctx context.Context) (bool, error) {
	every, triggered, ordered := n.table.every(), n.table.triggered(), n.table.Changes.column() != ""
	switch {
	case every > 0 && now()-n.state.scanned >= every.Milliseconds(), every == 0 && !triggered && !ordered:
		return true, nil
	case !ordered && !(triggered && n.local.mark.shape.replaced):
		return false, nil
	}
	rows, noted, err := n.local.count(ctx, n.db)
	if err != nil || triggered && !noted {
		return false, err // the rest is counted when it is noted
	}
	aside, err := n.refused(ctx)
	return rows != n.state.sum.Count+int64(len(aside)), err
}

// refused returns the fingerprints of rows that are set aside.
func (n *noticing) refused(ctx context.Context) (map[print]bool, error) {
	list, err := n.state.prints(ctx, n.db, squirrel.Expr("refused <> '' AND gone = 0"), 1<<40)
	aside := make(map[print]bool, len(list))
	for _, one := range list {
		aside[one.print] = true
	}
	return aside, err
}

// dirty notes the rows whose keys a trigger noted. It takes only keys that no writer holds,
// so that it waits for none, and none waits for it for long.
func (n *noticing) dirty(ctx context.Context) error {
	for n.noted < n.most {
		var keys []string
		whole := false
		err := n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			keys, whole = nil, false
			query := squirrel.Select("row_key").From("{synced_upload_dirty}").Where(squirrel.Eq{"table_name": n.table.Name}).Limit(page)
			if lock := tx.Dialect().Lock(); lock != "" {
				query = query.Suffix(lock + " SKIP LOCKED")
			}
			err := store.Each(ctx, tx, query, func(rows store.Rows) error {
				var key string
				err := rows.Scan(&key)
				keys = append(keys, key)
				return err
			})
			if err != nil || len(keys) == 0 {
				return err
			}
			ids := make([]backend.ID, len(keys))
			var named []string
			for i, key := range keys {
				ids[i] = backend.TextID(key)
				if key == "" {
					whole = true
				} else {
					named = append(named, key)
				}
			}
			if err := n.refresh(ctx, tx, c, named); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, squirrel.Delete("{synced_upload_dirty}").Where(squirrel.And{
				squirrel.Eq{"table_name": n.table.Name}, tx.Dialect().AnyID("row_key", backend.Text, ids)}))
			if whole {
				n.state.scanned = 0
			}
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		if n.state.scanned == 0 {
			return n.scan(ctx)
		}
	}
	return nil
}

// refresh notes rows as they are now, by their keys.
func (n *noticing) refresh(ctx context.Context, tx writer, c changes, keys []string) error {
	rows, err := n.local.byKeys(ctx, tx, keys)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(rows))
	for _, r := range rows {
		there[r.key] = true
	}
	var gone []stored
	for _, text := range keys {
		key, err := n.local.mark.shape.parseKey(text)
		if err != nil {
			n.state.scanned = 0 // a part has no value: to read the whole table tells of it
			continue
		}
		if pos, text := n.local.mark.find(key); !there[text] {
			gone = append(gone, stored{print: print{pos: pos}, key: text})
		}
	}
	noted, err := n.state.note(ctx, tx, c, rows, gone, false)
	n.noted += noted
	return err
}

// newer notes the rows whose version or time is greater than the last one's, and those that
// have the last one's, until that is settled. It reports whether it read all of them.
func (n *noticing) newer(ctx context.Context) (done bool, err error) {
	for read := 0; read < n.most; {
		var rows []row
		err := n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			var from notedTo
			if n.state.noted != "" {
				if err := json.Unmarshal([]byte(n.state.noted), &from); err != nil {
					return err
				}
			}
			from.begin(now())
			var to notedTo
			var err error
			if rows, to, err = n.local.after(ctx, tx, n.table.Changes.column(), from, page); err != nil {
				return err
			}
			to.reach(from, now(), len(rows) < page)
			noted, err := n.state.note(ctx, tx, c, rows, nil, false)
			if err != nil {
				return err
			}
			n.noted += noted
			text, err := json.Marshal(to)
			n.state.noted = string(text)
			return err
		})
		if err != nil || len(rows) < page {
			return true, err
		}
		read += len(rows)
	}
	return false, nil
}

// scan reads the whole table, once to sum it up, and once more where the sums of ranges
// differ from those that are kept.
func (n *noticing) scan(ctx context.Context) error {
	began := now()
	asked, err := n.asked(ctx)
	if err != nil {
		return err
	}
	aside, err := n.refused(ctx)
	if err != nil {
		return err
	}
	if n.state.version == 0 {
		err = n.rescan(ctx, func(position) bool { return true })
	} else {
		err = n.rescanDiffering(ctx, aside)
	}
	if err != nil {
		return err
	}
	return n.state.write(ctx, n.db, func(ctx context.Context, tx writer, _ changes) error {
		n.state.scanned = began
		if asked == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, squirrel.Delete("{synced_upload_dirty}").Where(squirrel.Eq{"table_name": n.table.Name, "row_key": "", "changes": asked}))
		return err
	})
}

// asked returns how often it was noted by now that the whole table is to be read, and 0 where it was not.
func (n *noticing) asked(ctx context.Context) (times int64, err error) {
	_, err = store.One(ctx, n.db, squirrel.Select("changes").From("{synced_upload_dirty}").Where(squirrel.Eq{"table_name": n.table.Name, "row_key": ""}), &times)
	return times, err
}

// rescanDiffering finds which ranges differ, and notes their rows.
func (n *noticing) rescanDiffering(ctx context.Context, aside map[print]bool) error {
	kept, scanned := &ranges{}, &ranges{}
	if err := kept.load(ctx, n.db, n.state.tree()); err != nil {
		return err
	}
	err := n.local.all(ctx, n.db, func(r row) error {
		if !aside[r.print] {
			scanned.add(n.local.mark.salt, r.print)
		}
		return nil
	})
	if err != nil || kept.equal(scanned) {
		return err
	}
	differ := func(p position) bool { return !kept.same(scanned, p) }
	if err := n.rescan(ctx, differ); err != nil {
		return err
	}
	return n.absent(ctx, differ)
}

// rescan notes the rows of ranges that differ. While a page is noted, the next one is read.
func (n *noticing) rescan(ctx context.Context, differ func(position) bool) error {
	fresh := n.state.version == 0
	var noting sync.WaitGroup
	var failed error
	rows := make([]row, 0, page)
	flush := func() error {
		noting.Wait()
		if failed != nil {
			return failed
		}
		full := rows
		noting.Go(func() { fresh, failed = n.page(ctx, full, fresh) })
		rows = make([]row, 0, page)
		return nil
	}
	err := n.local.all(ctx, n.db, func(r row) error {
		if !differ(r.pos) {
			return nil
		}
		r.values = nil
		if rows = append(rows, r); len(rows) < page {
			return nil
		}
		return flush()
	})
	if err == nil && len(rows) > 0 {
		err = flush()
	}
	noting.Wait()
	return cmp.Or(err, failed)
}

// page notes a page of rows. Fresh says that none of them seems to be noted, and it returns whether
// that was so: they are then not looked for, which is a fifth of what noting costs PostgreSQL.
func (n *noticing) page(ctx context.Context, rows []row, fresh bool) (bool, error) {
	note := func() error {
		return n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			noted, err := n.state.note(ctx, tx, c, rows, nil, fresh)
			if err == nil {
				n.noted += noted
			}
			return err
		})
	}
	err := note()
	if err != nil && fresh {
		fresh, err = false, note()
	}
	return fresh, err
}

// absent looks whether the rows of ranges that differ are still there.
func (n *noticing) absent(ctx context.Context, differ func(position) bool) error {
	for bits := range uint64(1 << 16) {
		p := prefix{bits << 48, 4}
		first, last := p.bounds()
		if !differ(first) {
			continue
		}
		list, err := n.state.prints(ctx, n.db, squirrel.Expr("gone = 0 AND pos BETWEEN ? AND ?", int64(first), int64(last)), 1<<40)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		keys := make([]string, len(list))
		for i, one := range list {
			keys[i] = one.key
		}
		err = n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			return n.refresh(ctx, tx, c, keys)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
