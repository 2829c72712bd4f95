package plan

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// Rows that are made together have their own values each, also beyond the first so many.
func TestShelf(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64    `json:"id" db:"id"`
		Name *string  `json:"name" db:"name"`
		Tags []string `json:"tags" db:"tags"`
	}
	p, err := New(reflect.TypeFor[row](), Options{IDColumn: "id"})
	require.NoError(t, err)
	shelf := &Shelf{Rows: 2}
	var rows []backend.Row
	for _, text := range []string{`{"id":1,"name":"a","tags":["x"]}`, `{"id":2,"tags":["y","z"]}`, `{"id":3,"name":"c","tags":[]}`} {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		made, err := p.MapOn(shelf, o)
		require.NoError(t, err)
		rows = append(rows, made)
	}
	for i, want := range [][]any{{int64(1), "a", `["x"]`}, {int64(2), nil, `["y","z"]`}, {int64(3), "c", `[]`}} {
		require.Len(t, rows[i].Pointers, 3)
		require.Equal(t, 3, cap(rows[i].Pointers), "the next row begins after it")
		for c, pointer := range rows[i].Pointers {
			got, err := backend.Plain(pointer)
			require.NoError(t, err)
			require.Equal(t, want[c], got)
		}
	}
}
