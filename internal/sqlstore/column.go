package sqlstore

import (
	"slices"
	"strings"
	"time"

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

// columns makes the columns of statements that write rows of a table.
type columns struct {
	t       *backend.Table
	scope   any
	records []backend.Record
	rows    []backend.Row // by record, as it should be stored; made when first needed
	at      time.Time     // of the write

	// What managed and inserted list, made once: a page asks for it up to four times, and
	// the lists were a sixth of all that the first sync of pages of one record allocated.
	updates, inserts []writtenColumn
}

// managed lists the columns that an update writes: the managed ones and the
// fingerprint. A row never leaves its scope, even if that is an attribute of the
// object.
func (f *columns) managed() []writtenColumn {
	if f.updates != nil {
		return f.updates
	}
	list := make([]writtenColumn, 0, len(f.t.Columns)+1)
	for i, c := range f.t.Columns {
		if c.Managed && c.Name != f.t.Canceled && (f.scope == nil || c.Name != f.t.Scope) {
			list = append(list, f.column(i))
		}
	}
	if f.t.Hash != "" {
		list = append(list, f.ofHash())
	}
	f.updates = slices.Clip(list)
	return f.updates
}

// inserted lists the columns that an insert writes: the managed ones, the fingerprint,
// the scope, and those that say when and that it is not canceled.
func (f *columns) inserted() []writtenColumn {
	if f.inserts != nil {
		return f.inserts
	}
	list := f.managed()
	if f.scope != nil {
		list = append(list, f.ofScope())
	}
	if f.t.Flag {
		list = append(list, constant(f.t.Canceled, backend.TypeBool, "boolean", false))
	}
	list = append(list, f.touched()...)
	if c := f.t.Created; c.Name != "" {
		list = append(list, constant(c.Name, backend.TypeTime, c.Type, f.at))
	}
	f.inserts = slices.Clip(list)
	return f.inserts
}

// touched lists the column for the time of a write, if there is one.
func (f *columns) touched() []writtenColumn {
	if f.t.Touch.Name == "" {
		return nil
	}
	return []writtenColumn{constant(f.t.Touch.Name, backend.TypeTime, f.t.Touch.Type, f.at)}
}

// constant returns a column that gets the same value in each row.
func constant(name string, typ backend.Type, dbType string, v any) writtenColumn {
	return writtenColumn{
		SourceColumn: SourceColumn{Name: name, Type: typ, DBType: dbType},
		quoted:       store.Quote(name),
		value:        func(int) any { return v },
	}
}

// column returns the table's column i, whose values the new rows have.
func (f *columns) column(i int) writtenColumn {
	c := f.t.Columns[i]
	return writtenColumn{
		SourceColumn: SourceColumn{Name: c.Name, Type: c.Type, DBType: c.DBType, Data: c.Name == f.t.Data},
		quoted:       store.Quote(c.Name),
		value:        func(row int) any { return f.rows[row].Pointers[i] },
	}
}

func (f *columns) ofID() writtenColumn {
	c := f.column(f.t.Index(f.t.ID))
	c.value = func(row int) any { return f.t.RemoteID(f.records[row].ID).Value() }
	return c
}

// identity lists the columns that tell rows apart, in a scope.
func (f *columns) identity() []writtenColumn {
	list := []writtenColumn{f.ofID()}
	if f.t.Within != 0 {
		c := f.column(f.t.Index(f.t.Parent))
		c.value = func(row int) any {
			parents, _ := f.t.Apart([]backend.ID{f.records[row].ID})
			return parents[0].Value()
		}
		list = append(list, c)
	}
	return list
}

// identifies reports whether a column is among those that tell rows apart.
func (f *columns) identifies(c writtenColumn) bool {
	return c.Name == f.t.ID || f.t.Within != 0 && c.Name == f.t.Parent
}

// matching is the condition that a row is that of the source, where columns are the
// source's.
func (f *columns) matching(columns []writtenColumn) string {
	var all []string
	for n, c := range columns {
		if f.identifies(c) {
			all = append(all, c.quoted+" = "+source+"."+alias(n))
		}
	}
	return strings.Join(all, " AND ")
}

func (f *columns) ofVersion() writtenColumn { return f.column(f.t.Index(f.t.Version)) }

func (f *columns) ofHash() writtenColumn {
	return writtenColumn{
		SourceColumn: SourceColumn{Name: f.t.Hash, Type: backend.TypeInt, DBType: "bigint"},
		quoted:       store.Quote(f.t.Hash),
		value:        func(row int) any { return &f.records[row].Hash }, // a pointer needs no box
	}
}

func (f *columns) ofScope() writtenColumn {
	return writtenColumn{
		SourceColumn: SourceColumn{Name: f.t.Scope, Type: backend.TypeOf(f.t.ScopeKind), DBType: f.t.ScopeType},
		quoted:       store.Quote(f.t.Scope),
		value:        func(int) any { return f.scope },
	}
}

// given returns what the columns of a row were given.
func (f *columns) given(row int) map[string]any {
	given := map[string]any{}
	for _, c := range f.inserted() {
		v, err := backend.Plain(c.value(row))
		if err != nil {
			v = "a value"
		}
		given[c.Name] = v
	}
	return given
}
