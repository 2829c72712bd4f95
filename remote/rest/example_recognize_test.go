package rest_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
)

func ExampleRecognize() {
	srv := remotetest.New(remotetest.Config{PerPage: 2, Style: remotetest.Style{Records: "items", NextURL: "next", Total: "count"}})
	defer srv.Close()
	srv.Collection("rentals").Put(
		remotetest.Record{"id": 1, "name": "Villa", "price": 120.5},
		remotetest.Record{"id": 2, "name": "Chalet", "price": 99},
		remotetest.Record{"id": 3, "name": "Cabin", "price": nil},
	)

	found, err := rest.Recognize(context.Background(), srv.URL()+"/rentals?per_page=2", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found.Findings {
		fmt.Printf("%s: %s, because %s\n", f.Setting, f.Value, f.Because)
	}
	// Output:
	// RecordsKey: "items", because the answer has a list there
	// Pagination: rest.NextURL{}, because "next" leads to the next page
	// PerPage: 2, because the URL asks for as many, by "per_page"
	// TotalPath: "count", because it says 3, and the pages seen have 3 records
	// id: "id", because each of 3 records has another
	// changed: "updated_at", because by its name and its values, which are times
}
