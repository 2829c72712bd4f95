package sqlite_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestTwoHandles(t *testing.T) {
	t.Parallel()

	path := testdb.SQLite(t)
	one, two := open(t, path), open(t, path)
	m := storetest.Create[rental](t, one, storetest.Options{})
	m.Write(t, nil, m.Record(1, rental{1, "Villa"}))
	other := storetest.Create[rental](t, two, storetest.Options{})
	require.Equal(t, []backend.Change{backend.Unchanged}, other.Changes(t, nil, m.Record(1, rental{1, "Villa"})))
	require.Equal(t, []backend.Change{backend.Updated}, other.Changes(t, nil, m.Record(2, rental{1, "Castle"})))
	require.Equal(t, rental{1, "Castle"}, m.One(t))
}

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()

	path := testdb.SQLite(t)
	stores := make([]backend.Store, 8)
	errs := make([]error, len(stores))
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			var db *sqlite.Store
			if db, errs[i] = sqlite.Open(t.Context(), path, sqlite.Options{}); errs[i] == nil {
				stores[i] = db.Backend()
				t.Cleanup(func() { require.NoError(t, db.Close()) })
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	storetest.MigrateAtOnce(t, stores...)
}

// Waiting for the writer of another handle ends with the context, not with the
// busy timeout.
func TestCanceledWaitForAnotherHandle(t *testing.T) {
	t.Parallel()

	path := testdb.SQLite(t)
	one, two := open(t, path), open(t, path)
	tx := begin(t, one)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := two.Begin(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, begin(t, two).Rollback(t.Context()))
}

func TestWriterWaitsForAnotherHandle(t *testing.T) {
	t.Parallel()

	path := testdb.SQLite(t)
	one, two := open(t, path), open(t, path)
	m := storetest.Create[rental](t, one, storetest.Options{})
	try, tries := storetest.Watch(t), storetest.Watch(t)
	free, err := two.Begin(try)
	require.NoError(t, err)
	require.NoError(t, free.Rollback(t.Context()))
	tx := begin(t, one)
	_, err = tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		waiting, err := two.Begin(tries)
		if err == nil {
			_, err = waiting.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(2, rental{1, "Castle"})})
		}
		if err == nil {
			err = waiting.Commit(t.Context())
		}
		done <- err
	}()
	tries.TriedAgain(t, try, done)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-done)
	require.Equal(t, rental{1, "Castle"}, m.One(t))
}

func TestTx(t *testing.T) {
	t.Parallel()

	db := handle(t, ":memory:", sqlite.Options{})
	m := storetest.Create[rental](t, db.Backend(), storetest.Options{})
	tx := begin(t, db.Backend())
	_, err := tx.Write(t.Context(), m.Table, nil, []backend.Record{m.Record(1, rental{1, "Villa"})})
	require.NoError(t, err)
	var name string
	require.NoError(t, sqlite.Tx(tx).QueryRowContext(t.Context(), "SELECT name FROM rentals").Scan(&name))
	require.Equal(t, "Villa", name)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, db.DB().QueryRowContext(t.Context(), "SELECT name FROM rentals").Scan(&name))
	require.Nil(t, sqlite.Tx(nil))
}

// Names of types are the service's own on SQLite; what is in the columns counts.
func TestTablesOfOtherTypes(t *testing.T) {
	t.Parallel()

	type row struct {
		SyncedID string    `json:"id" db:"synced_id"`
		Name     string    `json:"name" db:"name"`
		Price    float64   `json:"price" db:"price"`
		Open     bool      `json:"open" db:"open"`
		At       time.Time `json:"at" db:"at"`
	}
	for i, columns := range []string{
		"synced_id varchar(20) UNIQUE, name varchar(3), price decimal(10,2), open tinyint, at datetime",
		"synced_id UNIQUE, name, price, open, at",
		"synced_id text UNIQUE, name text, price real, open integer, at text",
	} {
		m := storetest.Create[row](t, open(t, testdb.SQLite(t)), storetest.Options{DDL: func(string) string {
			return "CREATE TABLE rentals (" + columns + ", synced_hash bigint)"
		}})
		for _, written := range []row{
			{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", 1.5, true, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)},
			{"2026-01-02T03:04:05Z", "longer than three", 2, false, time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC)},
		} {
			require.NotEqual(t, backend.Unchanged, m.Changes(t, nil, m.Record(1, written))[0], i)
			require.Equal(t, []backend.Change{backend.Unchanged}, m.Changes(t, nil, m.Record(2, written)), i)
			require.Equal(t, written, m.One(t), i)
			storetest.Exec(t, m.DB, "UPDATE rentals SET synced_hash = NULL")
		}
	}
}
