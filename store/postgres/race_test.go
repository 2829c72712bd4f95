package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
)

// between is a row on whose mapping, so between the look at the table and the
// write, something else happens in the database.
func between(row backend.Record, happens func()) backend.Record {
	mapped := row.Map
	row.Mapper = backend.MapFunc(func() (backend.Row, error) {
		happens()
		return mapped()
	})
	return row
}

func TestRowsThatComeAndGo(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		before, between string
		want            backend.Change
	}{
		"the same is inserted":       {"", "INSERT INTO rentals (synced_id, name) VALUES (1, 'Villa')", backend.Unchanged},
		"another is inserted":        {"", "INSERT INTO rentals (synced_id, name) VALUES (1, 'Hut')", backend.Updated},
		"it is deleted":              {"INSERT INTO rentals (synced_id, name) VALUES (1, 'Hut')", "DELETE FROM rentals", backend.Created},
		"it is edited":               {"INSERT INTO rentals (synced_id, name) VALUES (1, 'Hut')", "UPDATE rentals SET name = 'Tent'", backend.Updated},
		"the unchanged is deleted":   {"INSERT INTO rentals (synced_id, name) VALUES (1, 'Villa')", "DELETE FROM rentals", backend.Created},
		"deleted and inserted again": {"INSERT INTO rentals (synced_id, name) VALUES (1, 'Hut')", "WITH d AS (DELETE FROM rentals) SELECT 1; INSERT INTO rentals (synced_id, name) VALUES (1, 'Tent')", backend.Updated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			m := storetest.Create[rental](t, db, storetest.Options{})
			if c.before != "" {
				storetest.Exec(t, db, c.before)
			}
			row := between(m.Record(1, rental{1, "Villa"}), func() { storetest.Exec(t, db, c.between) })
			require.Equal(t, []backend.Change{c.want}, m.Changes(t, nil, row))
			require.Equal(t, rental{1, "Villa"}, m.One(t))
		})
	}
}

// A newer version that is written between the look at the table and the write of
// an older one stays, whichever way that one goes.
func TestNewerVersionsThatComeBetween(t *testing.T) {
	t.Parallel()

	for name, before := range map[string]string{
		"insert":  "",
		"update":  "INSERT INTO rentals (synced_id, name, rev) VALUES (1, 'old', 1)",
		"restore": "INSERT INTO rentals (synced_id, name, rev, canceled_at) VALUES (1, 'old', 2, now())",
		"refresh": "INSERT INTO rentals (synced_id, name, rev) VALUES (1, 'Villa', 2)",
	} {
		for what, change := range map[string]backend.Change{"newer": backend.Older, "equal": backend.Updated} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				type edition struct {
					SyncedID int64  `json:"id" db:"synced_id"`
					Name     string `json:"name" db:"name"`
					Rev      int64  `json:"rev" db:"rev"`
				}
				db := storeOn(testdb.Postgres(t))
				m := storetest.Create[edition](t, db, storetest.Options{Canceled: "canceled_at", Version: "rev"})
				if before != "" {
					storetest.Exec(t, db, before)
				}
				rev := int64(3)
				if what == "equal" {
					rev = 2
				}
				row := between(m.Record(2, edition{1, "Villa", 2}), func() {
					storetest.Exec(t, db, "INSERT INTO rentals (synced_id, name, rev, synced_hash) VALUES (1, 'between', ?, 77) ON CONFLICT (synced_id) DO UPDATE SET name = excluded.name, rev = excluded.rev, canceled_at = NULL, synced_hash = 77", rev)
				})
				require.Equal(t, []backend.Change{change}, m.Changes(t, nil, row))
				hash := storetest.Value[int64](t, db, "SELECT synced_hash FROM rentals")
				if what == "newer" {
					require.Equal(t, edition{1, "between", 3}, m.One(t))
					require.Equal(t, int64(77), hash)
				} else {
					require.Equal(t, edition{1, "Villa", 2}, m.One(t))
					require.Equal(t, int64(2), hash)
				}
			})
		}
	}
}

// Two that write the same rows in opposite orders, at the same moment, do not wait
// for each other.
func TestNoDeadlock(t *testing.T) {
	t.Parallel()

	for name, rounds := range map[string]int64{"new rows": 1, "changed rows": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			m := storetest.Create[rental](t, db, storetest.Options{})
			page := func(hash int64) (rows []backend.Record) {
				for id := range int64(5000) {
					rows = append(rows, m.Record(hash, rental{id, fmt.Sprint(hash)}))
				}
				return rows
			}
			if rounds == 2 {
				m.Write(t, nil, page(1)...)
			}
			var mapped, done sync.WaitGroup
			errs := make([]error, 2)
			mapped.Add(len(errs))
			for i := range errs {
				rows := page(int64(i + 2))
				rows[0] = between(rows[0], func() { mapped.Done(); mapped.Wait() })
				if i == 1 {
					slices.Reverse(rows)
				}
				done.Go(func() {
					tx, err := db.Begin(t.Context())
					if err == nil {
						_, err = tx.Write(t.Context(), m.Table, nil, rows)
					}
					if err == nil {
						err = tx.Commit(t.Context())
					}
					errs[i] = errors.Join(err, tx.Rollback(t.Context()))
				})
			}
			done.Wait()
			require.NoError(t, errors.Join(errs...))
			require.Len(t, m.All(t), 5000)
		})
	}
}

// A scope that the table's statistics do not know is not read from end to end.
func TestLookupUsesTheIndex(t *testing.T) {
	t.Parallel()

	db := storeOn(testdb.Postgres(t))
	m := storetest.Create[rental](t, db, storetest.Options{Scope: "account_id"})
	storetest.Exec(t, db, "INSERT INTO rentals (account_id, synced_id, name) SELECT 7, n, 'x' FROM generate_series(1, 5000) AS n")
	var ids []backend.ID
	for i := range int64(500) {
		ids = append(ids, backend.IntID(4900+i))
	}
	explain := squirrel.Expr("EXPLAIN (ANALYZE, TIMING OFF) ?", db.Dialect().(sqlstore.Dialect).Lookup(m.Table, int64(7), ids, []string{"name"}, ""))
	rows, err := begin(t, db).Query(t.Context(), explain)
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan.String(), "Index Cond: ((account_id = $0) AND (synced_id IS NOT NULL) AND (synced_id >= synced_ids.synced_any) AND (synced_id <= synced_ids.synced_any))")
	require.NotContains(t, plan.String(), "Rows Removed by Filter")
}
