package upload

import (
	"cmp"
	"context"
	"sync"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

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
// that was so: they are then not looked for, which is a quarter of what noting costs PostgreSQL.
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
