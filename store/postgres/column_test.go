package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/mapper"
)

// table makes a table of the service's own design. Its columns follow the remote
// id's, of which type is the type.
func table[T any](t *testing.T, idType, columns string) *storetest.Model[T] {
	t.Helper()
	db := storeOn(testdb.Postgres(t))
	storetest.Exec(t, db, "CREATE TYPE mood AS ENUM ('sad', 'glad')")
	return storetest.Create[T](t, db, storetest.Options{DDL: func(string) string {
		return "CREATE TABLE rentals (id bigserial PRIMARY KEY, synced_id " + idType + " UNIQUE, " + columns + ", synced_hash bigint)"
	}})
}

func TestJSONB(t *testing.T) {
	t.Parallel()

	type row struct {
		SyncedID int64           `json:"id" db:"synced_id"`
		Tags     []string        `json:"tags" db:"tags"`
		Raw      json.RawMessage `json:"raw" db:"raw"`
		Data     mapper.Data     `db:"data"`
	}
	m := table[row](t, "bigint", "tags jsonb, raw jsonb, data jsonb")
	written := row{1, []string{"b", "a"}, json.RawMessage(`{"z":1.50,"a":[1,2]}`), mapper.Data(`{"id": 1, "n": 12345678901234567890.5, "a": "é"}`)}
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, nil, m.Record(1, written)))
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(2, written)))
	read := m.One(t)
	require.Equal(t, written.Tags, read.Tags)
	require.True(t, plan.SameJSON(written.Data, read.Data), read.Data)
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(3, row{SyncedID: 1, Data: mapper.Data(`{"id":1}`)})))
	require.Nil(t, m.One(t).Tags)
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(4, row{SyncedID: 1, Data: mapper.Data(`{"id":1}`)})))
}

func TestGuardOfJSONB(t *testing.T) {
	t.Parallel()

	type row struct {
		SyncedID int64       `json:"id" db:"synced_id"`
		Data     mapper.Data `db:"data"`
	}
	m := table[row](t, "bigint", "data jsonb")
	storetest.Exec(t, m.DB, m.DB.Dialect().Schema(m.Table, backend.AllParts))
	m.Write(t, nil, m.Record(1, row{1, mapper.Data(`{"a":1}`)}))
	storetest.Exec(t, m.DB, `UPDATE rentals SET data = '{ "a" : 1 }'`)
	require.Equal(t, int64(1), storetest.Value[int64](t, m.DB, "SELECT count(*) FROM rentals WHERE synced_hash = 1"))
	storetest.Exec(t, m.DB, `UPDATE rentals SET data = '{"a":2}'`)
	require.Equal(t, int64(1), storetest.Value[int64](t, m.DB, "SELECT count(*) FROM rentals WHERE synced_hash IS NULL"))
}

func TestSchemaQualifiedTable(t *testing.T) {
	t.Parallel()

	db := storeOn(testdb.Postgres(t))
	storetest.Exec(t, db, "CREATE SCHEMA crm")
	storetest.Create[rental](t, db, storetest.Options{})
	m := storetest.Create[rental](t, db, storetest.Options{Table: "crm.rentals", Scope: "account_id"})
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, int64(1), m.Record(1, rental{1, "Villa"})))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, int64(1), m.Record(2, rental{1, "Castle"})))
	storetest.Exec(t, db, "UPDATE crm.rentals SET name = 'edited'")
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, int64(1), m.Record(2, rental{1, "Castle"})), "the guard did not see the edit")
	require.Equal(t, "Castle", m.One(t).Name)
	require.Zero(t, storetest.Value[int64](t, db, "SELECT count(*) FROM public.rentals"))

	found, err := db.Describe(t.Context(), "crm.rentals")
	require.NoError(t, err)
	require.Contains(t, found.Unique, []string{"account_id", "synced_id"})
	require.Equal(t, m.Table.Guard(), found.Guard)
	storetest.Exec(t, db, db.Dialect().Schema(m.Table, backend.AllParts))
}

// texts are fields of text in columns that are not.
type texts struct {
	SyncedID int64   `json:"id" db:"synced_id"`
	Price    *string `json:"price" db:"price"`
	Day      string  `json:"day" db:"day"`
	Mood     string  `json:"mood" db:"mood"`
	Key      *string `json:"key" db:"key"`
}

