package sqlstore

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Settle implements [backend.Querier].
func (s Session) Settle(ctx context.Context, t *backend.Table, rows []backend.Row) error {
	var asked []int
	for i, c := range t.Columns {
		if c.Asked {
			asked = append(asked, i)
		}
	}
	if len(asked) == 0 || len(rows) == 0 {
		return nil
	}
	return s.settle(ctx, t, asked, rows)
}

// settle asks for rows, and by halves where a value of them is refused. That one
// stays as it is: whoever writes it tells.
func (s Session) settle(ctx context.Context, t *backend.Table, asked []int, rows []backend.Row) error {
	err := s.try(ctx, func() error { return s.ask(ctx, t, asked, rows) })
	switch {
	case err == nil || !s.refused(err):
		return err
	case len(rows) == 1:
		return nil
	}
	half := len(rows) / 2
	if err := s.settle(ctx, t, asked, rows[:half]); err != nil {
		return err
	}
	return s.settle(ctx, t, asked, rows[half:])
}

// ask has the database read values as those of their columns, and gives the rows
// what it made of them.
func (s Session) ask(ctx context.Context, t *backend.Table, asked []int, rows []backend.Row) error {
	of := &columns{t: t, rows: rows}
	written := []writtenColumn{{
		SourceColumn: SourceColumn{Type: backend.TypeInt, DBType: "bigint"},
		value:        func(row int) any { return int64(row) },
	}}
	selected := []string{alias(0)}
	for n, i := range asked {
		written = append(written, of.column(i))
		selected = append(selected, backend.Select(alias(n+1), t.Columns[i].Read))
	}
	which := make([]int, len(rows))
	for i := range which {
		which[i] = i
	}
	return s.inBatches(which, written, func(_ []string, list squirrel.Sqlizer) error {
		query := with(len(written)) + " SELECT " + join(selected) + " FROM " + source
		return store.Each(ctx, s, squirrel.Expr(query, list), func(read store.Rows) error {
			_, err := t.ScanOf(read, asked, func(row int64) backend.Row { return rows[row] })
			return err
		})
	})
}
