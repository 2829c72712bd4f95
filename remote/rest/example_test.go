package rest_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func Example() {
	srv := remotetest.New(remotetest.Config{PerPage: 2, Token: "secret"})
	defer srv.Close()
	srv.Collection("rentals").Put(
		remotetest.Record{"id": 1, "name": "Villa"},
		remotetest.Record{"id": 2, "name": "Chalet"},
		remotetest.Record{"id": int64(9007199254740993), "name": "Cabin"},
	)

	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for page, err := range api.Pages(context.Background(), remote.Request{Endpoint: "rentals"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("page %d of %d records, made at %s\n", page.Number, page.Total, page.SyncedAt)
		for _, rental := range page.Objects {
			id, _ := remote.Get[int64](rental, "id")
			name, _ := remote.Get[string](rental, "name")
			fmt.Println(id, name)
		}
	}
	// Output:
	// page 1 of 3 records, made at 2026-01-01 12:00:00 +0000 UTC
	// 1 Villa
	// 2 Chalet
	// page 2 of 3 records, made at 2026-01-01 12:00:01 +0000 UTC
	// 9007199254740993 Cabin
}
