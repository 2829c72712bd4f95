package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// insertReturning inserts rows, and reports which of them it did. They then have
// what the database filled in.
func (w *writer) insertReturning(ctx context.Context, which []int, onConflict string) ([]bool, error) {
	columns := w.inserted()
	seen := make([]bool, len(w.page))
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		insert := with(len(columns)) +
			" INSERT INTO " + store.Quote(w.t.Name) + " (" + join(names) + ")" +
			" SELECT " + join(aliases(len(columns))) + " FROM " + source + " WHERE true" + onConflict +
			" RETURNING " + join(w.t.Own())
		return w.returning(ctx, squirrel.Expr(insert, rows), func(i int) { seen[i] = true })
	})
	inserted := make([]bool, len(which))
	for n, i := range which {
		inserted[n] = seen[i]
	}
	return inserted, err
}

// conflict refuses rows that are not in the scope and can't be inserted either: the
// database is asked once more, and names the index.
func (w *writer) conflict(ctx context.Context, which []int) error {
	for _, i := range which {
		err := w.careful(ctx, []int{i}, func(which []int) error {
			_, err := w.insertReturning(ctx, which, "")
			if err == nil {
				return fmt.Errorf("remote id %s: other writers insert and delete it all the time", w.page[i].ID)
			}
			return fmt.Errorf("remote id %s conflicts with another row of %s: %w", w.page[i].ID, w.t.Name, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// update writes every managed column of rows that exist and have no newer
// version, and returns those that no longer exist.
func (w *writer) update(ctx context.Context, which []int) (deleted []int, err error) {
	err = w.carefully(ctx, which, len(w.managed()), func(which []int) error {
		some, err := w.updateAll(ctx, which)
		deleted = append(deleted, some...)
		return err
	})
	return deleted, err
}

func (w *writer) updateAll(ctx context.Context, which []int) ([]int, error) {
	columns := w.managed()
	seen := make([]bool, len(w.page))
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		var set []string
		match := ""
		for n, c := range columns {
			if c.Name == w.t.ID {
				match = c.quoted + " = " + source + "." + alias(n)
				continue
			}
			set = append(set, c.quoted+" = "+source+"."+alias(n))
		}
		if w.t.Canceled != "" {
			set = append(set, store.Quote(w.t.Canceled)+" = NULL")
		}
		update := with(len(columns)) +
			" UPDATE " + store.Quote(w.t.Name) + " SET " + join(set) + " FROM " + source +
			" WHERE " + match + " AND ?" + w.notOlder(names) +
			" RETURNING " + join(w.t.Own())
		return w.returning(ctx, squirrel.Expr(update, rows, w.dialect.InScope(w.t, w.scope)), func(i int) { seen[i] = true })
	})
	if err != nil {
		return nil, err
	}
	return w.skip(ctx, slices.DeleteFunc(which, func(i int) bool { return seen[i] }))
}

// refresh writes the fingerprints of unchanged rows.
func (w *writer) refresh(ctx context.Context, which []int) error {
	return w.carefully(ctx, which, 3, func(which []int) error { return w.refreshAll(ctx, which) })
}

func (w *writer) refreshAll(ctx context.Context, which []int) error {
	columns := []writtenColumn{w.idColumn(), w.hashColumn()}
	if w.t.Version != "" {
		columns = append(columns, w.versionColumn())
	}
	var refreshed int64
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		update := with(len(columns)) +
			" UPDATE " + store.Quote(w.t.Name) + " SET " + names[1] + " = " + source + "." + alias(1) + " FROM " + source +
			" WHERE " + names[0] + " = " + source + "." + alias(0) + " AND ?" + w.notOlder(names)
		n, err := w.Exec(ctx, squirrel.Expr(update, rows, w.dialect.InScope(w.t, w.scope)))
		refreshed += n
		return err
	})
	if err == nil && refreshed < int64(len(which)) {
		_, err = w.skip(ctx, slices.Clone(which))
	}
	return err
}

// returning runs a statement that returns [backend.Table.Own] of rows, reads them
// into the new rows, and calls seen with each.
func (w *writer) returning(ctx context.Context, statement store.SQL, seen func(i int)) error {
	ids := w.byIDs()
	of := func(id backend.ID) int {
		i, _ := ids.Find(id) // it is one of the statement's
		return i
	}
	return store.Each(ctx, w, statement, func(rows store.Rows) error {
		id, err := w.t.ScanOwn(rows, func(id backend.ID) backend.Row { return w.rows[of(id)] })
		if err != nil {
			return err
		}
		seen(of(id))
		return nil
	})
}
