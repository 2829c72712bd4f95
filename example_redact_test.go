package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// What may not be kept never reaches the database.
func ExampleRedaction() {
	type Guest struct {
		SyncedID int64       `json:"id" db:"synced_id"`
		Phone    string      `json:"phone" db:"phone"`
		Data     synced.Data `db:"synced_data"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("guests").Put(remotetest.Record{"id": 1, "phone": "+49 30 1234", "email": "ann@example.com"})
	db := memory(ctx)
	defer db.Close()
	guests := create(ctx, db, synced.Synced[Guest]{Table: "guests", API: client(srv),
		Redact: []synced.Redaction{synced.Drop("email", "updated_at"), synced.Mask("phone")}})

	synchronize(ctx, guests.Handle, synced.NoScope)
	for guest, err := range guests.All(ctx, synced.NoScope) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(guest.Phone, guest.Data)
	}
	// Output:
	// *** {"id":1,"phone":"***"}
}
