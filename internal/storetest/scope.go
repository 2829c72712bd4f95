package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

var scopeTests = tests{
	"scopes don't touch each other's rows": scopesApart,
	"the whole table is the scope":         unscoped,
	"of text":                              textScope,
	"that the type has no field for":       scopeWithoutField,
	"rows without a remote id":             withoutRemoteID,
}

func scopesApart(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, int64(1), m.Record(1, object(1, "one's"))))
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, int64(2), m.Record(1, object(1, "two's"))))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, int64(1), m.Record(2, object(1, "one's own"))))
	Exec(t, db, "UPDATE rentals SET synced_hash = NULL WHERE account_id = 2")
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, int64(1), m.Record(3, object(1, "one's own"))))
	require.Zero(t, Value[int64](t, db, "SELECT count(*) FROM rentals WHERE account_id = 2 AND synced_hash IS NOT NULL"), "another scope's fingerprint was written")

	byAccount := map[int64]string{}
	for _, r := range m.All(t) {
		byAccount[r.AccountID] = r.Name
	}
	require.Equal(t, map[int64]string{1: "one's own", 2: "two's"}, byAccount)
}

func unscoped(t *testing.T, db backend.Store) {
	m := Create[rental](t, db, Options{})
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, nil, m.Record(1, object(1, "Villa"))))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(2, object(1, "Castle"))))
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(2, object(1, "Castle"))))
	require.Equal(t, "Castle", m.One(t).Name)
}

// tenant has a scope of text.
type tenant struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Tenant   string `db:"tenant"`
	Name     string `json:"name" db:"name"`
}

func textScope(t *testing.T, db backend.Store) {
	m := Create[tenant](t, db, Options{Scope: "tenant", ScopeKind: backend.Text})
	for _, scope := range []string{"a", "A", "o'neil", "7", ""} {
		require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, scope, m.Record(1, tenant{SyncedID: 1, Name: scope})), scope)
		require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, scope, m.Record(2, tenant{SyncedID: 1, Name: scope + "!"})), scope)
	}
	for _, r := range m.All(t) {
		require.Equal(t, r.Tenant+"!", r.Name)
	}
}

func scopeWithoutField(t *testing.T, db backend.Store) {
	type bare struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	m := Create[bare](t, db, Options{Scope: "account_id"})
	m.Write(t, account, m.Record(1, bare{1, "Villa"}))
	require.Equal(t, account, Value[int64](t, db, "SELECT account_id FROM rentals"))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(2, bare{1, "Hut"})))
}

func withoutRemoteID(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	for range 2 {
		Exec(t, db, "INSERT INTO rentals (account_id, name, notes) VALUES (?, 'ours', 'ours')", account)
	}
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	m.Write(t, account, m.Record(2, object(1, "Castle")))
	require.Equal(t, "Castle", m.One(t).Name)
	require.Equal(t, int64(2), Value[int64](t, db, "SELECT count(*) FROM rentals WHERE synced_id IS NULL AND name = 'ours' AND synced_hash IS NULL"))
}
