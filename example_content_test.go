package synced_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// A list of records without ids replaces the rows: what it no longer has goes.
func ExampleContent() {
	type Fee struct {
		SyncedID string `db:"synced_id"`
		Name     string `json:"name" db:"name"`
		Cents    int    `json:"cents" db:"cents"`
	}
	ctx := context.Background()
	db := memory(ctx)
	defer db.Close()
	fees := create(ctx, db, synced.Synced[Fee]{Table: "fees", ID: synced.Content, Remove: synced.Destroy{}})

	for _, list := range []string{
		`{"name":"cleaning","cents":4000} {"name":"towel","cents":300} {"name":"towel","cents":300}`,
		`{"name":"cleaning","cents":4500} {"name":"towel","cents":300}`,
	} {
		result, err := fees.Synchronize(ctx, synced.NoScope, synced.Call{Records: parsed(list)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Created, "created,", result.Unchanged, "unchanged,", result.Removed, "removed")
	}
	// Output:
	// 3 created, 0 unchanged, 0 removed
	// 1 created, 1 unchanged, 2 removed
}

// parsed returns the objects of a text that has one after the other.
func parsed(text string) []remote.Object {
	var list []remote.Object
	for dec := json.NewDecoder(strings.NewReader(text)); ; {
		var o remote.Object
		if err := dec.Decode(&o); err == io.EOF {
			return list
		} else if err != nil {
			log.Fatal(err)
		}
		list = append(list, o)
	}
}
