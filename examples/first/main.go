package main // keeps a list of countries, of an API that is a fake in this process, in a SQLite file

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
)

type Country struct {
	SyncedID string `json:"id"   db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

func main() {
	ctx, srv := context.Background(), remotetest.New(remotetest.Config{})
	srv.Collection("countries").Put(remotetest.Record{"id": "fr", "name": "France"}, remotetest.Record{"id": "pl", "name": "Polnd"})
	api := must(rest.NewClient(rest.Config{BaseURL: srv.URL()}))
	db := must(sqlite.Open(ctx, "countries.db", sqlite.Options{}))
	defer db.Close()
	declared := synced.Synced[Country]{Table: "countries", API: api, Remove: synced.Destroy{}}
	must(0, db.Migrate(ctx))               // synced's own tables
	must(0, declared.CreateTable(ctx, db)) // or by a migration of yours, with the SQL of Schema
	countries := must(synced.New(ctx, db, declared))
	fmt.Println(must(countries.Synchronize(ctx, synced.NoScope)))
	srv.Collection("countries").Put(remotetest.Record{"id": "pl", "name": "Poland"})
	srv.Collection("countries").Delete("fr")
	fmt.Println(must(countries.Synchronize(ctx, synced.NoScope))) // asks for what changed
}

func must[V any](v V, err error) V {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
