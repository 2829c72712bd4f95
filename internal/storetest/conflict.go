package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var conflictTests = tests{
	"a new row with another unique index":      insertConflict,
	"a changed row with another unique index":  updateConflict,
	"with a row of another scope":              foreignScope,
	"the rest of the database is not affected": afterConflict,
}

// unique adds an index of the service's own.
func unique(t *testing.T, db backend.Store) *Model[rental] {
	m := rentals(t, db)
	Exec(t, db, "CREATE UNIQUE INDEX one_name ON rentals (name)")
	m.Write(t, account, m.Record(1, object(1, "Villa")), m.Record(1, object(2, "Hut")))
	return m
}

func insertConflict(t *testing.T, db backend.Store) {
	m := unique(t, db)
	_, err := m.writing(account, []backend.Record{m.Record(1, object(4, "Tent")), m.Record(1, object(3, "Villa"))})(t.Context())
	require.ErrorContains(t, err, "remote id 3 conflicts with another row of rentals: ")
	require.ErrorContains(t, err, "name") // PostgreSQL names the index, SQLite its columns
}

func updateConflict(t *testing.T, db backend.Store) {
	m := unique(t, db)
	_, err := m.writing(account, []backend.Record{m.Record(2, object(1, "Hut"))})(t.Context())
	require.ErrorContains(t, err, "name")
}

func foreignScope(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	Exec(t, db, "CREATE UNIQUE INDEX one_id ON rentals (synced_id)")
	m.Write(t, int64(1), m.Record(1, object(1, "Villa")))
	_, err := m.writing(int64(2), []backend.Record{m.Record(1, object(1, "Villa"))})(t.Context())
	require.ErrorContains(t, err, "remote id 1 conflicts with another row of rentals")
	require.Equal(t, int64(1), m.One(t).AccountID)
}

func afterConflict(t *testing.T, db backend.Store) {
	m := unique(t, db)
	_, err := m.writing(account, []backend.Record{m.Record(1, object(5, "Tent")), m.Record(1, object(3, "Villa"))})(t.Context())
	require.Error(t, err)
	require.Len(t, m.All(t), 2)
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, account, m.Record(1, object(3, "Castle"))))
}
