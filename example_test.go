package synced_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Villa is the model of the examples.
type Villa struct {
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Size       *int        `json:"surface" db:"size"`
	Slug       string      `db:"slug" synced:"computed"`
	Bedrooms   int         `json:"bedrooms_count"`
	SyncedData synced.Data `db:"synced_data"`
}

// villas declares the model of the examples against a fake API.
func villas(srv *remotetest.Server) synced.Synced[Villa] {
	return synced.Synced[Villa]{
		Table:    "villas",
		Scope:    "account_id",
		API:      client(srv),
		Strategy: strategy.UpdatedSince{},
		Remove:   synced.Destroy{},
		Map: func(_ remote.Object, v *Villa) error {
			v.Slug = strings.ReplaceAll(strings.ToLower(v.Name), " ", "-")
			return nil
		},
	}
}

func client(srv *remotetest.Server) *rest.Client {
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL()})
	if err != nil {
		log.Fatal(err)
	}
	return api
}

// serve starts a fake API with villas.
func serve(records ...remotetest.Record) *remotetest.Server {
	srv := remotetest.New(remotetest.Config{})
	srv.Collection("villas").Put(records...)
	return srv
}

// memory opens a database in memory, with synced's own tables.
func memory(ctx context.Context) *sqlite.Store {
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	return db
}

// create makes the table of a declaration, and binds it.
func create[T any](ctx context.Context, db *sqlite.Store, d synced.Synced[T]) *synced.Model[T] {
	if err := d.CreateTable(ctx, db); err != nil {
		log.Fatal(err)
	}
	model, err := synced.New(ctx, db, d)
	if err != nil {
		log.Fatal(err)
	}
	return model
}

// synchronize runs once.
func synchronize(ctx context.Context, model *synced.Handle, scope synced.Scope, call ...synced.Call) synced.Result {
	result, err := model.Synchronize(ctx, scope, call...)
	if err != nil {
		log.Fatal(err)
	}
	return result
}

func Example() {
	ctx := context.Background()
	srv := serve(
		remotetest.Record{"id": 1, "name": "Villa Rosa", "surface": 120, "bedrooms_count": 4},
		remotetest.Record{"id": 2, "name": "Casa Verde", "surface": nil})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()

	declaration := villas(srv) // Table, Scope, API, Strategy, Remove and Map
	if err := declaration.CreateTable(ctx, db); err != nil {
		log.Fatal(err)
	}
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}

	result, err := model.Synchronize(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Created, "created in", result.Requests, "request")

	srv.Advance(1)
	srv.Collection("villas").Update(2, remotetest.Record{"name": "Casa Azul"})
	srv.Collection("villas").Delete(1)
	result, err = model.Synchronize(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Updated, "updated,", result.Removed, "removed, asked since", result.Since.Format("15:04:05"))

	for villa, err := range model.All(ctx, synced.In(42)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(villa.SyncedID, villa.Name, villa.Slug)
	}
	// Output:
	// 2 created in 1 request
	// 1 updated, 1 removed, asked since 11:59:55
	// 2 Casa Azul casa-azul
}
