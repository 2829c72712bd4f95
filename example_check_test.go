package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A check finds what was edited locally, and a full run puts it right.
func ExampleHandle_Check() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))
	synchronize(ctx, model.Handle, synced.In(42))

	if _, err := db.DB().ExecContext(ctx, "UPDATE villas SET name = 'Villa Rossa', size = 90 WHERE synced_id = 1"); err != nil {
		log.Fatal(err)
	}
	diff, err := model.Check(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(diff)

	result := synchronize(ctx, model.Handle, synced.In(42), synced.Call{Strategy: strategy.Full{}})
	fmt.Println(result.Updated, "updated")
	// Output:
	// villas (account_id 42): 2 compared: 0 missing, 0 additional, 1 changed
	//            remote id  column  local          remote
	//   changed  1          name    "Villa Rossa"  "Villa Rosa"
	//   changed  1          size    90             null
	// 1 updated
}

// A diff can be looked at, and applied later, without asking the API again.
func ExampleHandle_Apply() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	diff, err := model.Check(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(diff.Summary())
	result, err := model.Apply(ctx, synced.In(42), diff)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Counts)
	_, err = model.Apply(ctx, synced.In(42), diff)
	fmt.Println(err)
	// Output:
	// 2 compared: 2 missing, 0 additional, 0 changed
	// 2 created, 0 updated, 0 unchanged, 0 removed, 0 restored
	// synced: villas (account_id 42): record 1: not as it was when the diff was made: a row appeared since: check again
}

// Differences yields what it finds as it finds it: nothing is held in memory.
func ExampleHandle_Differences() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	for d, err := range model.Differences(ctx, synced.In(42)) {
		switch {
		case err != nil:
			log.Fatal(err)
		case d.Missing != nil:
			fmt.Println("no row for record", d.Missing.ID)
		case d.Changed != nil:
			fmt.Println("other values in row", d.Changed.ID)
		}
	}
	// Output:
	// no row for record 1
	// no row for record 2
}

// A dry run finds out what a run would do, and writes nothing.
func ExampleCall_dryRun() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	result := synchronize(ctx, model.Handle, synced.In(42), synced.Call{DryRun: true})
	fmt.Println(result.Diff.Summary())
	// Output:
	// 2 compared: 2 missing, 0 additional, 0 changed
}
