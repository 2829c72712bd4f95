package synced_test

import (
	"context"
	"fmt"
	"log"
	"net/url"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Records that are at hand, from a webhook for example, are synced without a
// request.
func ExampleCall_records() {
	ctx := context.Background()
	srv := serve()
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))
	villa, err := remote.ParseObject([]byte(`{"id": 7, "name": "Villa Blu", "bedrooms_count": 3}`))
	if err != nil {
		log.Fatal(err)
	}

	synchronize(ctx, model.Handle, synced.In(42), synced.Call{Records: []remote.Object{villa}, Remove: synced.KeepRows{}})
	found, err := model.Find(ctx, synced.In(42), 7)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name, "has", found.Bedrooms, "bedrooms;", srv.Requests(), "requests")
	// Output:
	// Villa Blu has 3 bedrooms; 0 requests
}

// What a run changed, by remote ids: as many rows as the call asks for.
func ExampleCall_changes() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	result, err := model.Synchronize(ctx, synced.In(42), synced.Call{Changes: 100})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range result.Changes {
		fmt.Println(row.Kind, row.Model, row.ID)
	}
	// Output:
	// created villas 1
	// created villas 2
}

// What each request asks for: by scope, or else as declared.
func ExampleAsk() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	declaration.Ask = synced.Ask{Fields: []string{"id", "name", "surface", "bedrooms_count"}}
	declaration.AskFor = func(scope synced.Scope) synced.Ask {
		return synced.Ask{Query: url.Values{"owner": {scope.String()}}}
	}
	model := create(ctx, db, declaration)

	synchronize(ctx, model.Handle, synced.In(42))
	query := srv.Log()[0].Query
	fmt.Println(query.Get("owner"), query.Get("fields"))
	// Output:
	// 42 id,name,surface,bedrooms_count
}

// With a model per table, not per account: each run names its scope.
func ExampleIn() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	for _, account := range []int64{1, 2} {
		fmt.Println(synced.In(account), synchronize(ctx, model.Handle, synced.In(account)).Created, "created")
	}
	rows := 0
	for _, err := range model.All(ctx, synced.NoScope) { // every scope's
		if err != nil {
			log.Fatal(err)
		}
		rows++
	}
	fmt.Println(rows, "rows")
	// Output:
	// 1 2 created
	// 2 2 created
	// 4 rows
}

// An atomic run commits every page at once, or nothing.
func ExampleAtomic() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	declaration.Commit = synced.Atomic{}
	model := create(ctx, db, declaration)

	srv.Fault(remotetest.Fault{Status: 400})
	result, err := model.Synchronize(ctx, synced.In(42))
	fmt.Println(err != nil, result.Created)
	fmt.Println(synchronize(ctx, model.Handle, synced.In(42)).Created)
	// Output:
	// true 0
	// 2
}
