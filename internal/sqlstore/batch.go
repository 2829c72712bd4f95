package sqlstore

import (
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/store"
)

// writtenColumn is a column that a statement writes, and where its value comes
// from.
type writtenColumn struct {
	name  string // quoted
	kind  SourceColumn
	value func(row int) any
}

// written are the columns of an insert or update: the managed ones, the
// fingerprint, and the scope where asked for. A row never leaves its scope, also
// where that is an attribute of the object.
func (w *writer) written(withScope bool) []writtenColumn {
	var columns []writtenColumn
	for c, column := range w.t.Columns {
		if !column.Managed || column.Name == w.t.Canceled || w.scope != nil && column.Name == w.t.Scope {
			continue
		}
		columns = append(columns, writtenColumn{
			name:  store.Quote(column.Name),
			kind:  SourceColumn{column.Name, column.Type, column.DBType, column.Name == w.t.Data},
			value: func(row int) any { return w.records[row].Pointers[c] },
		})
	}
	if w.t.Hash != "" {
		columns = append(columns, w.hashColumn())
	}
	if withScope {
		columns = append(columns, writtenColumn{
			name:  store.Quote(w.t.Scope),
			kind:  SourceColumn{Name: w.t.Scope, Type: backend.TypeOf(w.t.ScopeKind), DBType: w.t.ScopeType},
			value: func(int) any { return w.scope },
		})
	}
	return columns
}

func (w *writer) hashColumn() writtenColumn {
	return writtenColumn{
		name:  store.Quote(w.t.Hash),
		kind:  SourceColumn{Name: w.t.Hash, Type: backend.TypeInt, DBType: "bigint"},
		value: func(row int) any { return w.page[row].Hash },
	}
}

func (w *writer) idColumn() writtenColumn {
	c := w.column(w.t.ID)
	c.value = func(row int) any { return w.page[row].ID.Value() }
	return c
}

// column is one of the written columns.
func (w *writer) column(name string) writtenColumn {
	for _, c := range w.written(false) {
		if c.name == store.Quote(name) {
			return c
		}
	}
	panic("synced: a table without its column " + name) // New has checked it
}

// inBatches calls run with as many rows at a time as a statement may carry.
func (w *writer) inBatches(which []int, columns []writtenColumn, run func(names []string, rows squirrel.Sqlizer) error) error {
	names := make([]string, len(columns))
	kinds := make([]SourceColumn, len(columns))
	for n, c := range columns {
		names[n], kinds[n] = c.name, c.kind
	}
	most := w.D.SourceRows(len(columns))
	for len(which) > 0 {
		batch := which[:min(most, len(which))]
		which = which[len(batch):]
		rows := make([][]any, len(batch))
		for r, i := range batch {
			rows[r] = make([]any, len(columns))
			for n, c := range columns {
				v, err := backend.Plain(c.value(i))
				if err != nil {
					return err
				}
				rows[r][n] = v
			}
		}
		if err := run(names, w.D.Source(kinds, rows)); err != nil {
			return err
		}
	}
	return nil
}

// index finds the rows of the page by id.
func (w *writer) index() *idindex.Index {
	return idindex.Of(len(w.page), func(i int) backend.ID { return w.page[i].ID })
}

func alias(n int) string { return "synced_c" + strconv.Itoa(n) }

func aliases(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = alias(i)
	}
	return list
}

func join(list []string) string { return strings.Join(list, ", ") }
