package synced_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// The list shows revisions. A record is asked for when it is new or has another one.
func ExampleSynced_expand() {
	type Article struct {
		SyncedID int64       `json:"id" db:"synced_id"`
		Text     string      `json:"text" db:"text"`
		Data     synced.Data `db:"synced_data"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{Style: remotetest.Style{Summary: []string{"rev"}}})
	defer srv.Close()
	db := memory(ctx)
	defer db.Close()
	articles := create(ctx, db, synced.Synced[Article]{Table: "articles", API: client(srv), Expand: 8, Strategy: strategy.Full{}})

	for id := 1; id <= 5; id++ {
		srv.Collection("articles").Put(remotetest.Record{"id": id, "rev": 1, "text": "first"})
	}
	result := synchronize(ctx, articles.Handle, synced.NoScope)
	fmt.Println(result.Created, "created,", result.Requests, "requests")
	srv.Collection("articles").Put(remotetest.Record{"id": 3, "rev": 2, "text": "second"})
	result = synchronize(ctx, articles.Handle, synced.NoScope)
	fmt.Println(result.Updated, "updated,", result.Requests, "requests")
	result = synchronize(ctx, articles.Handle, synced.NoScope)
	fmt.Println(result.Unchanged, "unchanged,", result.Requests, "request")
	// Output:
	// 5 created, 6 requests
	// 1 updated, 2 requests
	// 5 unchanged, 1 request
}
