// Sqlc keeps rentals in step, and makes a task of each that is new. The task is
// written by code in the form of sqlc's, in the transaction that writes the rental.
//
//	go -C examples run ./sqlc
//	go -C examples run ./sqlc -database postgres://localhost/empty
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/examples/sqlc/tasks"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

//go:embed schema.sql
var schema string

// Rental is a row that synced keeps.
type Rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func main() {
	url := flag.String("database", "", "the URL of an empty PostgreSQL database; else SQLite in memory")
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

	db, err := open(ctx, url)
	if err != nil {
		return err
	}
	defer db.close()
	if _, err := db.handle.ExecContext(ctx, schema); err != nil {
		return err
	}
	queries := tasks.New(db.handle)
	rentals, err := declare(ctx, db, queries, srv.URL())
	if err != nil {
		return err
	}
	result, err := rentals.Synchronize(ctx, synced.NoScope)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, result.Counts)
	list, err := queries.ListTasks(ctx)
	if err != nil {
		return err
	}
	for _, task := range list {
		fmt.Fprintf(out, "rental %d: %s\n", task.RentalID, task.Title)
	}
	return nil
}

// declare declares rentals, and creates their table.
func declare(ctx context.Context, db *database, queries *tasks.Queries, url string) (*synced.Model[Rental], error) {
	if err := db.store.Migrate(ctx); err != nil {
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
			own := queries.WithTx(db.joined(tx))
			for _, c := range changes {
				if c.Kind != synced.Created {
					continue
				}
				if err := own.AddTask(ctx, tasks.AddTaskParams{RentalID: c.New.SyncedID, Title: "welcome " + c.New.Name}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	if err := declaration.CreateTable(ctx, db.store); err != nil {
		return nil, err
	}
	return synced.New(ctx, db.store, declaration)
}
