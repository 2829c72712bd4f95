package postgres_test

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
)

// use writes a row, changes it, and undoes a change, through a store.
func use(t *testing.T, db backend.Store) *storetest.Model[rental] {
	t.Helper()
	require.NoError(t, db.Migrate(t.Context()))
	m := storetest.Create[rental](t, db, storetest.Options{})
	require.Equal(t, []backend.Change{backend.Created}, m.Changes(t, nil, m.Record(1, rental{1, "Villa"})))
	require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(2, rental{1, "Castle"})))
	tx := begin(t, db)
	_, err := tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(3, rental{1, "Hut"}), m.Record(1, rental{2, "Tent"})})
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, rental{1, "Castle"}, m.One(t))
	return m
}

func TestStoreOfAConnection(t *testing.T) {
	t.Parallel()

	url := testdb.PostgresURL(t)
	use(t, storeOn(connect(t, url)))
	require.Equal(t, int64(1), storetest.Value[int64](t, storeOn(connect(t, url)), "SELECT count(*) FROM rentals"))
}

func TestStoreOfATransaction(t *testing.T) {
	t.Parallel()

	for _, commit := range []bool{false, true} {
		pool := testdb.Postgres(t)
		outer, err := pool.Begin(t.Context())
		require.NoError(t, err)
		use(t, storeOn(outer))

		var outside int
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&outside))
		require.Zero(t, outside)
		if commit {
			require.NoError(t, outer.Commit(t.Context()))
			require.Equal(t, "Castle", storetest.Value[string](t, storeOn(pool), "SELECT name FROM rentals"))
		} else {
			require.NoError(t, outer.Rollback(t.Context()))
			found, err := storeOn(pool).Describe(t.Context(), "rentals")
			require.NoError(t, err)
			require.Empty(t, found.Columns, "the caller's rollback left something")
		}
	}
}

// An error inside a run leaves the caller's transaction usable.
func TestErrorInATransaction(t *testing.T) {
	t.Parallel()

	outer, err := testdb.Postgres(t).Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, outer.Rollback(t.Context())) }()
	db := storeOn(outer)
	m := use(t, db)
	storetest.Exec(t, db, "CREATE UNIQUE INDEX one_name ON rentals (name)")
	tx := begin(t, db)
	_, err = tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{2, "Castle"})})
	require.ErrorContains(t, err, "one_name")
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, rental{1, "Castle"}, m.One(t))
}

func TestPlansAreCustom(t *testing.T) {
	t.Parallel()

	pool := testdb.Postgres(t)
	mode := func(q backend.Querier) string {
		return storetest.Value[string](t, q, "SELECT current_setting(?)", "plan_cache_mode")
	}
	kept := func(q backend.Querier) (mode string) {
		_, err := store.One(t.Context(), q, backend.Kept{SQL: "SELECT current_setting(?)", Args: []any{"plan_cache_mode"}}, &mode)
		require.NoError(t, err)
		return mode
	}
	for _, db := range []backend.Store{storeOn(pool), storeOn(connect(t, pool.Config().ConnString()))} {
		tx := begin(t, db)
		require.Equal(t, "auto", kept(tx), "the plans of synced's own statements are kept")
		require.Equal(t, "force_custom_plan", mode(tx))
		require.NoError(t, tx.Commit(t.Context()))
		require.Equal(t, "auto", mode(db), "the setting outlived the transaction")
	}

	outer, err := pool.BeginTx(t.Context(), pgx.TxOptions{})
	require.NoError(t, err)
	tx := begin(t, storeOn(outer))
	require.Equal(t, "force_custom_plan", mode(tx))
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, "auto", mode(storeOn(outer)), "the caller's own transaction was changed")
	require.NoError(t, outer.Rollback(t.Context()))
}

// poolWith is a pool of the same database with other settings.
func poolWith(t *testing.T, of *pgxpool.Pool, set func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config := of.Config()
	set(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// otherwise sends statements in another way than by default.
func otherwise(t *testing.T, mode pgx.QueryExecMode) *pgxpool.Pool {
	t.Helper()
	return poolWith(t, testdb.Postgres(t), func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = mode })
}

// Behind a pooler, statements are often not prepared. Values then come as text, and
// parameters have the type that they have here.
func TestWaysToSendStatements(t *testing.T) {
	t.Parallel()

	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			use(t, storeOn(otherwise(t, mode)))
		})
	}
	storetest.Run(t, func(t *testing.T) backend.Store {
		return storeOn(otherwise(t, pgx.QueryExecModeSimpleProtocol))
	},
		"Write", "Insert", "Columns", "ID", "Version", "Look", "Conflict", "Translate", "Rows", "Lock")
}

// Every type of column is written as by default.
func TestTypesWithoutPreparedStatements(t *testing.T) {
	t.Parallel()

	var want []everyType
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		db := storeOn(otherwise(t, mode))
		m := everyTypes(t, db, "text")
		m.Write(t, nil, m.Record(1, everyValue(1)), m.Record(1, everyValue(2)))
		m.Write(t, nil, m.Record(2, everyValue(1)), m.Record(2, everyValue(2)))
		changed := everyValue(1)
		changed.Small = 7
		require.Equal(t, []backend.Change{backend.Updated}, m.Changes(t, nil, m.Record(3, changed)), mode)
		if want == nil {
			want = m.All(t)
		}
		require.Equal(t, want, m.All(t), mode)
	}
}

// mixed is given to the database as bytes or as a string.
type mixed string

func (m mixed) Value() (driver.Value, error) {
	if len(m) < 4 {
		return []byte(m), nil
	}
	return string(m), nil
}

func (m *mixed) Scan(src any) error {
	*m = mixed(fmt.Sprint(src))
	return nil
}

func TestValuesOfSeveralTypesInAColumn(t *testing.T) {
	t.Parallel()

	type thing struct {
		SyncedID int64 `json:"id" db:"synced_id"`
		Name     mixed `json:"name" db:"name"`
	}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		m := storetest.Create[thing](t, storeOn(otherwise(t, mode)), storetest.Options{})
		m.Write(t, nil, m.Record(1, thing{1, "Hut"}), m.Record(1, thing{2, "Castle"}))
		m.Write(t, nil, m.Record(1, thing{3, "Inn"}))
		require.Equal(t, []thing{{1, "Hut"}, {2, "Castle"}, {3, "Inn"}}, m.All(t), mode)
	}
}

func TestErrorsOfAPipelineAreToldOnce(t *testing.T) {
	t.Parallel()

	db := storeOn(testdb.Postgres(t))
	m := storetest.Create[rental](t, db, storetest.Options{})
	m.Look(t, nil, m.Record(1, rental{1, "Villa"})) // the statement is prepared
	storetest.Exec(t, db, "DROP TABLE rentals")
	for range 2 {
		_, err := db.Look(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
		require.Equal(t, 1, strings.Count(err.Error(), "does not exist"), err)
	}
}
