package postgres_test

import (
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/postgres"
)

// A scope that is new to the statistics has many rows, and there is an index on
// the scope alone, as there often is. The rows of a page are found by their ids,
// and not by reading the scope.
func TestScopeThatStatisticsDoNotKnow(t *testing.T) {
	t.Parallel()

	type unit struct {
		SyncedID  int64  `json:"id" db:"synced_id"`
		AccountID int64  `db:"account_id"`
		Name      string `json:"name" db:"name"`
	}
	for name, c := range map[string]struct {
		step         int64
		scopes, rows int // that the statistics know
		read         int64
	}{
		"ids close to each other": {1, 10, 100, 2_000},
		"ids far apart":           {100, 10, 100, 2_000},
		// The rows that changed are joined with the scope, and those of which only the
		// fingerprint did: each once.
		"many rows":                          {100, 10, 1500, 42_000},
		"many scopes":                        {100, 4000, 3, 42_000},
		"a row of each scope":                {100, 12_000, 1, 42_000},
		"a row of each, close to each other": {1, 12_000, 1, 42_000},
		"few of each, close to each other":   {1, 4000, 3, 42_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			m := storetest.Create[unit](t, db, storetest.Options{Scope: "account_id"})
			storetest.Exec(t, db, "CREATE INDEX ON rentals (account_id)")
			fill := "INSERT INTO rentals (account_id, synced_id, name, synced_hash) SELECT s, g * ?::bigint, 'Villa', 1" +
				" FROM generate_series(1, ?::bigint) g, generate_series(?::bigint, ?::bigint) s"
			storetest.Exec(t, db, fill, c.step, c.rows, 1000, 999+c.scopes)
			storetest.Exec(t, db, "ANALYZE rentals")
			storetest.Exec(t, db, fill, c.step, 20_000, 17, 17)

			var rows []backend.Record
			for i := range int64(100) {
				u := unit{SyncedID: (9_000 + i) * c.step, Name: "Villa"}
				if i%2 == 0 {
					u.Name = "Castle"
				}
				rows = append(rows, m.Record(2, u))
			}
			tx := begin(t, db)
			const fetched = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'rentals'"
			outcomes, err := tx.Write(t.Context(), m.Table, int64(17), rows)
			require.NoError(t, err)
			require.Equal(t, backend.Updated, outcomes[0].Change)
			require.Equal(t, backend.Unchanged, outcomes[1].Change)
			var n int64
			require.NoError(t, postgres.Tx(tx).QueryRow(t.Context(), fetched).Scan(&n))
			require.Less(t, n, c.read, "rows read to write 100 of 20,000")
			require.NoError(t, tx.Commit(t.Context()))
		})
	}
}

// A table that has no statistics yet, as that of a first run, is not read from end to end
// for the children of a page.
func TestChildrenThatStatisticsDoNotKnow(t *testing.T) {
	t.Parallel()

	db := storeOn(testdb.Postgres(t))
	storetest.Exec(t, db, "CREATE TABLE rooms (synced_id bigint, account_id bigint, house_id bigint); CREATE UNIQUE INDEX ON rooms (account_id, synced_id); CREATE INDEX ON rooms (house_id)")
	storetest.Exec(t, db, "INSERT INTO rooms SELECT g, 17, g / 4 FROM generate_series(0, 39999) g")
	keys := make([]backend.ID, 500)
	for i := range keys {
		keys[i] = backend.IntID(int64(9_000 + i))
	}
	tx := begin(t, db)
	where := squirrel.Expr("synced_id IS NOT NULL AND account_id = ?", 17)
	ids, err := rows.IDs(t.Context(), tx, db.Dialect().Keyed("rooms", []string{"synced_id"}, "house_id", backend.Int, keys, where), backend.Int)
	require.NoError(t, err)
	require.Len(t, ids, 2000)
	var n int64
	require.NoError(t, postgres.Tx(tx).QueryRow(t.Context(), "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'rooms'").Scan(&n))
	require.LessOrEqual(t, n, int64(2_000), "rows read")
	require.NoError(t, tx.Commit(t.Context()))
}

// A plan that was made while the table was small would read all of it when it has
// grown. Pools keep connections, and those their plans.
func TestLooksAreNotPlannedOnce(t *testing.T) {
	t.Parallel()

	one := poolWith(t, testdb.Postgres(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	db := storeOn(one)
	m := storetest.Create[rental](t, db, storetest.Options{})
	var page []backend.Record
	for id := range int64(10) {
		page = append(page, m.Record(1, rental{id, "Villa"}))
	}
	for range 10 {
		m.Look(t, nil, page...)
		m.Same(t, nil, page...)
	}
	rows, err := one.Query(t.Context(), "SELECT statement, custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%\"synced_id\" >= $%' AND statement NOT LIKE '%pg_prepared%'")
	require.NoError(t, err)
	defer rows.Close()
	found := 0
	for ; rows.Next(); found++ {
		var statement string
		var custom, generic int64
		require.NoError(t, rows.Scan(&statement, &custom, &generic))
		require.Equal(t, []int64{10, 0}, []int64{custom, generic}, statement)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, 2, found)
	require.Equal(t, "auto", storetest.Value[string](t, db, "SELECT current_setting('plan_cache_mode')"), "for later statements of the service's")
}
