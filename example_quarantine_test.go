package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// A record that can't be mapped is kept apart, and the others are written.
func ExampleQuarantine() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": 7})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	declaration.Invalid = synced.Quarantine{Limit: 0.2}
	model := create(ctx, db, declaration)

	result := synchronize(ctx, model.Handle, synced.In(42))
	fmt.Println(result.Created, "created,", result.Quarantined, "quarantined")
	for q, err := range model.Quarantined(ctx, synced.In(42)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("record %s: %s\n", q.ID, q.Error)
	}

	srv.Advance(1)
	srv.Collection("villas").Update(2, remotetest.Record{"name": "Casa Verde"})
	result = synchronize(ctx, model.Handle, synced.In(42))
	fmt.Println(result.Created, "created,", result.Quarantined, "quarantined")
	// Output:
	// 1 created, 1 quarantined
	// record 2: name: the number 7 does not fit field Name of type string
	// 1 created, 0 quarantined
}
