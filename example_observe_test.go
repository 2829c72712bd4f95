package synced_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote/remotetest"
)

// What a run does while it does it, for one call: here, its progress.
func ExampleSynced_observer() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))

	progress := observe.Func(func(ctx context.Context, e observe.Event) context.Context {
		switch e := e.(type) {
		case observe.RunStarted:
			fmt.Println(e.Run.Call, e.Run.Model, "of account", e.Run.Scope)
		case observe.PageReceived:
			fmt.Println("page", e.Number, "with", e.Records, "records")
		case observe.WriteEnded:
			fmt.Println("written:", e.Counts)
		case observe.RunEnded:
			fmt.Println("ended after", e.Result.Requests, "request, error:", e.Err)
		}
		return ctx
	})
	synchronize(observe.With(ctx, progress), model.Handle, synced.In(42))
	// Output:
	// Synchronize villas of account 42
	// page 1 with 2 records
	// written: 2 created, 0 updated, 0 unchanged, 0 removed, 0 restored
	// ended after 1 request, error: <nil>
}
