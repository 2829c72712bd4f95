package ncruces_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/memdb"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/drivers"
	"github.com/syncedgo/synced/store/sqlite"
)

// The driver of the store's own library may have the file open, in any journal mode
// and in any order.
func TestNcruces(t *testing.T) {
	require.Equal(t, []string{"sqlite3"}, sql.Drivers())
	for _, query := range []string{"", "?_pragma=journal_mode(wal)"} {
		path := filepath.Join(t.TempDir(), "app.db")
		theirs, err := sql.Open("sqlite3", "file:"+path+query)
		require.NoError(t, err)
		_, err = theirs.ExecContext(t.Context(), "CREATE TABLE own (text)")
		require.NoError(t, err)
		for _, open := range []func() (*sqlite.Store, error){
			func() (*sqlite.Store, error) { return sqlite.Open(t.Context(), path, sqlite.Options{}) },
			func() (*sqlite.Store, error) { return sqlite.FromSQL(t.Context(), theirs, sqlite.Options{}) },
		} {
			ours, err := open()
			require.NoError(t, err)
			m := drivers.Model(t, ours, nil)
			_, err = theirs.ExecContext(t.Context(), "INSERT INTO own VALUES ('one')")
			require.NoError(t, err)
			require.NoError(t, drivers.Sync(t, m))
			require.NoError(t, ours.Close())
		}
		var rows int
		require.NoError(t, theirs.QueryRowContext(t.Context(), "SELECT count(*) FROM own, villas").Scan(&rows))
		require.Equal(t, 2, rows)
		require.NoError(t, theirs.Close())
	}
}

func TestHandleInMemory(t *testing.T) {
	for _, name := range []string{":memory:", "file:/shared.db?vfs=memdb"} {
		db, err := sql.Open("sqlite3", name)
		require.NoError(t, err)
		_, err = sqlite.FromSQL(t.Context(), db, sqlite.Options{})
		require.EqualError(t, err, "sqlite: the service's handle: it is not of a file, so nothing else can open it: open it with sqlite.OpenDB")
		require.NoError(t, db.Close())
	}
}
