package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

var idTests = tests{
	"integers above 2^53":       bigIDs,
	"text":                      textIDs,
	"UUIDs":                     uuidIDs,
	"any of none, one and many": anyID,
	"any of them, to delete":    anyIDToDelete,
}

// named is a row with an id of some type.
type named[ID any] struct {
	SyncedID ID     `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// roundTrip writes rows with the ids, changes them, and finds each again.
func roundTrip[ID any](t *testing.T, db backend.Store, ids []ID) {
	m := Create[named[ID]](t, db, Options{})
	page := func(hash int64, name string) []backend.Record {
		var rows []backend.Record
		for i, id := range ids {
			rows = append(rows, m.Record(hash, named[ID]{id, fmt.Sprint(name, i)}))
		}
		return rows
	}
	for n, want := range []backend.Change{backend.Created, backend.Updated} {
		written := page(int64(n), fmt.Sprint(n, " of "))
		require.Equal(t, slices.Repeat([]backend.Change{want}, len(ids)), m.Changes(t, nil, written...))
		require.Equal(t, slices.Repeat([]backend.Change{backend.Unchanged}, len(ids)), m.Changes(t, nil, written...))
	}
	m.edit(t, "synced_hash = NULL")
	require.Equal(t, slices.Repeat([]backend.Change{backend.Unchanged}, len(ids)), m.Changes(t, nil, page(5, "1 of ")...))
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM rentals WHERE synced_hash IS NULL"))

	got := map[string]string{}
	for _, r := range m.All(t) {
		got[fmt.Sprint(r.SyncedID)] = r.Name
	}
	want := map[string]string{}
	for i, id := range ids {
		want[fmt.Sprint(id)] = fmt.Sprint("1 of ", i)
	}
	require.Equal(t, want, got)
}

func bigIDs(t *testing.T, db backend.Store) {
	roundTrip(t, db, []int64{1<<53 + 1, 1 << 53, 1<<53 - 1, 1<<63 - 1, -1 << 63, 0, -1, -(1<<53 + 1)})
}

func textIDs(t *testing.T, db backend.Store) {
	roundTrip(t, db, []string{
		"a", "A", " a", "a ", "'", "''", `"`, `\`, `\n`, "\n", "\t", "{a,b}", "NULL", "null", "1", "01", "1.0", "1e3", "ä", "a\u0308", "日本語", "👩‍👩‍👧", "<&>",
		"\u2028", "\u0001", "$1", "?", "??", "%", "x'00'", "true", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", strings.Repeat("x", 2000),
	})
}

func uuidIDs(t *testing.T, db backend.Store) {
	roundTrip(t, db, []uuid.UUID{uuid.New(), uuid.New(), uuid.Nil, uuid.Max})
}

func anyID(t *testing.T, db backend.Store) {
	many := 20_000
	t.Run("Int", func(t *testing.T) {
		countAny(t, db, many, func(i int) int64 { return int64(i) - 5 + 1<<53 })
	})
	t.Run("Text", func(t *testing.T) {
		countAny(t, db, many, func(i int) string { return fmt.Sprintf("o'id \"%d\" é", i) })
	})
	t.Run("UUID", func(t *testing.T) {
		countAny(t, db, many, func(i int) uuid.UUID { return uuid.UUID{0: byte(i), 1: byte(i >> 8), 15: 1} })
	})
}

// countAny asks for 0, 1 and all of the ids, and for ids that there are not.
func countAny[ID any](t *testing.T, db backend.Store, many int, id func(int) ID) {
	m := Create[named[ID]](t, db, Options{Table: "any_" + strings.ToLower(t.Name()[strings.LastIndex(t.Name(), "/")+1:])})
	var page []backend.Record
	for i := range 50 {
		page = append(page, m.Record(1, named[ID]{id(i), "x"}))
	}
	m.Write(t, nil, page...)
	ids := func(from, to int) []backend.ID {
		var list []backend.ID
		for i := from; i < to; i++ {
			list = append(list, m.Record(1, named[ID]{id(i), ""}).ID)
		}
		return list
	}
	for _, c := range []struct{ from, to, want int }{{0, 0, 0}, {3, 4, 1}, {60, 61, 0}, {40, 60, 10}, {0, many, 50}} {
		q := squirrel.Select("count(*)").From(store.Quote(m.Table.Name)).
			Where(db.Dialect().AnyID(store.Quote(m.Table.ID), m.Table.IDKind, ids(c.from, c.to)))
		_, args, err := q.ToSql()
		require.NoError(t, err)
		require.Len(t, args, 1)
		rows, err := db.Query(t.Context(), q)
		require.NoError(t, err)
		require.True(t, rows.Next())
		var n int
		require.NoError(t, rows.Scan(&n))
		require.NoError(t, rows.Close())
		require.Equal(t, c.want, n, "%d to %d", c.from, c.to)
	}
}

func anyIDToDelete(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")))
	tx := begin(t, db)
	n, err := tx.Exec(t.Context(), squirrel.Delete("rentals").Where(m.Table.Where(account)).
		Where(db.Dialect().AnyID(store.Quote("synced_id"), backend.Int, []backend.ID{backend.IntID(2), backend.IntID(3)})))
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, int64(1), m.One(t).SyncedID)
}
