package main

import (
	"context"
	"database/sql"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// database is one handle, for the service and for synced.
type database struct {
	handle *sql.DB
	store  store.Store
	// joined is the transaction of a handler as sqlc takes it.
	joined func(store.Tx) *sql.Tx
	close  func() error
}

// open opens a PostgreSQL database, or one of SQLite in memory if there is no URL.
func open(ctx context.Context, url string) (*database, error) {
	if url == "" {
		db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
		if err != nil {
			return nil, err
		}
		return &database{db.DB(), db, sqlite.Tx, db.Close}, nil
	}
	handle, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	return &database{handle, postgres.New(postgres.FromSQL(handle), postgres.Options{}), postgres.SQLTx, handle.Close}, nil
}
