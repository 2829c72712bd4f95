package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// Objects that several others have are kept once, and tied to each of them.
func ExampleLinked() {
	type Label struct {
		ID       int64  `db:"id"`
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	type Item struct {
		ID       int64  `db:"id"`
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	sale := map[string]any{"id": 5, "name": "sale"}
	srv.Collection("items").Put(
		remotetest.Record{"id": 1, "name": "chair", "labels": []map[string]any{sale, {"id": 6, "name": "oak"}}},
		remotetest.Record{"id": 2, "name": "table", "labels": []map[string]any{sale}})
	db := memory(ctx)
	defer db.Close()
	labels := create(ctx, db, synced.Synced[Label]{Table: "labels"})
	items := create(ctx, db, synced.Synced[Item]{Table: "items", API: client(srv),
		Associations: []synced.Association{synced.Linked(labels, "labels", "item_labels", "item_id", "label_id")}})

	result := synchronize(ctx, items.Handle, synced.NoScope)
	fmt.Println(result.Created, "items,", result.Children["labels"].Created, "labels,", result.Children["item_labels"].Created, "links")
	query := squirrel.Select("i.name", "l.name").From("item_labels il").
		Join("items i ON i.id = il.item_id").Join("labels l ON l.id = il.label_id").OrderBy("i.synced_id", "l.synced_id")
	err := store.Each(ctx, db, query, func(rows store.Rows) error {
		var item, label string
		err := rows.Scan(&item, &label)
		fmt.Println(item, label)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2 items, 2 labels, 3 links
	// chair sale
	// chair oak
	// table sale
}
