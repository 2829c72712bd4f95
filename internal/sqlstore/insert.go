package sqlstore

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// inserter adds rows.
type inserter struct{ *page }

// inserted is what became of rows that should be inserted.
type inserted struct {
	created []int
	again   []int // they exist meanwhile
	refused []refusal
}

// insert adds rows in the order of their ids, so that two that insert the same rows
// wait for each other, and not each for the other.
func (a inserter) insert(ctx context.Context, which []int) (found inserted, err error) {
	refused, err := bisection(a).carefully(ctx, which, len(a.inserted()), func(which []int) error {
		some, err := a.insertAll(ctx, which)
		if err != nil {
			return err
		}
		found.created = append(found.created, some.created...)
		found.again = append(found.again, some.again...)
		found.refused = append(found.refused, some.refused...)
		return nil
	})
	found.refused = append(found.refused, refused...)
	return found, err
}

func (a inserter) insertAll(ctx context.Context, which []int) (found inserted, err error) {
	done, refused, err := a.insertFast(ctx, which)
	if err == nil && done == nil {
		done, err = a.insertReturning(ctx, which, " ON CONFLICT DO NOTHING")
	}
	if err != nil {
		return found, err
	}
	for n, i := range which {
		switch {
		case done[n]:
			found.created = append(found.created, i)
		case refused[n] == nil:
			found.again = append(found.again, i)
		default:
			if err := a.insertAgain(ctx, i, &found); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// insertAgain tries a row that was refused among others once more: it may have waited
// for another.
func (a inserter) insertAgain(ctx context.Context, i int, found *inserted) error {
	done, refused, err := a.insertFast(ctx, []int{i})
	switch {
	case err != nil:
		return err
	case refused[0] != nil:
		r, err := bisection(a).refuse(ctx, i, refused[0])
		found.refused = append(found.refused, r)
		return err
	case done[0]:
		found.created = append(found.created, i)
		return nil
	default:
		// Another row that was written meanwhile has its place.
		r, err := a.conflict(ctx, []int{i})
		found.refused = append(found.refused, r...)
		return err
	}
}

// insertFast inserts rows as an [Inserter] does, and reads what the database
// filled in if somebody asks for it. Where rows are inserted one by one, refused has
// those that the database refuses, by their places in which.
func (a inserter) insertFast(ctx context.Context, which []int) (done []bool, refused map[int]error, err error) {
	conn, ok := a.conn.(Inserter)
	if !ok {
		return nil, nil, nil
	}
	columns := a.inserted()
	rows := Insertion{
		Table: a.t.Name, Columns: make([]SourceColumn, len(columns)), Rows: len(which),
		AsSet: a.asSet(),
		Value: func(row, column int) any { return columns[column].value(which[row]) },
		Refused: func(row int, err error) bool {
			if refused == nil {
				refused = map[int]error{}
			}
			refused[row] = err
			return a.records[which[row]].Quarantine
		},
	}
	for i, c := range columns {
		rows.Columns[i] = c.SourceColumn
	}
	if done, err = conn.Insert(ctx, rows); err != nil || done == nil || !a.readsOwn() {
		return done, refused, err
	}
	var read []int
	for n, i := range which {
		if done[n] {
			read = append(read, i)
		}
	}
	if len(read) == 0 {
		return done, refused, nil
	}
	return done, refused, a.returning(ctx, a.selecting(read, a.own()...), func(int) {})
}

// insertReturning inserts rows, and reports which of them it did. They then have
// what the database filled in.
func (a inserter) insertReturning(ctx context.Context, which []int, onConflict string) ([]bool, error) {
	columns := a.inserted()
	seen := make([]bool, len(a.records))
	err := a.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		insert := with(len(columns)) +
			" INSERT INTO " + store.Quote(a.t.Name) + " (" + join(names) + ")" +
			" SELECT " + join(aliases(len(columns))) + " FROM " + source + " WHERE true" + onConflict +
			" RETURNING " + join(a.own())
		return a.returning(ctx, squirrel.Expr(insert, rows), func(i int) { seen[i] = true })
	})
	done := make([]bool, len(which))
	for n, i := range which {
		done[n] = seen[i]
	}
	return done, err
}

// conflict refuses rows that are not in the scope and can't be inserted either: the
// database is asked once more, and names the index.
func (a inserter) conflict(ctx context.Context, which []int) (refused []refusal, err error) {
	if len(which) == 0 {
		return nil, nil
	}
	hides, err := a.conn.(Refuser).Hides(ctx, a.t.Name)
	if err != nil {
		return nil, err
	}
	for _, i := range which {
		skipped := false
		more, err := bisection(a).careful(ctx, []int{i}, func(which []int) error {
			done, err := a.insertReturning(ctx, which, "")
			if skipped = err == nil && !done[0]; skipped {
				return nil
			}
			if err == nil {
				return fmt.Errorf("remote id %s: other writers insert and delete it all the time", a.records[i].ID)
			}
			if hides {
				return fmt.Errorf("remote id %s conflicts with another row of %s, maybe one that row level security hides: %w", a.records[i].ID, a.t.Name, err)
			}
			return fmt.Errorf("remote id %s conflicts with another row of %s: %w", a.records[i].ID, a.t.Name, err)
		})
		if err == nil && skipped {
			more = make([]refusal, 1)
			more[0], err = bisection(a).refuse(ctx, i, skippedInsert)
		}
		if err != nil {
			return nil, err
		}
		refused = append(refused, more...)
	}
	return refused, nil
}
