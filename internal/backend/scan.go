package backend

import (
	"database/sql"
	"reflect"
	"slices"

	"github.com/syncedgo/synced/store"
)

// Selected returns the select list of a table: the remote id, then its columns.
func (t *Table) Selected() []string {
	list := []string{Select(t.SelectID(), readID(t.IDKind))}
	for _, c := range t.Columns {
		list = append(list, Select(store.Quote(c.Name), c.Read))
	}
	return list
}

// readID returns how ids of a kind are read.
func readID(kind Kind) Reading {
	if kind == UUID {
		return AsText
	}
	return AsIs
}

// Select returns what reads a column.
func Select(column string, as Reading) string {
	switch as {
	case AsText:
		// With another name, ORDER BY means the column itself.
		return "CAST(" + column + " AS text) AS synced_text"
	case AsJSON:
		return "CAST(to_json(" + column + ") AS text) AS synced_text"
	case AsSeconds:
		return "CAST(EXTRACT(epoch FROM " + column + ") AS text) AS synced_text"
	default:
		return column
	}
}

// Scan reads a row selected by [Table.Selected], with more destinations for what
// was selected after it. Those that can't be read stay as they are.
func (t *Table) Scan(rows store.Rows, more ...any) (id ID, row Row, misfits Misfits, err error) {
	row = t.New()
	idDest := t.NewID()
	dest := make([]any, 0, len(t.Columns)+1+len(more))
	dest = append(dest, idDest)
	via := nullable(t, row, nil)
	dest = append(dest, via.dest...)
	held, err := scanEach(rows, append(dest, more...))
	if err != nil {
		return ID{}, Row{}, nil, err
	}
	id = IDOf(idDest)
	if text, odd := held[0]; odd {
		id = TextID(text)
	}
	return id, row, via.settle(held, 1), nil
}

// Own returns the select list of the remote id and the columns that a run does not
// write.
func (t *Table) Own() []string {
	selected := t.Selected()
	list := selected[:1]
	for i, c := range t.Columns {
		if !c.Managed {
			list = append(list, selected[i+1])
		}
	}
	return list
}

// ScanOwn reads a row selected by [Table.Own] into the row of its id.
func (t *Table) ScanOwn(rows store.Rows, row func(ID) (Row, error)) (ID, error) {
	var own []int
	for i, c := range t.Columns {
		if !c.Managed {
			own = append(own, i)
		}
	}
	id := t.NewID()
	return scanOf(t, rows, id, own, func() (ID, Row, error) {
		into, err := row(IDOf(id))
		return IDOf(id), into, err
	})
}

// ScanID reads a row of which only the remote id was selected, as [Table.ScanOwn] does.
func (t *Table) ScanID(rows store.Rows, row func(ID) (Row, error)) (ID, error) {
	dest := t.NewID()
	if err := rows.Scan(dest); err != nil {
		return ID{}, err
	}
	id := IDOf(dest)
	_, err := row(id)
	return id, err
}

// ScanOf reads the number of a row, and some of its columns into it.
func (t *Table) ScanOf(rows store.Rows, columns []int, row func(n int64) Row) (int64, error) {
	var n int64
	return scanOf(t, rows, &n, columns, func() (int64, Row, error) { return n, row(n), nil })
}

// scanOf reads what tells a row, and then the columns into the row that it tells.
func scanOf[K any](t *Table, rows store.Rows, key any, columns []int, told func() (K, Row, error)) (K, error) {
	var none K
	dest := make([]any, len(columns)+1)
	dest[0] = key
	if err := rows.Scan(dest...); err != nil {
		return none, err
	}
	k, row, err := told()
	if err != nil {
		return none, err
	}
	via := nullable(t, row, columns)
	for n, i := range columns {
		dest[n+1] = via.dest[i]
	}
	held, err := scanEach(rows, dest)
	if err != nil {
		return none, err
	}
	at := make(map[int]string, len(held))
	for n, text := range held {
		at[columns[n-1]] = text
	}
	via.settle(at, 0)
	return k, nil
}

// NewID makes a destination to scan a remote id into, for [IDOf].
func (t *Table) NewID() any { return NewID(t.IDKind) }

// ParseID reads a remote id of the table as [ID.String] writes it.
func (t *Table) ParseID(text string) (ID, error) { return ParseID(t.IDKind, text) }

// NewID makes a destination to scan an id of a kind into, for [IDOf].
func NewID(k Kind) any {
	if k == Int {
		return new(int64)
	}
	return new(string)
}

// IDOf returns the id in a destination made by [NewID].
func IDOf(dest any) ID {
	if n, ok := dest.(*int64); ok {
		return IntID(*n)
	}
	return TextID(*dest.(*string))
}

// nullableDest scans columns whose fields cannot hold a null through pointers
// that can.
type nullableDest struct {
	row  Row
	dest []any
	via  []reflect.Value // by column; a pointer to a pointer, or invalid
}

// nullable returns where to scan columns of a row, all of them where none are given.
func nullable(t *Table, row Row, columns []int) nullableDest {
	n := nullableDest{row: row, dest: make([]any, len(row.Pointers)), via: make([]reflect.Value, len(row.Pointers))}
	for i, p := range row.Pointers {
		if columns != nil && !slices.Contains(columns, i) {
			continue
		}
		n.dest[i] = p
		if _, scanner := p.(sql.Scanner); scanner || !t.Columns[i].NotNull {
			continue
		}
		n.via[i] = reflect.New(reflect.TypeOf(p))
		n.dest[i] = n.via[i].Interface()
	}
	return n
}

// settle moves what was scanned to the fields, and returns what does not fit them.
// Held is what could not be scanned, by column and some places before the first.
func (n nullableDest) settle(held map[int]string, before int) Misfits {
	var misfits Misfits
	misfit := func(i int, holds any) {
		if misfits == nil {
			misfits = Misfits{}
		}
		misfits[i] = holds
	}
	for i, via := range n.via {
		if text, odd := held[i+before]; odd {
			misfit(i, text)
			continue
		}
		switch {
		case !via.IsValid():
			if p, ok := n.row.Pointers[i].(interface{ WasNull() bool }); ok && p.WasNull() {
				misfit(i, nil)
			}
		case via.Elem().IsNil():
			misfit(i, nil)
		default:
			reflect.ValueOf(n.row.Pointers[i]).Elem().Set(via.Elem().Elem())
		}
	}
	return misfits
}
