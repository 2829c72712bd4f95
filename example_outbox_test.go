package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/remote/remotetest"
)

// The outbox keeps each change for consumers that come for it later, such as a
// search index.
func ExampleChanges() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	declaration := villas(srv)
	declaration.Outbox = true
	db := open(ctx, declaration)
	defer db.Close()
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}
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

	if _, err := model.Synchronize(ctx, synced.In(42)); err != nil {
		log.Fatal(err)
	}
	index(1)
	srv.Advance(1)
	srv.Collection("villas").Update(1, remotetest.Record{"name": "Villa Rossa"})
	srv.Collection("villas").Delete(2)
	if _, err := model.Synchronize(ctx, synced.In(42)); err != nil {
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
