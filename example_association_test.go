package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Objects that are nested in others become rows of their own.
func ExampleHasMany() {
	type House struct {
		ID       int64  `db:"id"`
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	type Room struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		HouseID  int64  `db:"house_id" synced:"parent"`
		Name     string `json:"name" db:"name"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("houses").Put(remotetest.Record{"id": 1, "name": "Villa Rosa", "rooms": []map[string]any{{"id": 11, "name": "hall"}, {"id": 12, "name": "attic"}}})
	db := memory(ctx)
	defer db.Close()
	rooms := create(ctx, db, synced.Synced[Room]{Table: "rooms"})
	houses := create(ctx, db, synced.Synced[House]{Table: "houses", API: client(srv),
		Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id")}})

	result := synchronize(ctx, houses.Handle, synced.NoScope)
	fmt.Println(result.Created, "house,", result.Children["rooms"].Created, "rooms")
	for room, err := range rooms.All(ctx, synced.NoScope) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(room.Name, "of house", room.HouseID)
	}
	// Output:
	// 1 house, 2 rooms
	// hall of house 1
	// attic of house 1
}

// Objects that name their parent find its row, now or when it arrives.
func ExampleBelongsTo() {
	type House struct {
		ID       int64 `db:"id"`
		SyncedID int64 `json:"id" db:"synced_id"`
	}
	type Photo struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		HouseID  *int64 `db:"house_id" synced:"parent"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("houses").Put(remotetest.Record{"id": 7})
	srv.Collection("photos").Put(remotetest.Record{"id": 1, "links": map[string]any{"house": 7}})
	db := memory(ctx)
	defer db.Close()
	houses := create(ctx, db, synced.Synced[House]{Table: "houses", API: client(srv)})
	photos := create(ctx, db, synced.Synced[Photo]{Table: "photos", API: client(srv),
		BelongsTo: []synced.Parent{synced.BelongsTo(houses, "links.house", "house_id", synced.MissingNull)}})

	show := func() {
		photo, err := photos.Find(ctx, synced.NoScope, 1)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("its house has a row:", photo.HouseID != nil)
	}
	synchronize(ctx, photos.Handle, synced.NoScope)
	show()
	synchronize(ctx, houses.Handle, synced.NoScope)
	show()
	// Output:
	// its house has a row: false
	// its house has a row: true
}