func TestTextInOtherColumns(t *testing.T) {
	t.Parallel()

	m := table[texts](t, "bigint", "price numeric(20,2), day date, mood mood, key uuid")
	price, other := "12345678901234567.10", "70.5"
	key := "5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f"
	for i, written := range []texts{
		{1, &price, "2026-03-04", "sad", &key}, {1, nil, "0001-01-01", "glad", nil}, {1, &other, "2026-12-31", "sad", &key},
	} {
		require.NotEqual(t, backend.Unchanged, m.Changes(t, nil, m.Record(int64(i), written))[0])
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(int64(i)+10, written)), i)
		read := m.One(t)
		require.Equal(t, []any{written.Day, written.Mood, written.Key}, []any{read.Day, read.Mood, read.Key})
	}
	require.Equal(t, "70.50", *m.One(t).Price)
	for _, bad := range []texts{{Price: &price, Day: "4 March", Mood: "sad"}, {Day: "2026-03-04", Mood: "hungry"}, {Day: "2026-03-04", Mood: "sad", Price: ptr("a lot")}} {
		bad.SyncedID = 2
		_, err := begin(t, m.DB).Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, bad)})
		require.ErrorContains(t, err, "invalid input")
	}
}

func ptr[V any](v V) *V { return &v }

func TestTextTooLong(t *testing.T) {
	t.Parallel()

	for _, typ := range []string{"varchar(5)", "char(5)"} {
		m := table[rental](t, "bigint", "name "+typ+" NOT NULL")
		m.Write(t, nil, m.Record(1, rental{1, "étage"}))
		for _, row := range []backend.Record{m.Record(2, rental{1, "étages"}), m.Record(1, rental{2, "étages"})} {
			_, err := begin(t, m.DB).Write(t.Context(), m.Table, nil, []backend.Record{row})
			require.ErrorContains(t, err, "value too long for type")
		}
		require.Equal(t, "étage", m.One(t).Name)
	}
}

func TestIntegersTooLarge(t *testing.T) {
	t.Parallel()

	type counted struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Count    *int64 `json:"count" db:"count"`
	}
	m := table[counted](t, "integer", "count smallint")
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, nil, m.Record(1, counted{1<<31 - 1, ptr(int64(-1 << 15))})))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(2, counted{1<<31 - 1, nil})))
	_, err := begin(t, m.DB).Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, counted{1, nil}), m.Record(1, counted{1 << 31, nil})})
	require.EqualError(t, err, `column "synced_id" is of type integer, which does not hold 2147483648: make it bigint`)
	_, err = begin(t, m.DB).Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, counted{1, ptr(int64(1 << 15))})})
	require.EqualError(t, err, `column "count" is of type smallint, which does not hold 32768: make it bigint`)
}

func TestTimesInOtherColumns(t *testing.T) {
	t.Parallel()

	type timed struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		Day      time.Time `json:"day" db:"day"`
		Local    time.Time `json:"local" db:"local"`
	}
	m := table[timed](t, "bigint", "day date, local timestamp")
	storetest.Exec(t, m.DB, "ALTER DATABASE "+storetest.Value[string](t, m.DB, "SELECT current_database()")+" SET timezone = 'Asia/Tokyo'")
	at := time.Date(2026, 3, 4, 23, 30, 0, 0, time.UTC)
	m.Write(t, nil, m.Record(1, timed{1, at, at}))
	require.Equal(t, timed{1, at.Truncate(24 * time.Hour), at}, m.One(t))
	require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(2, timed{1, at, at})))
}

func TestScopeOfOtherTypes(t *testing.T) {
	t.Parallel()

	for typ, c := range map[string]struct {
		kind   backend.Kind
		scopes []any
	}{
		"integer":     {backend.Int, []any{int64(1), int64(2)}},
		"uuid":        {backend.UUID, []any{"5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f", "00000000-0000-0000-0000-000000000000"}},
		"varchar(20)": {backend.Text, []any{"a", "b"}},
		"mood":        {backend.Text, []any{"sad", "glad"}},
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			storetest.Exec(t, db, "CREATE TYPE mood AS ENUM ('sad', 'glad')")
			m := storetest.Create[rental](t, db, storetest.Options{Scope: "scope", ScopeKind: c.kind, DDL: func(string) string {
				return "CREATE TABLE rentals (scope " + typ + " NOT NULL, synced_id bigint, name text NOT NULL, synced_hash bigint, UNIQUE (scope, synced_id))"
			}})
			for _, scope := range c.scopes {
				require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, scope, m.Record(1, rental{1, "Villa"})))
				require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, scope, m.Record(2, rental{1, "Castle"})))
				require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, scope, m.Record(2, rental{1, "Castle"})))
			}
		})
	}
}

// Text ids are kept in columns of other types of text, and read back as they are.
func TestIDsOfOtherTypes(t *testing.T) {
	t.Parallel()

	type named struct {
		SyncedID string `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	for typ, id := range map[string]string{"varchar(40)": "a 'b'", "uuid": "5f1b2f3e-7d55-4f5c-9a3f-0e5b7c1d2e3f", "text COLLATE \"C\"": "é"} {
		m := table[named](t, typ, "name text NOT NULL")
		require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, nil, m.Record(1, named{id, "Villa"})), typ)
		require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(2, named{id, "Castle"})), typ)
		require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(3, named{id, "Castle"})), typ)
		require.Equal(t, named{id, "Castle"}, m.One(t), typ)
	}
}
