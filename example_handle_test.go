package synced_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Handles are models of any rows, for schedules and status pages.
func ExampleHandle() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	models := []*synced.Handle{create(ctx, db, villas(srv)).Handle}

	for _, model := range models {
		fresh, err := model.Fresh(ctx, synced.In(42), 10*time.Minute)
		if err != nil {
			log.Fatal(err)
		}
		if !fresh {
			fmt.Println(model.Name(), synchronize(ctx, model, synced.In(42)).Created, "created")
		}
		f, err := model.Freshness(ctx, synced.In(42))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("succeeded just now:", time.Since(f.LastSuccess) < time.Minute)
	}
	// Output:
	// villas 2 created
	// succeeded just now: true
}

// A health check asks which scopes of all models are not in step.
func ExampleStale() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))
	synchronize(ctx, model.Handle, synced.In(42))
	if _, err := model.Synchronize(ctx, synced.In(43), synced.Call{Records: []remote.Object{remote.InvalidObject([]byte("{"))}}); err == nil {
		log.Fatal("a record that is cut short was written")
	}

	for s, err := range synced.Stale(ctx, db, 10*time.Minute) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.Model, s.Scope, "never:", s.LastSuccess.IsZero(), "failed:", s.Error != "")
	}
	// Output:
	// villas 43 never: true failed: true
}

// After a webhook, just one record is brought in step. It may run beside a run.
func ExampleHandle_SyncOne() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))
	synchronize(ctx, model.Handle, synced.In(42))

	srv.Collection("villas").Put(remotetest.Record{"id": 3, "name": "Ca' d'Oro"})
	result, err := model.SyncOne(ctx, synced.In(42), 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Created, "created")
	// That a record is gone is believed if another one is still found.
	srv.Collection("villas").Delete(2)
	result, err = model.SyncOne(ctx, synced.In(42), "2") // as the webhook has it
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Gone, result.Removed, "removed")
	_, err = model.Find(ctx, synced.In(42), 2)
	fmt.Println(errors.Is(err, synced.ErrNotFound))
	// Output:
	// 1 created
	// true 1 removed
	// true
}

// When the mapping changes, stored objects are mapped again without a request.
func ExampleHandle_Remap() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	synchronize(ctx, create(ctx, db, declaration).Handle, synced.In(42))

	declaration.Map, declaration.MapVersion = func(_ remote.Object, v *Villa) error {
		v.Slug = fmt.Sprint("villa-", v.SyncedID)
		return nil
	}, 1
	model := create(ctx, db, declaration)
	needs, err := model.NeedsRemap(ctx)
	if err != nil {
		log.Fatal(err)
	}
	result, err := model.Remap(ctx, synced.NoScope)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(needs, result.Updated, "updated")
	// Output:
	// true 2 updated
}

// Errors read as a path, and tell in which record they were.
func ExampleError() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": 7})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	_, err := model.Synchronize(ctx, synced.In(42))
	fmt.Println(err)
	if where, ok := errors.AsType[*synced.Error](err); ok {
		fmt.Println(where.Page, where.Record)
	}
	// Output:
	// synced: villas (account_id 42): page 1: record 1: name: the number 7 does not fit field Name of type string; make Name an int64, a float64 or a json.Number, or set Invalid: synced.Quarantine{}
	// 1 1
}
