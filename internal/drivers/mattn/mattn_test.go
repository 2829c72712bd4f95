package mattn_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/drivers"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) { drivers.Main(m) }

func TestMattn(t *testing.T) {
	require.Equal(t, []string{"sqlite3"}, sql.Drivers())
	drivers.Beside(t, func(path, journal string) *sql.DB {
		db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode="+journal)
		require.NoError(t, err)
		return db
	})
}

// entry is a row of the service's own.
type entry struct {
	ID   uint
	Name string
}

// GORM works on a handle of the store's library, and in its transactions.
func TestGORM(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	handle, err := sqlite.OpenDB(t.Context(), path)
	require.NoError(t, err)
	db, err := gorm.Open(gormsqlite.Dialector{Conn: handle}, &gorm.Config{})
	require.NoError(t, err)
	require.NoError(t, db.AutoMigrate(&entry{}))
	require.NoError(t, db.AutoMigrate(&entry{}), "again, on the table that is there")

	s, err := sqlite.FromSQL(t.Context(), handle, sqlite.Options{})
	require.NoError(t, err)
	m := drivers.Model(t, s, func(ctx context.Context, tx store.Tx, changes []synced.Change[drivers.Villa]) error {
		in, err := gorm.Open(gormsqlite.Dialector{Conn: sqlite.Tx(tx)}, &gorm.Config{SkipDefaultTransaction: true})
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := in.WithContext(ctx).Create(&entry{Name: c.New.Name}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, drivers.Sync(t, m))
	var villas []drivers.Villa
	require.NoError(t, db.Find(&villas).Error)
	require.Equal(t, []drivers.Villa{{SyncedID: 1, Name: "Villa"}}, villas)
	var entries []entry
	require.NoError(t, db.Find(&entries).Error)
	require.Equal(t, []entry{{1, "Villa"}}, entries)
	require.NoError(t, s.Close())
	require.NoError(t, db.Create(&entry{Name: "after"}).Error)
	require.NoError(t, handle.Close())
}
