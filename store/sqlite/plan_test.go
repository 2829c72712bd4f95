package sqlite_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
)

// There are two indexes that begin with the scope and the id. Rows are looked for
// by both.
func TestIDsAreFoundByTheIndex(t *testing.T) {
	t.Parallel()

	type rental struct {
		SyncedID  int64  `json:"id" db:"synced_id"`
		AccountID int64  `db:"account_id"`
		Name      string `json:"name" db:"name"`
	}
	db := open(t, testdb.SQLite(t))
	table := storetest.Create[rental](t, db, storetest.Options{Scope: "account_id"}).Table
	ids := []backend.ID{backend.IntID(1), backend.IntID(2)}
	d := db.Dialect().(sqlstore.Dialect)
	for name, q := range map[string]squirrel.Sqlizer{
		"SELECT": d.Lookup(table, 17, ids, []string{"*"}, ""),
		"UPDATE": squirrel.Update("rentals").Set("name", "x").Where(d.Rows(table, 17, ids)),
		"DELETE": squirrel.Delete("rentals").Where(d.Rows(table, 17, ids)),
	} {
		rows, err := db.Query(t.Context(), squirrel.Expr("EXPLAIN QUERY PLAN ?", q))
		require.NoError(t, err)
		var plan, line string
		for rows.Next() {
			require.NoError(t, rows.Scan(nil, nil, nil, &line))
			plan += line + "\n"
		}
		require.NoError(t, rows.Err())
		require.True(t, strings.Contains(plan, "(account_id=? AND synced_id=?)"), "%s: %s", name, plan)
	}
}

// Children are found by the index on their parents, not by that on the scope, which has all
// of them.
func TestChildrenAreFoundByTheIndex(t *testing.T) {
	t.Parallel()

	db := open(t, testdb.SQLite(t))
	storetest.Exec(t, db, "CREATE TABLE rooms (synced_id bigint, account_id bigint, house_id bigint); CREATE UNIQUE INDEX ours ON rooms (account_id, synced_id); CREATE INDEX parents ON rooms (house_id)")
	keyed := db.Dialect().Keyed("rooms", []string{"*"}, "house_id", backend.Int, []backend.ID{backend.IntID(1)}, squirrel.Expr("synced_id IS NOT NULL AND account_id = ?", 17))
	var plan string
	require.NoError(t, store.Each(t.Context(), db, squirrel.Expr("EXPLAIN QUERY PLAN ?", keyed), func(rows store.Rows) error {
		var line string
		err := rows.Scan(nil, nil, nil, &line)
		plan += line + "\n"
		return err
	}))
	require.Contains(t, plan, "USING INDEX parents (house_id=?)")
}
