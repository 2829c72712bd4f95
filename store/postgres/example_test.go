package postgres_test

import (
	"context"
	"database/sql"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// A pool is the usual: it serves all runs of the process.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://localhost/service")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	db := postgres.New(pool, postgres.Options{})
	if err := db.Migrate(ctx); err != nil { // synced's own tables
		log.Fatal(err)
	}
}

// With leases there is no connection beside the pool.
func ExampleOptions() {
	pool, err := pgxpool.New(context.Background(), "postgres://localhost/service")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	_ = postgres.New(pool, postgres.Options{LeaseTTL: 15 * time.Second})
}

// A service that has a *sql.DB, of its own or in GORM, ent or bun, shares it.
func ExampleFromSQL() {
	handle, err := sql.Open("pgx", "postgres://localhost/service")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = handle.Close() }()
	db := postgres.New(postgres.FromSQL(handle), postgres.Options{})
	if err := db.Migrate(context.Background()); err != nil { // synced's own tables
		log.Fatal(err)
	}
}

// With a store made by FromSQL, a handler hands the transaction that changes the rows
// to the service's own code.
func ExampleSQLTx() {
	type Place struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	index := func(ctx context.Context, tx *sql.Tx, id string) error { // of the service
		_, err := tx.ExecContext(ctx, "INSERT INTO jobs (kind, place) VALUES ('index', $1)", id)
		return err
	}
	_ = synced.Synced[Place]{
		Table: "places",
		OnChange: func(ctx context.Context, tx store.Tx, changes []synced.Change[Place]) error {
			for _, c := range changes {
				if err := index(ctx, postgres.SQLTx(tx), c.ID); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// A handler writes in the transaction that changes the rows. It cannot end it, but
// may begin savepoints.
func ExampleTx() {
	type Place struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	_ = synced.Synced[Place]{
		Table: "places",
		OnChange: func(ctx context.Context, tx store.Tx, changes []synced.Change[Place]) error {
			for _, c := range changes {
				err := pgx.BeginFunc(ctx, postgres.Tx(tx), func(savepoint pgx.Tx) error {
					_, err := savepoint.Exec(ctx, "INSERT INTO jobs (kind, place) VALUES ('index', $1)", c.ID)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}
