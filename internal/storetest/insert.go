package storetest

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

// insertTests insert enough rows for a store to choose its way for many.
var insertTests = tests{
	"many rows carry what the database filled in": manyCreated,
	"what the database filled in is not read":     unreadRows,
	"several pages in one transaction":            pagesInOne,
	"a conflict among many rows":                  conflictAmongMany,
	"a value that can't be written":               unwritable,
}

// many are rows with ids from one on.
func many(m *Model[rental], from int64) (rows []backend.Record) {
	for id := from; id < from+300; id++ {
		rows = append(rows, m.Record(1, object(id, fmt.Sprint("Villa ", id))))
	}
	return rows
}

func manyCreated(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Table.Key, m.Table.KeyKind = "id", backend.Int
	outcomes := m.Write(t, account, many(m, 1)...)
	for i, r := range m.All(t) {
		require.Equal(t, backend.Created, outcomes[i].Change)
		require.Equal(t, backend.IntID(r.ID), outcomes[i].Key)
		require.Equal(t, r, fresh(t, outcomes[i]))
	}
}

func unreadRows(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Table.Unread = true
	for i, o := range m.Write(t, account, many(m, 1)...) {
		require.Equal(t, backend.Created, o.Change)
		require.Equal(t, fmt.Sprint("Villa ", i+1), fresh(t, o).Name)
	}
	all := m.All(t)
	require.Len(t, all, 300)
	require.Equal(t, account, all[0].AccountID)
	require.Equal(t, object(1, "Villa 1").SyncedData, all[0].SyncedData)
	require.Equal(t, int64(1), *m.hash(t, 300))

	m.Table.Key, m.Table.KeyKind = "id", backend.Int
	outcomes := m.Write(t, account, many(m, 301)...)
	require.Equal(t, backend.IntID(m.All(t)[300].ID), outcomes[0].Key, "the key is asked for all the same")
}

func pagesInOne(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	tx := begin(t, db)
	for from := int64(1); from < 3000; from += 300 {
		_, err := tx.Write(t.Context(), m.Table, account, many(m, from))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Rollback(t.Context()))
	require.Empty(t, m.All(t))
}

// conflictAmongMany finds a row of the service's own in the way of one that is new.
func conflictAmongMany(t *testing.T, db backend.Store) {
	m := unique(t, db)
	rows := many(m, 10)
	rows[200] = m.Record(1, object(210, "Villa"))
	_, err := m.writing(account, rows)(t.Context())
	require.ErrorContains(t, err, "remote id 210 conflicts with another row of rentals: ")
	require.Len(t, m.All(t), 2)
}

// unwritable fails to write a value, in a row in the middle.
func unwritable(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	rows := many(m, 1)
	broken := errors.New("can't be written")
	mapped := rows[200].Map
	rows[200].Mapper = backend.MapFunc(func() (backend.Row, error) {
		row, err := mapped()
		row.Pointers = append([]any(nil), row.Pointers...)
		for i, c := range m.Table.Columns {
			if c.Name == "name" {
				row.Pointers[i] = brokenValue{broken}
			}
		}
		return row, err
	})
	_, err := m.writing(account, rows)(t.Context())
	require.ErrorIs(t, err, broken)
	require.Empty(t, m.All(t))
}

// brokenValue is a value that knows only why it can't be written.
type brokenValue struct{ error }

func (b brokenValue) Value() (driver.Value, error) { return nil, b.error }
