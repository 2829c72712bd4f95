package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var sameTests = tests{
	"rows as given, in any order":     sameRows,
	"rows of another scope, and none": sameElsewhere,
	"canceled rows are not":           sameCanceled,
	"nulls and zeros are not":         sameNulls,
	"text ids":                        sameTexts,
	"a context that has ended":        sameEnded,
	"columns that nothing fills":      sameOwnColumns,
}

func sameRows(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Record(1, version(3, 1)), m.Record(1, version(1, 1)), m.Record(1, version(2, 1)))
	require.Equal(t, []bool{true, false, true, false},
		m.Same(t, account, m.Record(0, version(1, 1)), m.Record(0, version(2, 2)), m.Record(0, version(3, 1)), m.Record(0, version(4, 1))))
	require.Empty(t, m.Same(t, account))
}

func sameElsewhere(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Record(1, version(1, 1)))
	require.Equal(t, []bool{false}, m.Same(t, account+1, m.Record(0, version(1, 1))))
	require.Equal(t, []bool{true}, m.Same(t, nil, m.Record(0, version(1, 1))), "in the whole table")
}

func sameCanceled(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(1, version(1, 1)), m.Record(1, version(2, 1)))
	Exec(t, db, "UPDATE editions SET canceled_at = ? WHERE synced_id = 2", sometime)
	require.Equal(t, []bool{true, false}, m.Same(t, account, m.Record(0, version(1, 1)), m.Record(0, version(2, 1))))
}

func sameNulls(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	m.Write(t, account, m.Record(1, edition{SyncedID: 1}), m.Record(1, edition{SyncedID: 2, UpdatedAt: ptr(sometime)}))
	require.Equal(t, []bool{true, true}, m.Same(t, account, m.Record(0, edition{SyncedID: 1}), m.Record(0, edition{SyncedID: 2, UpdatedAt: ptr(sometime)})))
	require.Equal(t, []bool{false, false}, m.Same(t, account, m.Record(0, edition{SyncedID: 1, UpdatedAt: ptr(sometime)}), m.Record(0, edition{SyncedID: 2})))
}

func sameTexts(t *testing.T, db backend.Store) {
	type place struct {
		SyncedID string `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	m := Create[place](t, db, Options{Table: "places"})
	m.Write(t, nil, m.Record(1, place{"b", "B"}), m.Record(1, place{"7", "seven"}))
	require.Equal(t, []bool{true, true, false}, m.Same(t, nil, m.Record(0, place{"7", "seven"}), m.Record(0, place{"b", "B"}), m.Record(0, place{"a", "B"})))
}

func sameEnded(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, Options{Table: "editions", Scope: "account_id"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	row, err := m.Record(0, version(1, 1)).Map()
	require.NoError(t, err)
	_, err = db.Same(ctx, m.Table, account, []backend.ID{backend.IntID(1)}, []backend.Row{row})
	require.ErrorIs(t, err, context.Canceled)
}

// sameOwnColumns: what no attribute fills is not compared.
func sameOwnColumns(t *testing.T, db backend.Store) {
	m := Create[edition](t, db, versioned)
	m.Write(t, account, m.Record(1, version(1, 1)))
	Exec(t, db, "UPDATE editions SET notes = 'ours'")
	require.Equal(t, []bool{true}, m.Same(t, account, m.Record(0, version(1, 1))))
}
