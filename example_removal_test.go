package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// Rows are kept, with the time of their removal, until the API lists the records
// again.
func ExampleCancel() {
	type Booking struct {
		SyncedID int64 `json:"id" db:"synced_id"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("bookings").Put(remotetest.Record{"id": 1}, remotetest.Record{"id": 2})
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, synced.Synced[Booking]{Table: "bookings", API: client(srv), Remove: synced.Cancel{Column: "canceled_at"}})
	synchronize(ctx, model.Handle, synced.NoScope)

	srv.Advance(1)
	srv.Collection("bookings").Delete(2)
	fmt.Println(synchronize(ctx, model.Handle, synced.NoScope).Removed, "removed")
	var rows, canceled int
	if err := db.DB().QueryRowContext(ctx, "SELECT count(*), count(canceled_at) FROM bookings").Scan(&rows, &canceled); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "rows,", canceled, "canceled")
	// Output:
	// 1 removed
	// 2 rows, 1 canceled
}

// A function removes rows itself, in the run's transaction.
func ExampleRemoveBy() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	declaration := villas(srv)
	declaration.Remove = synced.RemoveBy[Villa]{Func: func(ctx context.Context, tx store.Tx, rows []*Villa) error {
		for _, villa := range rows {
			fmt.Println("archive", villa.Name)
		}
		return nil // the rows stay, and come again after the next complete run
	}}
	model := create(ctx, db, declaration)
	synchronize(ctx, model.Handle, synced.In(42))

	srv.Advance(1)
	srv.Collection("villas").Delete(2)
	synchronize(ctx, model.Handle, synced.In(42))
	// Output:
	// archive Casa Verde
}

// A run that would remove too much removes nothing, and says why. Somebody may look
// at the plan, and approve it.
func ExampleHandle_ApproveRemoval() {
	ctx := context.Background()
	srv := serve(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	model := create(ctx, db, villas(srv))
	synchronize(ctx, model.Handle, synced.In(42))

	srv.Collection("villas").Delete(1, 2)
	if err := model.Reset(ctx, synced.In(42)); err != nil { // the next run asks for everything
		log.Fatal(err)
	}
	result := synchronize(ctx, model.Handle, synced.In(42))
	fmt.Println(result.Refused)

	refused, err := model.RefusedRemoval(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("records", refused.IDs)
	result, err = model.ApproveRemoval(ctx, synced.In(42), refused.Plan)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Removed, "removed")
	// Output:
	// 2 of 2 rows not removed: the remote listed nothing at all
	// records [1 2]
	// 2 removed
}
