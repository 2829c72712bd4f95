package synced_test

import (
	"context"
	"fmt"
	"log"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/store/sqlite"
)

// Schema returns the DDL, for a migration of the service's own.
func ExampleSynced_Schema() {
	type Tag struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		Name     string `json:"name" db:"name"`
	}
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	ddl, err := synced.Synced[Tag]{Table: "tags"}.Schema(db)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ddl[:len("CREATE TABLE IF NOT EXISTS \"tags\"")])
	// Output:
	// CREATE TABLE IF NOT EXISTS "tags"
}
