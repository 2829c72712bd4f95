package outbox_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
)

type villa struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// bind makes a model with an outbox in a database in memory.
func bind(ctx context.Context, srv *remotetest.Server) (*sqlite.Store, *synced.Model[villa]) {
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL()})
	if err != nil {
		log.Fatal(err)
	}
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	declaration := synced.Synced[villa]{Table: "villas", API: api, Remove: synced.Destroy{}, Outbox: true}
	if err := declaration.CreateTable(ctx, db); err != nil {
		log.Fatal(err)
	}
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}
	return db, model
}

// The outbox keeps each change for consumers that come for it later, such as a
// search index.
func ExampleChanges() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	db, model := bind(ctx, srv)
	defer db.Close()
	index := func(most int) {
		for change, err := range outbox.Changes(ctx, db, "search index", "villas") {
			if err != nil {
				log.Fatal(err)
			}
			if most == 0 {
				fmt.Println("broke off at", change.ID)
				break // not done: it comes again
			}
			most--
			fmt.Println(change.ID, change.Kind, change.RemoteID, change.Old["name"], "→", change.New["name"])
		}
	}

	if _, err := model.Synchronize(ctx, synced.NoScope); err != nil {
		log.Fatal(err)
	}
	index(1)
	srv.Advance(1)
	srv.Collection("villas").Update(1, remotetest.Record{"name": "Villa Rossa"})
	srv.Collection("villas").Delete(2)
	if _, err := model.Synchronize(ctx, synced.NoScope); err != nil {
		log.Fatal(err)
	}
	index(10)
	// Output:
	// 1 created 1 <nil> → Villa Rosa
	// broke off at 2
	// 2 created 2 <nil> → Casa Verde
	// 3 updated 1 Villa Rosa → Villa Rossa
	// 4 removed 2 Casa Verde → <nil>
}

// A consumer that has lost what it had gets the changes again.
func ExampleRewind() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	db, model := bind(ctx, srv)
	defer db.Close()
	if _, err := model.Synchronize(ctx, synced.NoScope); err != nil {
		log.Fatal(err)
	}
	index := func() {
		n := 0
		for _, err := range outbox.Changes(ctx, db, "search index", "villas") {
			if err != nil {
				log.Fatal(err)
			}
			n++
		}
		fmt.Println(n, "changes")
	}
	index()
	if err := outbox.Rewind(ctx, db, "search index", 1); err != nil { // after the first change
		log.Fatal(err)
	}
	index()
	if err := outbox.RewindTo(ctx, db, "search index", time.Now().Add(-time.Hour)); err != nil {
		log.Fatal(err)
	}
	index()
	// Output:
	// 2 changes
	// 1 changes
	// 2 changes
}

// Changes are kept until every consumer has passed them, and for a week.
func ExamplePrune() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"})
	db, model := bind(ctx, srv)
	defer db.Close()
	if _, err := model.Synchronize(ctx, synced.NoScope); err != nil {
		log.Fatal(err)
	}
	for range outbox.Changes(ctx, db, "gone") {
		break // registered, and passed nothing
	}

	prune := func() {
		n, err := outbox.Prune(ctx, db, 1) // after a nanosecond, where 0 is a week
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n, "dropped")
	}
	prune()
	if err := outbox.Drop(ctx, db, "gone"); err != nil {
		log.Fatal(err)
	}
	prune()
	// Output:
	// 0 dropped
	// 1 dropped
}
