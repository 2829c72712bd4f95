package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var sizeTests = tests{
	"5,000 rows of 12 columns": func(t *testing.T, db backend.Store) { largePage(t, db, 5000, 12) },
	"800 rows of 60 columns":   func(t *testing.T, db backend.Store) { largePage(t, db, 800, 60) },
	"a megabyte in a column":   megabyte,
}

// wideType is a struct of that many columns: the remote id, and text.
func wideType(columns int) reflect.Type {
	fields := []reflect.StructField{{Name: "SyncedID", Type: reflect.TypeFor[int64](), Tag: `json:"id" db:"synced_id"`}}
	for i := 1; i < columns; i++ {
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("C", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf(`json:"c%d" db:"col%d"`, i, i))})
	}
	return reflect.StructOf(fields)
}

func largePage(t *testing.T, db backend.Store, rows, columns int) {
	table := createTable(t, db, wideType(columns), Options{})
	page := func(hash int64, text string) []backend.Record {
		var list []backend.Record
		for r := range rows {
			row := table.New()
			v := reflect.ValueOf(row.Value).Elem()
			v.Field(0).SetInt(int64(r))
			for c := 1; c < columns; c++ {
				v.Field(c).SetString(fmt.Sprint(text, r, ".", c))
			}
			list = append(list, record(table, hash, row))
		}
		return list
	}
	write := func(page []backend.Record, want backend.Change) {
		t.Helper()
		tx := begin(t, db)
		outcomes, err := tx.Write(t.Context(), table, nil, page)
		require.NoError(t, err)
		require.NoError(t, tx.Commit(t.Context()))
		require.False(t, slices.ContainsFunc(outcomes, func(o backend.Outcome) bool { return o.Change != want }))
	}
	write(page(1, "old "), backend.Created)
	write(page(1, "old "), backend.Unchanged)
	write(page(2, "new "), backend.Updated)
	write(page(3, "new "), backend.Unchanged)
	all := stored(t, db, table)
	require.Len(t, all, rows)
	for r, row := range all {
		require.Equal(t, fmt.Sprint("new ", r, ".", columns-1), reflect.ValueOf(row.Value).Elem().Field(columns-1).String())
	}
	require.Equal(t, int64(rows), Value[int64](t, db, "SELECT count(*) FROM rentals WHERE synced_hash = 3"))
}

func megabyte(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	big := object(1, strings.Repeat("é", 1<<20))
	m.Write(t, account, m.Record(1, big))
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, account, m.Record(2, big)))
	require.Equal(t, big.Name, m.One(t).Name)
}
