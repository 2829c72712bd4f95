package sqlstore

import (
	"context"
	"strings"

	"github.com/syncedgo/synced/store"
)

// Updater is a [Conn] with a faster way to update rows than a statement that lists them. It
// does not return what the database has changed besides.
type Updater interface {
	// Update runs a statement for each of the rows, and reports which of them it changed. It
	// returns nil where a statement that lists them should do it, and tell what is wrong with
	// them: then some may be updated.
	Update(ctx context.Context, u Updates) ([]bool, error)
}

// Updates are rows on their way into a table that has them.
type Updates struct {
	// SQL is a statement whose parameters are the values of Columns, and then Args.
	SQL     string
	Columns []SourceColumn
	Args    []any
	Rows    int
	// Value returns the value of a column of a row, for [backend.Plain].
	Value func(row, column int) any
}

// updateEach updates rows as an [Updater] does, and reports by record which those are; nil is
// that a statement should. It reads what the database filled in if somebody asks for it.
func (u updater) updateEach(ctx context.Context, which []int) (seen []bool, err error) {
	conn, ok := u.conn.(Updater)
	if !ok || u.asSet() {
		return nil, nil
	}
	set, columns := "", make([]writtenColumn, 0, len(u.managed())+3)
	for _, c := range append(u.managed(), u.touched()...) {
		if !u.identifies(c) {
			set += ", " + c.quoted + " = ?"
			columns = append(columns, c)
		}
	}
	if u.t.Canceled != "" {
		set += ", " + store.Quote(u.t.Canceled) + " = " + u.t.Uncanceled()
	}
	where := ""
	for _, c := range u.identity() {
		where += c.quoted + " = ? AND "
		columns = append(columns, c)
	}
	if u.t.Version != "" {
		c := u.ofVersion()
		where += "(" + c.quoted + " IS NULL OR " + c.quoted + u.dialect.ByBytes(c.DBType) + " <= ?) AND "
		columns = append(columns, c)
	}
	in, args, err := u.dialect.InScope(u.t, u.scope).ToSql()
	if err != nil {
		return nil, err
	}
	updates := Updates{
		SQL:     "UPDATE " + store.Quote(u.t.Name) + " SET " + strings.TrimPrefix(set, ", ") + " WHERE " + where + in,
		Columns: make([]SourceColumn, len(columns)), Args: args, Rows: len(which),
		Value: func(row, column int) any { return columns[column].value(which[row]) },
	}
	for n, c := range columns {
		updates.Columns[n] = c.SourceColumn
	}
	done, err := conn.Update(ctx, updates)
	if err != nil || done == nil {
		return nil, err
	}
	seen = make([]bool, len(u.records))
	var read []int
	for n, i := range which {
		if seen[i] = done[n]; done[n] {
			read = append(read, i)
		}
	}
	if !u.readsOwn() || len(read) == 0 {
		return seen, nil
	}
	return seen, u.returning(ctx, u.selecting(read, u.own()...), func(int) {})
}
