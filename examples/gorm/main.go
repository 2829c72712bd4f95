// Gorm keeps rentals in step, and makes a task of each that is new. The task is
// written by GORM, in the transaction that writes the rental.
//
//	go -C examples/gorm run . -database postgres://localhost/empty
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	dialect "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/strategy"
)

// Rental is a row that synced keeps. GORM reads it, too.
type Rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func main() {
	url := flag.String("database", "postgres://localhost/synced_example", "the URL of an empty PostgreSQL database")
	flag.Parse()
	if err := run(context.Background(), *url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("rentals").PutRaw(`{"id": 1, "name": "Villa Rosa"}`)
	srv.Collection("rentals").PutRaw(`{"id": 2, "name": "Casa Verde"}`)

	// The service has a handle, and GORM over it.
	handle, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer handle.Close()
	orm, err := gorm.Open(dialect.New(dialect.Config{Conn: handle}), &gorm.Config{})
	if err != nil {
		return err
	}
	if err := orm.AutoMigrate(&Task{}); err != nil {
		return err
	}
	todo := tasks{orm}

	rentals, err := declare(ctx, postgres.New(postgres.FromSQL(handle), postgres.Options{}), todo, srv.URL())
	if err != nil {
		return err
	}
	result, err := rentals.Synchronize(ctx, synced.NoScope)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, result.Counts)
	var first Rental
	if err := orm.Order("synced_id").First(&first).Error; err != nil {
		return err
	}
	fmt.Fprintln(out, "first:", first.Name)
	list, err := todo.list()
	if err != nil {
		return err
	}
	for _, task := range list {
		fmt.Fprintf(out, "rental %d: %s\n", task.RentalID, task.Title)
	}
	return nil
}

// declare declares rentals, and creates their table.
func declare(ctx context.Context, db store.Store, todo tasks, url string) (*synced.Model[Rental], error) {
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	api, err := rest.NewClient(rest.Config{BaseURL: url})
	if err != nil {
		return nil, err
	}
	declaration := synced.Synced[Rental]{
		Table:    "rentals",
		API:      api,
		Strategy: strategy.Full{},
		OnChange: func(ctx context.Context, tx store.Tx, changes []synced.Change[Rental]) error {
			own := todo.in(ctx, postgres.SQLTx(tx))
			for _, c := range changes {
				if c.Kind != synced.Created {
					continue
				}
				if err := own.add(Task{RentalID: c.New.SyncedID, Title: "welcome " + c.New.Name}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	if err := declaration.CreateTable(ctx, db); err != nil {
		return nil, err
	}
	return synced.New(ctx, db, declaration)
}
