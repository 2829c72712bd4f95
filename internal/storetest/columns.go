package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

var columnTests = tests{
	"the service's own keep their defaults":          ownDefaults,
	"the service's own are left alone":               ownUntouched,
	"that the declaration does not know":             unknownColumns,
	"a null where the field cannot hold one differs": nullDiffers,
	"a null where the field can hold one":            nullIsKept,
	"names that are SQL words, and ours":             awkwardNames,
	"the scope's is managed":                         managedScope,
}

// replaced replaces a part of the DDL that must be there.
func replaced(t testing.TB, before, after string) func(string) string {
	return func(ddl string) string {
		require.Contains(t, ddl, before)
		return strings.Replace(ddl, before, after, 1)
	}
}

func ownDefaults(t *testing.T, db backend.Store) {
	o := scoped
	o.DDL = replaced(t, `"notes" text NOT NULL DEFAULT ''`, `"notes" text NOT NULL DEFAULT 'none yet'`)
	m := Create[rental](t, db, o)
	written := object(1, "Villa")
	written.ID, written.Notes = 99, "a run must not write this"

	outcome := m.Write(t, account, m.Record(1, written))[0]
	require.Equal(t, "none yet", m.One(t).Notes)
	require.Equal(t, m.One(t), fresh(t, outcome))
	require.NotEqual(t, int64(99), m.One(t).ID)
}

func ownUntouched(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	m.edit(t, "notes = 'mine'")
	id := m.One(t).ID
	written := object(1, "Castle")
	written.ID, written.Notes, written.AccountID = 99, "a run must not write this", 98

	outcome := m.Write(t, account, m.Record(2, written))[0]
	require.Equal(t, rental{ID: id, SyncedID: 1, AccountID: account, Name: "Castle", Notes: "mine", SyncedData: written.SyncedData}, m.One(t))
	require.Equal(t, m.One(t), fresh(t, outcome))
}

func unknownColumns(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	Exec(t, db, "ALTER TABLE rentals ADD COLUMN stars bigint NOT NULL DEFAULT 3")
	m.Write(t, account, m.Record(1, object(1, "Villa")))
	require.Equal(t, int64(3), Value[int64](t, db, "SELECT stars FROM rentals"))

	m.edit(t, "stars = 5")
	m.Write(t, account, m.Record(2, object(1, "Castle")))
	require.Equal(t, int64(5), Value[int64](t, db, "SELECT stars FROM rentals"))
}

func nullDiffers(t *testing.T, db backend.Store) {
	type strict struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		Name     string    `json:"name" db:"name"`
		Count    int64     `json:"count" db:"count"`
		Open     bool      `json:"open" db:"open"`
		At       time.Time `json:"at" db:"at"`
	}
	for _, o := range []Options{{Table: "hashed"}, {Table: "unhashed", Unhashed: true}} {
		o.DDL = func(ddl string) string { return strings.ReplaceAll(ddl, " NOT NULL,", ",") }
		m := Create[strict](t, db, o)
		row := m.Record(1, strict{SyncedID: 1})
		m.Write(t, nil, row)
		before := m.One(t)
		for _, column := range []string{"name", "count", "open", "at"} {
			m.edit(t, store.Quote(column)+" = NULL")
			require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, row), column)
			require.Equal(t, int64(0), Value[int64](t, db, "SELECT count(*) FROM "+o.Table+" WHERE "+store.Quote(column)+" IS NULL"), column)
			require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(2, strict{SyncedID: 1})), column)
			require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, row), column)
		}
		require.Equal(t, before, m.One(t))
	}
}

func nullIsKept(t *testing.T, db backend.Store) {
	m := rentals(t, db)
	sized := object(1, "Villa")
	sized.Size = ptr(int64(0))
	m.Write(t, account, m.Record(1, sized))
	require.Equal(t, ptr(int64(0)), m.One(t).Size)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(2, object(1, "Villa"))))
	require.Nil(t, m.One(t).Size)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(1, sized)))
	require.Equal(t, ptr(int64(0)), m.One(t).Size)
}

func awkwardNames(t *testing.T, db backend.Store) {
	type awkward struct {
		ID       int64  `db:"id"`
		SyncedID int64  `json:"id" db:"synced_id"`
		Order    string `json:"order" db:"order"`
		Value    string `json:"value" db:"value"`
		C0       string `json:"c0" db:"c0"`
		C1       string `db:"c1"`
		C2       string `json:"c2" db:"c2"`
		Upper    string `json:"upper" db:"UpperCase"`
	}
	for _, name := range []string{"v", "order", "My Rentals", `quo"ted`} {
		m := Create[awkward](t, db, Options{Table: name})
		before := awkward{SyncedID: 1, Order: "a", Value: "b", C0: "c", C2: "d", Upper: "e"}
		m.Write(t, nil, m.Record(1, before))
		after := awkward{SyncedID: 1, Order: "f", Value: "g", C0: "h", C2: "i", Upper: "j"}
		require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(2, after)), name)
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(3, after)), name)
		after.ID = m.One(t).ID
		require.Equal(t, after, m.One(t), name)
		m.edit(t, `"UpperCase" = 'edited'`)
		require.Nil(t, m.hash(t, 1), name)
	}
}

// managedScope is a table whose scope is an attribute of the object as well.
func managedScope(t *testing.T, db backend.Store) {
	type managed struct {
		SyncedID  int64  `json:"id" db:"synced_id"`
		AccountID int64  `json:"account_id" db:"account_id"`
		Name      string `json:"name" db:"name"`
	}
	m := Create[managed](t, db, Options{Scope: "account_id"})
	m.Write(t, account, m.Record(1, managed{1, account, "Villa"}))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, account, m.Record(2, managed{1, account, "Hut"})))
	require.Equal(t, managed{1, account, "Hut"}, m.One(t))
}
