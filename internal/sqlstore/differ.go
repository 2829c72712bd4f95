package sqlstore

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
)

// Differ is a [Conn] that can find rows that differ where they are, without reading them
// into memory.
type Differ interface {
	// Differ runs a query, whose columns are an id and those to compare, and calls found with
	// each row of which one differs, and the first, too. It may find fewer than differ.
	Differ(ctx context.Context, sql string, args []any, c Comparison, found func(row int)) error
}

// differ finds rows whose columns differ from those of their records for certain, by record:
// they are written, whatever else they hold and whoever writes them meanwhile. It tells
// nothing of rows that somebody wants to see as they were or that may be canceled, nor of
// those whose fingerprint is right.
//
// To read a row of 19 columns and 1.5 kB takes 48 allocations, and the lock of it an exchange
// more. To find out here that it differs takes neither: most that change have another time of
// change.
func (w *writer) differ(ctx context.Context, which []int) ([]bool, error) {
	found := make([]bool, len(w.records))
	conn, ok := w.conn.(Differ)
	if !ok || len(which) == 0 || !w.t.Unread || w.t.Hash == "" || w.t.Canceled != "" || w.t.Translations != nil || w.asSet() {
		return found, nil
	}
	columns := []writtenColumn{w.ofHash()}
	for _, c := range w.managed() {
		if i := w.t.Index(c.Name); i >= 0 && w.t.Columns[i].Exact {
			columns = append(columns, c)
		}
	}
	if len(columns) == 1 {
		return found, nil
	}
	selected := w.t.Selected()[:1:1]
	c := Comparison{
		Row:   idindex.Of(len(which), func(n int) backend.ID { return w.records[which[n]].ID }).Find,
		Value: func(row, column int) any { return columns[column].value(which[row]) },
	}
	for _, column := range columns {
		selected, c.Columns = append(selected, column.quoted), append(c.Columns, column.SourceColumn)
	}
	query, err := w.build(w.selecting(which, selected...))
	if err != nil {
		return nil, err
	}
	return found, conn.Differ(ctx, query.SQL, query.Args, c, func(row int) { found[which[row]] = true })
}
