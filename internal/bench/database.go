package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// database is one contender's: a schema of its own in PostgreSQL, or a file.
type database struct {
	store store.Store
	pool  *pgxpool.Pool // of PostgreSQL
	sql   *sql.DB       // of SQLite, with the connection and the settings of store
	file  string
	fresh bool
	// began is what the process had written when SQLite's log was empty.
	began int64
	close func()
}

// open opens the contender's database, which is made again for its first scenario.
func open[T any](ctx context.Context, j job) (*database, error) {
	db, err := connect(ctx, j, j.Contender, j.Name == "first")
	if err != nil {
		return nil, err
	}
	if db.fresh {
		err = create[T](ctx, db, j.Contender)
	}
	if err != nil {
		db.close()
		return nil, err
	}
	return db, nil
}

// create makes the tables. Only this library has fingerprints, so that elsewhere no
// trigger guards them, and no index has them.
func create[T any](ctx context.Context, db *database, contender string) error {
	if err := db.store.Migrate(ctx); err != nil {
		return err
	}
	if err := declaration[T]().CreateTable(ctx, db.store); err != nil || contender == ours || contender == limit {
		return err
	}
	if db.pool != nil {
		_, err := db.pool.Exec(ctx, "DROP FUNCTION rentals_synced_guard() CASCADE")
		return err
	}
	var name string
	if err := db.sql.QueryRowContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rentals'").Scan(&name); err != nil {
		return err
	}
	_, err := db.sql.ExecContext(ctx, "DROP TRIGGER "+store.Quote(name)+"; DROP INDEX rentals_synced_hash")
	return err
}

func connect(ctx context.Context, j job, contender string, fresh bool) (*database, error) {
	if j.Store == "sqlite" {
		return connectSQLite(ctx, filepath.Join(j.Folder, contender+".db"), fresh)
	}
	schema := "bench_" + contender
	config, err := pgxpool.ParseConfig(j.Options.Database)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	db := &database{store: postgres.New(pool, postgres.Options{}), pool: pool, fresh: fresh, close: pool.Close}
	if fresh {
		schema = pgx.Identifier{schema}.Sanitize()
		if _, err := pool.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE; CREATE SCHEMA "+schema); err != nil {
			pool.Close()
			return nil, err
		}
	}
	return db, nil
}

func connectSQLite(ctx context.Context, file string, fresh bool) (*database, error) {
	if fresh {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(file + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		}
	}
	s, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return &database{store: s, sql: s.DB(), file: file, fresh: fresh, close: func() { _ = s.Close() }}, nil
}

// settle does what a database does by itself, later: it tidies up after the last
// scenario, so that this one need not.
func (db *database) settle(ctx context.Context) error {
	if db.pool == nil {
		_, err := db.sql.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		db.began = written()
		return err
	}
	if !db.fresh { // a new table has no statistics
		if _, err := db.pool.Exec(ctx, "VACUUM (ANALYZE) rentals"); err != nil {
			return err
		}
	}
	_, err := db.pool.Exec(ctx, "CHECKPOINT")
	return err
}

// ofAnother is how many rows each scope has beside the one that is measured.
const ofAnother = 1000

// crowd adds other scopes to the table, each with the first rows of the one that was
// synced.
func (db *database) crowd(ctx context.Context, scopes int) error {
	if scopes < 2 {
		return nil
	}
	columns, err := db.columns(ctx)
	if err != nil {
		return err
	}
	names := strings.Join(columns, ", ")
	sql := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO rentals (%s) SELECT %s FROM n CROSS JOIN rentals WHERE account_id = %d AND synced_id <= %d`,
		scopes-1, names, strings.Replace(names, "account_id", "account_id + i", 1), account, ofAnother)
	if db.pool != nil {
		_, err = db.pool.Exec(ctx, sql)
	} else {
		_, err = db.sql.ExecContext(ctx, sql)
	}
	return err
}

// columns lists the columns of the table, but the one that the database fills.
func (db *database) columns(ctx context.Context) (names []string, err error) {
	const none = "SELECT * FROM rentals LIMIT 0"
	if db.pool != nil {
		rows, err := db.pool.Query(ctx, none)
		if err != nil {
			return nil, err
		}
		rows.Close()
		for _, f := range rows.FieldDescriptions() {
			names = append(names, f.Name)
		}
	} else {
		rows, err := db.sql.QueryContext(ctx, none)
		if err != nil {
			return nil, err
		}
		names, err = rows.Columns()
		if err := errors.Join(err, rows.Close()); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "id" }), nil
}

// checkpointed is the size past which SQLite begins to move its log into the
// file, and then uses it again.
const checkpointed = 4000 * 4096

// logged is how much was written to the log so far. Where SQLite has used its log
// more than once, it is what the process wrote in all: log, file and requests.
func (db *database) logged(ctx context.Context) (int64, error) {
	var size int64
	if db.pool != nil {
		err := db.pool.QueryRow(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").Scan(&size)
		return size, err
	}
	info, err := os.Stat(db.file + "-wal")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case info.Size() < checkpointed:
		return info.Size(), nil
	}
	return max(info.Size(), written()-db.began), nil
}

// drop removes what the contenders left in PostgreSQL.
func drop(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, contender := range append([]string{limit, ours}, peers...) {
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS bench_"+contender+" CASCADE"); err != nil {
			return err
		}
	}
	return nil
}
