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
