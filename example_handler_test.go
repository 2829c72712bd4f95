package synced_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// A handler is told of each page's changes, in the transaction that makes them.
func ExampleChange() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	declaration.OnChange = func(_ context.Context, tx store.Tx, changes []synced.Change[Villa]) error {
		for _, c := range changes {
			switch c.Kind {
			case synced.Created, synced.Restored:
				fmt.Println(c.Kind, c.ID, c.New.Name)
			case synced.Updated:
				fmt.Println(c.Kind, c.ID, c.Old.Name, "→", c.New.Name)
			case synced.Removed:
				fmt.Println(c.Kind, c.ID, c.Old.Name)
			}
		}
		return nil // an error undoes the page
	}
	model := create(ctx, db, declaration)
	synchronize(ctx, model.Handle, synced.In(42))

	srv.Advance(1)
	srv.Collection("villas").Update(1, remotetest.Record{"name": "Villa Rossa"})
	srv.Collection("villas").Delete(2)
	synchronize(ctx, model.Handle, synced.In(42))
	// Output:
	// created 1 Villa Rosa
	// created 2 Casa Verde
	// updated 1 Villa Rosa → Villa Rossa
	// removed 2 Casa Verde
}
