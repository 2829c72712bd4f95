package plan

import (
	"reflect"
	"time"

	"github.com/syncedgo/synced/internal/backend"
)

// Shelf makes what a store reads rows from and scans them into, for several rows at once:
// made for each row alone, that was 4 of the 11 allocations of a record of a first sync.
// One goroutine uses it at a time.
type Shelf struct {
	// Rows is for how many rows at once, which then stay in memory together. The rows
	// themselves, which a handler may keep, do not. Defaults to 1.
	Rows int
	// Used is a row that nobody needs any longer, or none: the next one takes its memory.
	Used     backend.Row
	pointers []any
	times    []timeColumn
	docs     []jsonColumn
}

// take returns an empty row, with access to its columns if it was used before.
func (s *Shelf) take(p *Plan) (row reflect.Value, used backend.Row) {
	used, s.Used = s.Used, backend.Row{}
	if used.Value == nil {
		return reflect.New(p.typ), used
	}
	row = reflect.ValueOf(used.Value)
	row.Elem().SetZero()
	return row, used
}

// rowOf gives access to the columns of a row.
func (s *Shelf) rowOf(p *Plan, row reflect.Value) backend.Row {
	if cap(s.pointers)-len(s.pointers) < len(p.fields) {
		s.pointers = make([]any, 0, len(p.fields)*max(1, s.Rows))
	}
	from := len(s.pointers)
	fields := row.Elem()
	for _, f := range p.fields {
		if f.column != "" {
			s.pointers = append(s.pointers, s.pointer(f, fields.FieldByIndex(f.index)))
		}
	}
	return backend.Row{Value: row.Interface(), Pointers: s.pointers[from:len(s.pointers):len(s.pointers)]}
}

// pointer returns what a store reads a field's column from and scans it into.
func (s *Shelf) pointer(f *field, v reflect.Value) any {
	switch {
	case f.class == encoded:
		return put(&s.docs, jsonColumn{v, f.coder, f.notNull}, s.Rows)
	case f.typ == timeType:
		return put(&s.times, timeColumn{at: v.Addr().Interface().(*time.Time)}, s.Rows)
	default:
		return f.pointer(v)
	}
}

// put returns a pointer to a value that is put beside others of its kind.
func put[T any](list *[]T, v T, rows int) *T {
	if len(*list) == cap(*list) {
		*list = make([]T, 0, max(1, rows))
	}
	*list = append(*list, v)
	return &(*list)[len(*list)-1]
}
