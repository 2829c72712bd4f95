package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// source names the rows of a statement, and their columns, with names that no
// table has.
const source = "synced_source"

// insertReturning inserts rows, and tells which of them it did. They then have
// what the database filled in.
func (w *writer) insertReturning(ctx context.Context, which []int, onConflict string) ([]bool, error) {
	columns := w.written(w.scope != nil)
	seen := make([]bool, len(w.page))
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		return w.returning(ctx, squirrel.Expr(
			with(len(columns))+" INSERT INTO "+store.Quote(w.t.Name)+" ("+join(names)+") SELECT "+join(aliases(len(columns)))+
				" FROM "+source+" WHERE true"+onConflict+" RETURNING "+join(w.t.Own()), rows), func(i int) { seen[i] = true })
	})
	inserted := make([]bool, len(which))
	for n, i := range which {
		inserted[n] = seen[i]
	}
	return inserted, err
}

// conflict says which row is in the way of one that is not in the scope and
// can't be inserted either: the database is asked once more, and names the index.
func (w *writer) conflict(ctx context.Context, i int) error {
	_, err := w.insertReturning(ctx, []int{i}, "")
	if err == nil {
		return fmt.Errorf("remote id %s: other writers insert and delete it all the time", w.page[i].ID)
	}
	return fmt.Errorf("remote id %s conflicts with another row of %s: %w", w.page[i].ID, w.t.Name, err)
}

// update writes every managed column of rows that exist and have no newer
// version, and returns those that exist no longer.
func (w *writer) update(ctx context.Context, which []int) ([]int, error) {
	slices.SortFunc(which, w.byID)
	columns := w.written(false)
	seen := make([]bool, len(w.page))
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		var set []string
		match := ""
		for n, name := range names {
			if name == store.Quote(w.t.ID) {
				match = name + " = " + source + "." + alias(n)
				continue
			}
			set = append(set, name+" = "+source+"."+alias(n))
		}
		if w.t.Canceled != "" {
			set = append(set, store.Quote(w.t.Canceled)+" = NULL")
		}
		return w.returning(ctx, squirrel.Expr(
			with(len(columns))+" UPDATE "+store.Quote(w.t.Name)+" SET "+join(set)+" FROM "+source+" WHERE "+match+
				" AND ?"+w.notOlder(names)+" RETURNING "+join(w.t.Own()), rows, w.D.InScope(w.t, w.scope)), func(i int) { seen[i] = true })
	})
	if err != nil {
		return nil, err
	}
	return w.skip(ctx, slices.DeleteFunc(which, func(i int) bool { return seen[i] }))
}

// refresh writes the fingerprints of unchanged rows.
func (w *writer) refresh(ctx context.Context, which []int) error {
	slices.SortFunc(which, w.byID)
	columns := []writtenColumn{w.idColumn(), w.hashColumn()}
	if w.t.Version != "" {
		columns = append(columns, w.column(w.t.Version))
	}
	var refreshed int64
	err := w.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		n, err := w.Exec(ctx, squirrel.Expr(
			with(len(columns))+" UPDATE "+store.Quote(w.t.Name)+" SET "+names[1]+" = "+source+"."+alias(1)+" FROM "+source+
				" WHERE "+names[0]+" = "+source+"."+alias(0)+" AND ?"+w.notOlder(names), rows, w.D.InScope(w.t, w.scope)))
		refreshed += n
		return err
	})
	if err == nil && refreshed < int64(len(which)) {
		_, err = w.skip(ctx, slices.Clone(which))
	}
	return err
}

// returning runs a statement that returns [backend.Table.Own] of rows, reads them
// into the records, and tells which rows those are.
func (w *writer) returning(ctx context.Context, q squirrel.Sqlizer, seen func(i int)) error {
	rows, err := w.Query(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	index := w.index()
	of := func(id backend.ID) int {
		i, _ := index.Find(id) // it is one of the statement's
		return i
	}
	for rows.Next() {
		id, err := w.t.ScanOwn(rows, func(id backend.ID) backend.Row { return w.records[of(id)] })
		if err != nil {
			return err
		}
		seen(of(id))
	}
	return rows.Err()
}

// byID is the order of the ids of two rows of the page.
func (w *writer) byID(a, b int) int { return compare(w.page[a].ID, w.page[b].ID) }

func compare(a, b backend.ID) int {
	x, isInt := a.Int()
	y, _ := b.Int()
	if !isInt {
		return strings.Compare(a.String(), b.String())
	}
	return cmp.Compare(x, y)
}

// with is the head of a statement that reads its source.
func with(columns int) string { return "WITH " + source + "(" + join(aliases(columns)) + ") AS (?)" }
