package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// A long run in slices: each writes at least a page, and the next one goes on.
func ExampleCall_stop() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{PerPage: 2, Style: remotetest.StripeLike})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"},
		remotetest.Record{"id": 3, "name": "Villa Blu"})
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), RecordsKey: "data", Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"}})
	if err != nil {
		log.Fatal(err)
	}
	declared := villas(srv)
	declared.API, declared.Strategy = api, strategy.Full{}
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, declared)

	slice, stop := context.WithCancel(ctx) // context.WithTimeout(ctx, time.Minute) in a service
	stop()
	for {
		result := synchronize(ctx, model.Handle, synced.In(42), synced.Call{Stop: slice.Done(), Remove: synced.KeepRows{}})
		fmt.Println(result.Created, "created;", result.Stopped)
		if result.Stopped == "" {
			break
		}
	}
	// Output:
	// 2 created; the next run resumes after page 1 of this one
	// 1 created;
}
