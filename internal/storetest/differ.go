package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// unreadUpdates are updates of rows that nobody wants to see as they were: what happens to
// them is the same.
func unreadUpdates(t *testing.T, db backend.Store) {
	m := Create[rental](t, db, Options{Scope: "account_id"})
	m.Table.Unread = true
	var first []backend.Record
	for id := int64(1); id <= 7; id++ {
		first = append(first, m.Record(1, object(id, "Villa")))
	}
	m.Write(t, account, first...)
	Exec(t, db, "UPDATE rentals SET name = 'edited' WHERE synced_id = 4")
	require.Nil(t, m.hash(t, 4), "the guard")

	named, sized, respelled, other := object(1, "Cabin"), object(2, "Villa"), object(5, "Villa"), object(6, "Villa")
	sized.Size = ptr(int64(70))
	respelled.SyncedData = mapper.Data(`{"name":"Villa","id":5}`)
	other.SyncedData = mapper.Data(`{"id":6,"name":"Villa","about":"sea"}`)
	outcomes := m.Write(t, account,
		m.Record(2, named), m.Record(2, sized), m.Record(2, object(3, "Cabin")), m.Record(1, object(4, "Villa")),
		m.Record(2, respelled), m.Record(2, other), m.Record(1, object(7, "Villa")), m.Record(2, object(8, "Villa")))
	var changes []backend.Change
	for _, o := range outcomes {
		require.NoError(t, o.Err)
		changes = append(changes, o.Change)
	}
	require.Equal(t, []backend.Change{backend.Updated, backend.Updated, backend.Updated, backend.Updated,
		backend.Unchanged, backend.Updated, backend.Unchanged, backend.Created}, changes)
	rows := m.All(t)
	require.Len(t, rows, 8)
	require.Equal(t, "Cabin", rows[0].Name)
	require.Equal(t, "Cabin", fresh(t, outcomes[0]).Name)
	require.Equal(t, ptr(int64(70)), rows[1].Size)
	require.Equal(t, "Cabin", rows[2].Name)
	require.Equal(t, "Villa", rows[3].Name)
	require.JSONEq(t, string(other.SyncedData), string(rows[5].SyncedData))
	for id, want := range []int64{2, 2, 2, 1, 1, 2, 1, 2} {
		require.Equal(t, want, *m.hash(t, id+1), "row %d", id+1)
	}

	m.Table.Unread = false
	outcomes = m.Write(t, account, m.Record(3, object(1, "Hut")))
	require.Equal(t, "Cabin", old(t, outcomes[0]).Name, "somebody wants to see it")
}
