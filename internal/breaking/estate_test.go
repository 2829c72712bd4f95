package breaking_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Villa has photos, texts in a table of their own, and a label that is computed.
type Villa struct {
	ID         int64               `db:"id"`
	SyncedID   int64               `json:"id" db:"synced_id"`
	AccountID  int64               `db:"account_id"`
	Name       string              `json:"name" db:"name"`
	Headline   synced.Translations `json:"headline" db:"headline" synced:"translated"`
	Label      string              `db:"label" synced:"computed"`
	Notes      string              `db:"notes"`
	SyncedData synced.Data         `db:"synced_data"`
}

// Photo is one of a villa's.
type Photo struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	VillaID   int64  `db:"villa_id" synced:"parent"`
	URL       string `json:"url" db:"url"`
}

// settings are what tests vary.
type settings struct {
	Atomic bool
	// Full is the strategy; updated_since otherwise.
	Full bool
	// Stable asks an API whose pages stay put, by its cursors, and notes each page,
	// so that a pass that was killed is resumed.
	Stable bool
	// Export asks an API whose lists are files that a job writes.
	Export bool
}

func (s settings) String() string {
	commit, name := "page by page", "updated_since"
	if s.Atomic {
		commit = "atomic"
	}
	if s.Full {
		name = "full"
	}
	if s.Stable {
		name += ", resumed"
	}
	if s.Export {
		name += ", exported"
	}
	return commit + ", " + name
}

func photos() synced.Synced[Photo] {
	return synced.Synced[Photo]{Table: "photos", Scope: "account_id", Outbox: true}
}

func villas(s settings) synced.Synced[Villa] {
	d := synced.Synced[Villa]{
		Table: "villas", Scope: "account_id", Remove: synced.Destroy{}, Outbox: true,
		Map: func(_ remote.Object, v *Villa) error {
			v.Label = label(v.Name)
			return nil
		},
	}
	if s.Full {
		d.Strategy = strategy.Full{}
	}
	switch {
	case s.Atomic:
		d.Commit = synced.Atomic{}
	case s.Stable:
		d.Commit = synced.PerPage{Checkpoint: time.Nanosecond}
	}
	return d
}

func label(name string) string { return "villa " + name }

// create makes the tables of an empty database. It may be run again.
func create(ctx context.Context, db backend.Store) error {
	if err := db.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := villas(settings{}).CreateTable(ctx, db); err != nil {
		return err
	}
	return photos().CreateTable(ctx, db)
}

// bind binds the models to the tables.
func bind(db backend.Store, s settings) (*synced.Model[Villa], error) {
	children, err := synced.New(context.Background(), db, photos())
	if err != nil {
		return nil, err
	}
	d := villas(s)
	d.Associations = []synced.Association{synced.HasMany(children, "photos", "villa_id")}
	return synced.New(context.Background(), db, d)
}

// open opens a database: the URL of a PostgreSQL one, or a SQLite file.
func open(ctx context.Context, kind, address string) (backend.Store, func() error, error) {
	if kind == "postgres" {
		pool, err := pgxpool.New(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		return postgres.New(pool, postgres.Options{}).Backend(), func() error { pool.Close(); return nil }, nil
	}
	db, err := sqlite.Open(ctx, address, sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	return db.Backend(), db.Close, nil
}

// database returns the address of an empty database of a kind.
func database(t testing.TB, kind string) string {
	t.Helper()
	if kind == "postgres" {
		return testdb.PostgresURL(t)
	}
	return testdb.SQLite(t)
}

// opened opens a database until the test ends.
func opened(t testing.TB, kind, address string) backend.Store {
	t.Helper()
	db, done, err := open(context.Background(), kind, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, done()) })
	return db
}

// onBoth runs a test on both stores.
func onBoth(t *testing.T, test func(t *testing.T, kind string)) {
	t.Helper()
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// inBothModes runs a test on both stores in both commit modes.
func inBothModes(t *testing.T, test func(t *testing.T, kind string, atomic bool)) {
	t.Helper()
	onBoth(t, func(t *testing.T, kind string) {
		for _, atomic := range []bool{false, true} {
			t.Run(settings{Atomic: atomic}.String(), func(t *testing.T) {
				t.Parallel()
				test(t, kind, atomic)
			})
		}
	})
}

// execute runs a statement as the service itself would.
func execute(t testing.TB, db backend.Store, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, squirrel.Expr(sql, args...))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
}
