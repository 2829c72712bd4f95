package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// A text in several languages can be a table with a row for each locale.
func ExampleTranslations() {
	type House struct {
		ID       int64               `db:"id"`
		SyncedID int64               `json:"id" db:"synced_id"`
		Headline synced.Translations `json:"headline" db:"headline" synced:"translated"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("houses").Put(remotetest.Record{"id": 1, "headline": map[string]any{"en": "By the sea", "fr": "Au bord de la mer"}})
	db := memory(ctx)
	defer db.Close()
	houses := create(ctx, db, synced.Synced[House]{Table: "houses", API: client(srv)})
	synchronize(ctx, houses.Handle, synced.NoScope)

	var headline string
	err := db.DB().QueryRowContext(ctx, "SELECT headline FROM houses_translations WHERE locale = 'fr'").Scan(&headline)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(headline)
	house, err := houses.Find(ctx, synced.NoScope, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(house.Headline.Translation("en-GB", "fr"))
	// Output:
	// Au bord de la mer
	// By the sea
}
