package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// database is where the rows are kept.
type database struct {
	name  string // for people
	store store.Store
	// exec runs a statement behind the back of synced, as any code of a service
	// may.
	exec  func(ctx context.Context, statement string) error
	close func() error
}

// openDatabase opens what -database names: nothing, a path or a URL.
func openDatabase(ctx context.Context, name string) (*database, error) {
	switch {
	case name == "":
		return openTemporary(ctx)
	case strings.HasPrefix(name, "postgres://"), strings.HasPrefix(name, "postgresql://"):
		return openPostgres(ctx, name)
	case strings.ContainsAny(name, "=?") || strings.Contains(name, "://"):
		// It may hold a password, so it is not repeated.
		return nil, errors.New("not understood: want the path of a new SQLite file, or postgres://user:password@host/database")
	}
	if info, err := os.Stat(name); err == nil && (info.IsDir() || info.Size() > 0) {
		return nil, fmt.Errorf("%s exists: name a file that does not exist yet", name)
	}
	return openSQLite(ctx, name)
}

// openTemporary opens a file in a folder that goes away with the program.
func openTemporary(ctx context.Context) (*database, error) {
	folder, err := os.MkdirTemp("", "synced-")
	if err != nil {
		return nil, err
	}
	db, err := openSQLite(ctx, filepath.Join(folder, "rentals.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	db.name += ", removed at the end"
	closeFile := db.close
	db.close = func() error { return errors.Join(closeFile(), os.RemoveAll(folder)) }
	return db, nil
}

func openSQLite(ctx context.Context, path string) (*database, error) {
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return &database{
		name:  "SQLite, " + path,
		store: s,
		exec: func(ctx context.Context, statement string) error {
			_, err := s.DB().ExecContext(ctx, statement)
			return err
		},
		close: s.Close,
	}, nil
}

// openPostgres works in a schema of its own, made now and dropped at the end, so
// that the tables of the database's owner are neither seen nor touched.
func openPostgres(ctx context.Context, url string) (*database, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	schema := "synced_quickstart_" + strings.ToLower(rand.Text()[:8])
	config.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	exec := func(ctx context.Context, statement string) error {
		_, err := pool.Exec(ctx, statement)
		return err
	}
	quoted := pgx.Identifier{schema}.Sanitize()
	if err := exec(ctx, "CREATE SCHEMA "+quoted); err != nil {
		pool.Close()
		return nil, err
	}
	c := config.ConnConfig
	return &database{
		name:  fmt.Sprintf("PostgreSQL, %s on %s, schema %s, dropped at the end", c.Database, c.Host, schema),
		store: postgres.New(pool, postgres.Options{}),
		exec:  exec,
		close: func() error {
			defer pool.Close()
			// The program may be ending because its context did.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			return exec(ctx, "DROP SCHEMA "+quoted+" CASCADE")
		},
	}, nil
}
