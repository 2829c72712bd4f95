package postgres_test

import (
	"context"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
