package sqlite_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store/sqlite"
)

// rental is the model of these tests.
type rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func TestPaths(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"cache.db", "with space.db", "what?.db", "a#b.db", "100%.db", "%20.db", "a&b=c+d.db", "?mode=memory", "ü.db", "a'b\".db", "a:b", "-x", ";x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, name)
			storetest.Exec(t, open(t, path), "CREATE TABLE here (a bigint)")
			require.FileExists(t, path)
			files, err := os.ReadDir(folder)
			require.NoError(t, err)
			for _, f := range files {
				require.Contains(t, f.Name(), name)
			}
			found, err := open(t, path).Describe(t.Context(), "here")
			require.NoError(t, err)
			require.Len(t, found.Columns, 1)
		})
	}
}

func TestRelativePath(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for _, name := range []string{"cache.db", "./other.db", "a:b.db", "%41.db"} {
		open(t, name)
		require.FileExists(t, filepath.Join(folder, name))
	}
}

func TestPathsThatCannotBeOpened(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	missing := filepath.Join(folder, "no such folder", "cache.db")
	_, err := sqlite.Open(t.Context(), missing, sqlite.Options{})
	require.ErrorContains(t, err, "sqlite: open "+missing+": ")
	require.ErrorContains(t, err, filepath.Dir(missing)+": no such file or directory")
	require.ErrorIs(t, err, os.ErrNotExist)

	_, err = sqlite.Open(t.Context(), folder, sqlite.Options{})
	require.ErrorContains(t, err, "sqlite: open "+folder+": ")
	require.ErrorContains(t, err, "unable to open database file")

	text := filepath.Join(folder, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("this is a text file, longer than the header of a database would be: 16 bytes"), 0o600))
	_, err = sqlite.Open(t.Context(), text, sqlite.Options{})
	require.ErrorContains(t, err, "sqlite: open "+text+": ")
	require.ErrorContains(t, err, "file is not a database")

	for _, path := range []string{"", "file:cache.db?mode=ro"} {
		_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
		require.ErrorContains(t, err, "want :memory: or the path of a file")
	}
}

func TestMemoriesAreSeparate(t *testing.T) {
	t.Parallel()

	one, two := open(t, ":memory:"), open(t, ":memory:")
	storetest.Exec(t, one, "CREATE TABLE here (a bigint)")
	found, err := two.Describe(t.Context(), "here")
	require.NoError(t, err)
	require.Empty(t, found.Columns)
	require.NoFileExists(t, ":memory:")
}

// A database in memory lasts as long as its store, whatever happens to the
// connections.
func TestMemoryOutlivesCanceledWork(t *testing.T) {
	t.Parallel()

	db := open(t, ":memory:")
	m := storetest.Create[rental](t, db, storetest.Options{})
	m.Write(t, nil, m.Record(1, rental{1, "Villa"}))
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := db.Begin(ctx)
		require.NoError(t, err)
		cancel()
		_, err = tx.Write(ctx, m.Table, nil, []backend.Record{m.Record(1, rental{2, "Hut"})})
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, tx.Rollback(t.Context()))
	}
	require.Equal(t, rental{1, "Villa"}, m.One(t))
}

func TestPragmas(t *testing.T) {
	t.Parallel()

	db := open(t, testdb.SQLite(t))
	tx := begin(t, db)
	for _, q := range []backend.Querier{db, tx} {
		require.Equal(t, "wal", storetest.Value[string](t, q, "PRAGMA journal_mode"))
		require.Equal(t, int64(1), storetest.Value[int64](t, q, "PRAGMA foreign_keys"))
		require.Equal(t, int64(1), storetest.Value[int64](t, q, "PRAGMA synchronous"))
		require.Equal(t, int64(4000), storetest.Value[int64](t, q, "PRAGMA wal_autocheckpoint"))
		require.Equal(t, int64(10_000), storetest.Value[int64](t, q, "PRAGMA busy_timeout"))
	}
}

func begin(t testing.TB, db backend.Store) backend.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func TestClosedStore(t *testing.T) {
	t.Parallel()

	db, err := sqlite.Open(t.Context(), testdb.SQLite(t), sqlite.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.NoError(t, db.Close())
	_, err = db.Backend().Begin(t.Context())
	require.Error(t, err)
	_, err = db.Backend().Describe(t.Context(), "rentals")
	require.Error(t, err)
}

// writerVariable makes the test binary another process that writes.
const writerVariable = "SYNCED_SQLITE_WRITER"

func TestTwoProcesses(t *testing.T) {
	t.Parallel()

	if path := os.Getenv(writerVariable); path != "" {
		writeRounds(t, open(t, path))
		return
	}
	path := testdb.SQLite(t)
	db := open(t, path)
	storetest.Create[rental](t, db, storetest.Options{})
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTwoProcesses$", "-test.count=1")
	other.Env = append(os.Environ(), writerVariable+"="+path)
	done := make(chan error)
	go func() {
		out, err := other.CombinedOutput()
		if err != nil {
			t.Logf("the other process: %s", out)
		}
		done <- err
	}()
	writeRounds(t, db)
	require.NoError(t, <-done)
	require.Equal(t, int64(100), storetest.Value[int64](t, db, "SELECT count(*) FROM rentals"))
}

// writeRounds writes the same rows as another process does at the time.
func writeRounds(t *testing.T, db backend.Store) {
	m := storetest.Create[rental](t, db, storetest.Options{})
	for round := range int64(20) {
		var page []backend.Record
		for id := range 5 * (round + 1) {
			page = append(page, m.Record(round, rental{id, "x"}))
		}
		m.Write(t, nil, page...)
	}
}
