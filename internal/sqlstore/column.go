package sqlstore

import (
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// writtenColumn is a column that a statement writes, and where its value comes
// from.
type writtenColumn struct {
	SourceColumn
	quoted string
	// value returns the value of a row of the page, for [backend.Plain].
	value func(row int) any
}

// managed lists the columns that an update writes: the managed ones and the
// fingerprint. A row never leaves its scope, even if that is an attribute of the
// object.
func (w *writer) managed() []writtenColumn {
	var columns []writtenColumn
	for i, c := range w.t.Columns {
		if c.Managed && c.Name != w.t.Canceled && (w.scope == nil || c.Name != w.t.Scope) {
			columns = append(columns, w.column(i))
		}
	}
	if w.t.Hash != "" {
		columns = append(columns, w.hashColumn())
	}
	return columns
}

// inserted lists the columns that an insert writes: the managed ones, the
// fingerprint and the scope.
func (w *writer) inserted() []writtenColumn {
	columns := w.managed()
	if w.scope != nil {
		columns = append(columns, w.scopeColumn())
	}
	return columns
}

// column returns the table's column i, whose values the new rows have.
func (w *writer) column(i int) writtenColumn {
	c := w.t.Columns[i]
	return writtenColumn{
		SourceColumn: SourceColumn{Name: c.Name, Type: c.Type, DBType: c.DBType, Data: c.Name == w.t.Data},
		quoted:       store.Quote(c.Name),
		value:        func(row int) any { return w.rows[row].Pointers[i] },
	}
}

func (w *writer) idColumn() writtenColumn {
	c := w.column(w.t.Index(w.t.ID))
	c.value = func(row int) any { return w.page[row].ID.Value() }
	return c
}

func (w *writer) versionColumn() writtenColumn { return w.column(w.t.Index(w.t.Version)) }

func (w *writer) hashColumn() writtenColumn {
	return writtenColumn{
		SourceColumn: SourceColumn{Name: w.t.Hash, Type: backend.TypeInt, DBType: "bigint"},
		quoted:       store.Quote(w.t.Hash),
		value:        func(row int) any { return w.page[row].Hash },
	}
}

func (w *writer) scopeColumn() writtenColumn {
	return writtenColumn{
		SourceColumn: SourceColumn{Name: w.t.Scope, Type: backend.TypeOf(w.t.ScopeKind), DBType: w.t.ScopeType},
		quoted:       store.Quote(w.t.Scope),
		value:        func(int) any { return w.scope },
	}
}
