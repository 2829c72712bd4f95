package sqlstore

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/store"
)

// Comparer is a [Conn] that can compare rows where they are, without reading them
// into memory.
type Comparer interface {
	// Same runs a query, whose columns are an id and those to compare. It may report
	// fewer rows than are the same.
	Same(ctx context.Context, sql string, args []any, c Comparison) error
}

// Comparison is what rows are compared with.
type Comparison struct {
	Columns []SourceColumn
	// Row is the number of the row that has an id.
	Row func(id backend.ID) (int, bool)
	// Value returns what a column of a row should hold, for [backend.Plain].
	Value func(row, column int) any
	// Same is called with each row that holds exactly that.
	Same func(row int)
}

// Same implements [backend.Querier].
func (s Session) Same(ctx context.Context, t *backend.Table, scope any, ids []backend.ID, rows []backend.Row) ([]bool, error) {
	same := make([]bool, len(ids))
	conn, ok := s.conn.(Comparer)
	if !ok || len(ids) == 0 {
		return same, nil
	}
	written := &columns{t: t, scope: scope, rows: rows}
	selected := []string{uncanceledID(t)}
	var values []func(row int) any
	c := Comparison{
		Row:   idindex.Of(len(ids), func(i int) backend.ID { return ids[i] }).Find,
		Value: func(row, column int) any { return values[column](row) },
		Same:  func(row int) { same[row] = true },
	}
	for _, column := range written.managed() {
		if column.Name != t.Hash {
			selected, values, c.Columns = append(selected, column.quoted), append(values, column.value), append(c.Columns, column.SourceColumn)
		}
	}
	query, err := s.build(around(s.dialect, t, scope, ids, selected))
	if err != nil {
		return nil, err
	}
	return same, conn.Same(ctx, query.SQL, query.Args, c)
}

// uncanceledID selects the remote id, or null from a canceled row.
func uncanceledID(t *backend.Table) string {
	if t.Canceled == "" {
		return t.Selected()[0]
	}
	return "CASE WHEN " + t.NotCanceled() + " THEN " + store.Quote(t.ID) + " END"
}
