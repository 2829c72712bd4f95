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
	// Value returns the value of a column of a row, for [backend.Plain].
	Value func(row, column int) any
}

// insert adds rows, and returns those that exist meanwhile. It goes in the order
// of the ids, so that two that insert the same rows wait for each other, and not
// each for the other.
func (w *writer) insert(ctx context.Context, which []int) ([]int, error) {
	if len(which) == 0 {
		return nil, nil
	}
	slices.SortFunc(which, w.byID)
	inserted, err := w.insertFast(ctx, which)
	if err == nil && inserted == nil {
		inserted, err = w.insertReturning(ctx, which, " ON CONFLICT DO NOTHING")
	}
	if err != nil {
		return nil, err
	}
	var again []int
	for n, i := range which {
		if inserted[n] {
			w.outcomes[i] = backend.Outcome{Change: backend.Created, New: w.rows[i], Key: w.keyOf(w.rows[i])}
		} else {
			w.absent[i] = false
			again = append(again, i)
		}
	}
	return again, nil
}

// insertFast inserts rows as an [Inserter] does, and reads what the database
// filled in if somebody asks for it.
func (w *writer) insertFast(ctx context.Context, which []int) ([]bool, error) {
	conn, ok := w.conn.(Inserter)
	if !ok {
		return nil, nil
	}
	columns := w.inserted()
	rows := Insertion{
		Table: w.t.Name, Columns: make([]SourceColumn, len(columns)), Rows: len(which),
		AsSet: w.t.Key != "" || w.t.Parent != "",
		Value: func(row, column int) any { return columns[column].value(which[row]) },
	}
	for i, c := range columns {
		rows.Columns[i] = c.SourceColumn
	}
	inserted, err := conn.Insert(ctx, rows)
	if err != nil || inserted == nil || !w.readsOwn() {
		return inserted, err
	}
	var done []int
	for n, i := range which {
		if inserted[n] {
			done = append(done, i)
		}
	}
	if len(done) == 0 {
		return inserted, nil
	}
	return inserted, w.returning(ctx, w.selecting(done, w.t.Own()...), func(int) {})
}

// readsOwn reports whether somebody reads the columns of new rows that the
// database filled.
func (w *writer) readsOwn() bool {
	return w.t.Key != "" || !w.t.Unread && slices.ContainsFunc(w.t.Columns, func(c backend.Column) bool { return !c.Managed })
}
