package modernc_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/drivers"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) { drivers.Main(m) }

func TestModernc(t *testing.T) {
	require.Equal(t, []string{"sqlite"}, sql.Drivers())
	drivers.Beside(t, func(path, journal string) *sql.DB {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode("+journal+")")
		require.NoError(t, err)
		return db
	})
}

// entry is a row of the service's own.
type entry struct {
	ID   int64 `bun:",pk,autoincrement"`
	Name string
}

// bun works on a handle of the store's library, and in its transactions.
func TestBun(t *testing.T) {
	handle, err := sqlite.OpenDB(t.Context(), filepath.Join(t.TempDir(), "app.db"))
	require.NoError(t, err)
	db := bun.NewDB(handle, sqlitedialect.New())
	_, err = db.NewCreateTable().Model((*entry)(nil)).Exec(t.Context())
	require.NoError(t, err)

	s, err := sqlite.FromSQL(t.Context(), handle, sqlite.Options{})
	require.NoError(t, err)
	m := drivers.Model(t, s, func(ctx context.Context, tx store.Tx, changes []synced.Change[drivers.Villa]) error {
		for _, c := range changes {
			if _, err := db.NewInsert().Conn(sqlite.Tx(tx)).Model(&entry{Name: c.New.Name}).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, drivers.Sync(t, m))
	var entries []entry
	require.NoError(t, db.NewSelect().Model(&entries).Scan(t.Context()))
	require.Equal(t, []entry{{1, "Villa"}}, entries)
	var names []string
	require.NoError(t, db.NewSelect().Table("villas").Column("name").Scan(t.Context(), &names))
	require.Equal(t, []string{"Villa"}, names)
	require.NoError(t, s.Close())
	require.NoError(t, db.Close())
}
