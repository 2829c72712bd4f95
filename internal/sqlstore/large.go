package sqlstore

import (
	"fmt"
	"reflect"

	"github.com/syncedgo/synced/internal/backend"
)

// large returns why a row is too large for the database.
func (w *writer) large(i int, row backend.Row) error {
	most := w.dialect.MostOfRow()
	if most == 0 {
		return nil
	}
	size := 0
	for _, p := range row.Pointers {
		size += textSize(p)
	}
	if size <= most {
		return nil
	}
	return &backend.RefusedError{ID: w.records[i].ID, Err: fmt.Errorf("its texts have %d bytes, and a row may have %d", size, most)}
}

// textSize returns how many bytes a text has, as far as that costs nothing.
func textSize(pointer any) int {
	switch x := pointer.(type) {
	case *string:
		return len(*x)
	case **string:
		if *x != nil {
			return len(**x)
		}
	case interface{ Size() int }:
		return x.Size()
	default:
		if v := reflect.ValueOf(pointer); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Slice && v.Elem().Type().Elem().Kind() == reflect.Uint8 {
			return v.Elem().Len()
		}
	}
	return 0
}
