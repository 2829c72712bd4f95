package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

var rowsTests = tests{
	"a nil destination skips":      nilSkips,
	"a row is scanned twice":       scannedTwice,
	"closed early, and twice":      closedEarly,
	"a mistake is an error":        mistakes,
	"a destination that can't be":  wrongDestination,
	"many are read while one runs": manyReaders,
}

func read(t *testing.T, q store.Querier, sql string) store.Rows {
	t.Helper()
	rows, err := q.Query(t.Context(), squirrel.Expr(sql))
	require.NoError(t, err)
	t.Cleanup(func() { _ = rows.Close() })
	return rows
}

func nilSkips(t *testing.T, db backend.Store) {
	rows := read(t, db, "SELECT 1, 'two', NULL, 4")
	require.True(t, rows.Next())
	var one, four int64
	require.NoError(t, rows.Scan(&one, nil, nil, &four))
	require.Equal(t, []int64{1, 4}, []int64{one, four})
	require.NoError(t, rows.Scan(nil, nil, nil, nil))
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
}

func scannedTwice(t *testing.T, db backend.Store) {
	rows := read(t, db, "SELECT 'one', CAST(1 AS bigint) UNION ALL SELECT 'two', CAST(2 AS bigint)")
	for _, want := range []string{"one", "two"} {
		require.True(t, rows.Next())
		var first, second string
		var number int64
		require.NoError(t, rows.Scan(&first, nil))
		require.NoError(t, rows.Scan(&second, &number))
		require.Equal(t, []string{want, want}, []string{first, second})
		require.Equal(t, want == "two", number == 2)
	}
}

func closedEarly(t *testing.T, db backend.Store) {
	tx := begin(t, db)
	rows, err := tx.Query(t.Context(), squirrel.Expr("SELECT 1 UNION ALL SELECT 2"))
	require.NoError(t, err)
	require.True(t, rows.Next())
	require.NoError(t, rows.Close())
	require.NoError(t, rows.Close())
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
	require.Equal(t, int64(3), Value[int64](t, tx, "SELECT CAST(3 AS bigint)"))
	require.NoError(t, tx.Commit(t.Context()))
}

// mistakes may be told by Query or, as pgx does, by the rows.
func mistakes(t *testing.T, db backend.Store) {
	for _, sql := range []string{"SELEC 1", "SELECT nothing FROM nowhere"} {
		rows, err := db.Query(t.Context(), squirrel.Expr(sql))
		if err == nil {
			require.False(t, rows.Next(), sql)
			err = errors.Join(rows.Err(), rows.Close())
		}
		require.Error(t, err, sql)
	}
}

func wrongDestination(t *testing.T, db backend.Store) {
	rows := read(t, db, "SELECT 'text'")
	require.True(t, rows.Next())
	var at time.Time
	require.Error(t, rows.Scan(&at))
}

func manyReaders(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")))
	var open []store.Rows
	for range 2 {
		rows := read(t, db, "SELECT name FROM rentals")
		require.True(t, rows.Next())
		open = append(open, rows)
	}
	m.Write(t, account, m.Record(1, object(3, "Tent")))
	for _, rows := range open {
		require.True(t, rows.Next(), "a reading was disturbed by a writer")
		require.NoError(t, rows.Close())
	}
}
