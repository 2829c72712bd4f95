package sqlstore

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
)

// Inserter is a [Conn] that has a faster way to insert rows than a statement that
// lists them. It tells nothing of what the database fills in.
type Inserter interface {
	// Insert inserts the rows that are in no other's way, and tells which those
	// are. It returns nil when it inserted none, and a statement is to do it.
	Insert(ctx context.Context, rows Insertion) ([]bool, error)
}

// Insertion is rows on their way into a table.
type Insertion struct {
	Table   string
	Columns []SourceColumn
	Rows    int
	// AsSet says that the number of statements must not grow with that of the rows:
	// they are children, or have some.
	AsSet bool
	// Value is what a column of a row is written from, for [backend.Plain].
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
			w.outcomes[i] = backend.Outcome{Change: backend.Created, New: w.records[i], Key: w.keyOf(w.records[i])}
		} else {
			w.absent[i] = false
			again = append(again, i)
		}
	}
	return again, nil
}

// insertFast inserts rows as an [Inserter] does, and reads what the database
// filled in where that is asked for.
func (w *writer) insertFast(ctx context.Context, which []int) ([]bool, error) {
	conn, ok := w.Conn.(Inserter)
	if !ok {
		return nil, nil
	}
	columns := w.written(w.scope != nil)
	rows := Insertion{Table: w.t.Name, Columns: make([]SourceColumn, len(columns)), Rows: len(which),
		AsSet: w.t.Key != "" || w.t.Parent != "",
		Value: func(row, column int) any { return columns[column].value(which[row]) }}
	for n, c := range columns {
		rows.Columns[n] = c.kind
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

// readsOwn says that somebody reads the columns of new rows that the database
// filled.
func (w *writer) readsOwn() bool {
	return w.t.Key != "" || !w.t.Unread && slices.ContainsFunc(w.t.Columns, func(c backend.Column) bool { return !c.Managed })
}
