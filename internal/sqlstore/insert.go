package sqlstore

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
)

// Inserter is a [Conn] with a faster way to insert rows than a statement that
// lists them. It does not return what the database fills in.
type Inserter interface {
	// Insert inserts the rows that nothing is in the way of, and reports which those
	// are. It returns nil if it inserted none, and a statement should.
	Insert(ctx context.Context, rows Insertion) ([]bool, error)
}

// Insertion is rows on their way into a table.
type Insertion struct {
	Table   string
	Columns []SourceColumn
	Rows    int
	// AsSet reports whether the number of statements must not grow with that of the
	// rows: they are children, or have some.
	AsSet bool
	// Refused is called with a row that the database refuses, where rows are inserted
	// one by one, and reports whether to insert the next one.
	Refused func(row int, err error) bool
	// Value returns the value of a column of a row, for [backend.Plain].
	Value func(row, column int) any
}

// insert adds rows, and returns those that exist meanwhile. It goes in the order
// of the ids, so that two that insert the same rows wait for each other, and not
// each for the other.
func (w *writer) insert(ctx context.Context, which []int) (again []int, err error) {
	err = w.carefully(ctx, which, len(w.inserted()), func(which []int) error {
		some, err := w.insertAll(ctx, which)
		again = append(again, some...)
		return err
	})
	return again, err
}

func (w *writer) insertAll(ctx context.Context, which []int) ([]int, error) {
	inserted, refused, err := w.insertFast(ctx, which)
	if err == nil && inserted == nil {
		inserted, err = w.insertReturning(ctx, which, " ON CONFLICT DO NOTHING")
	}
	if err != nil {
		return nil, err
	}
	var again []int
	for n, i := range which {
		switch {
		case inserted[n]:
			w.outcomes[i] = backend.Outcome{Change: backend.Created, New: w.rows[i], Key: w.keyOf(w.rows[i])}
		case refused[n] == nil:
			w.absent[i] = false
			again = append(again, i)
		}
	}
	return again, w.refuseAll(ctx, which, refused)
}

// refuseAll refuses rows, by their places in which. They are tried once more: one
// may have waited for another.
func (w *writer) refuseAll(ctx context.Context, which []int, refused map[int]error) error {
	for n, i := range which {
		if refused[n] == nil {
			continue
		}
		inserted, again, err := w.insertFast(ctx, []int{i})
		switch {
		case err != nil:
			return err
		case again[0] != nil:
			if err := w.refuse(ctx, i, again[0]); err != nil {
				return err
			}
		case inserted[0]:
			w.outcomes[i] = backend.Outcome{Change: backend.Created, New: w.rows[i], Key: w.keyOf(w.rows[i])}
		default:
			// Another row that was written meanwhile has its place.
			if err := w.conflict(ctx, []int{i}); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertFast inserts rows as an [Inserter] does, and reads what the database
// filled in if somebody asks for it. Where rows are inserted one by one, refused has
// those that the database refuses, by their places in which.
func (w *writer) insertFast(ctx context.Context, which []int) (inserted []bool, refused map[int]error, err error) {
	conn, ok := w.conn.(Inserter)
	if !ok {
		return nil, nil, nil
	}
	columns := w.inserted()
	rows := Insertion{
		Table: w.t.Name, Columns: make([]SourceColumn, len(columns)), Rows: len(which),
		AsSet: w.t.Key != "" || w.t.Parent != "",
		Value: func(row, column int) any { return columns[column].value(which[row]) },
		Refused: func(row int, err error) bool {
			if refused == nil {
				refused = map[int]error{}
			}
			refused[row] = err
			return w.page[which[row]].Quarantine
		},
	}
	for i, c := range columns {
		rows.Columns[i] = c.SourceColumn
	}
	if inserted, err = conn.Insert(ctx, rows); err != nil || inserted == nil || !w.readsOwn() {
		return inserted, refused, err
	}
	var done []int
	for n, i := range which {
		if inserted[n] {
			done = append(done, i)
		}
	}
	if len(done) == 0 {
		return inserted, refused, nil
	}
	return inserted, refused, w.returning(ctx, w.selecting(done, w.t.Own()...), func(int) {})
}

// readsOwn reports whether somebody reads the columns of new rows that the
// database filled.
func (w *writer) readsOwn() bool {
	return w.t.Key != "" || !w.t.Unread && slices.ContainsFunc(w.t.Columns, func(c backend.Column) bool { return !c.Managed })
}
