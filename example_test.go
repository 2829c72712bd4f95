package synced_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Villa is the model of the examples.
type Villa struct {
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Size       *int        `json:"surface" db:"size"`
	Slug       string      `db:"slug" synced:"computed"`
	Bedrooms   int         `json:"bedrooms_count"`
	SyncedData synced.Data `db:"synced_data"`
}

// villas declares the model of the examples against a fake API.
func villas(srv *remotetest.Server) synced.Synced[Villa] {
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL()})
	if err != nil {
		log.Fatal(err)
	}
	return synced.Synced[Villa]{
		Table:    "villas",
		Scope:    "account_id",
		API:      api,
		Strategy: strategy.UpdatedSince{},
		Remove:   synced.Destroy{},
		Map: func(_ remote.Object, v *Villa) error {
			v.Slug = strings.ReplaceAll(strings.ToLower(v.Name), " ", "-")
			return nil
		},
	}
}

// open makes a database in memory with the tables of a declaration.
func open(ctx context.Context, d synced.Synced[Villa]) *sqlite.Store {
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if err := d.CreateTable(ctx, db); err != nil {
		log.Fatal(err)
	}
	return db
}

func Example() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(
		remotetest.Record{"id": 1, "name": "Villa Rosa", "surface": 120, "bedrooms_count": 4},
		remotetest.Record{"id": 2, "name": "Casa Verde", "surface": nil})

	declaration := villas(srv)
	db := open(ctx, declaration)
	defer db.Close()
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}

	result, err := model.Synchronize(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Created, "created in", result.Requests, "request")

	srv.Advance(1)
	srv.Collection("villas").Update(2, remotetest.Record{"name": "Casa Azul"})
	srv.Collection("villas").Delete(1)
	result, err = model.Synchronize(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Updated, "updated,", result.Removed, "removed, asked since", result.Since.Format("15:04:05"))

	for villa, err := range model.All(ctx, synced.In(42)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(villa.SyncedID, villa.Name, villa.Slug)
	}
	// Output:
	// 2 created in 1 request
	// 1 updated, 1 removed, asked since 12:00:00
	// 2 Casa Azul casa-azul
}

// A check finds what was edited locally, and a full run mends it.
func ExampleModel_Check() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"}, remotetest.Record{"id": 2, "name": "Casa Verde"})
	declaration := villas(srv)
	db := open(ctx, declaration)
	defer db.Close()
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := model.Synchronize(ctx, synced.In(42)); err != nil {
		log.Fatal(err)
	}

	if _, err := db.DB().ExecContext(ctx, "UPDATE villas SET name = 'Villa Rossa', size = 90 WHERE synced_id = 1"); err != nil {
		log.Fatal(err)
	}
	diff, err := model.Check(ctx, synced.In(42))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(diff)

	result, err := model.Synchronize(ctx, synced.In(42), synced.Call{Strategy: strategy.Full{}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Updated, "mended")
	// Output:
	// villas (account_id 42): 2 compared: 0 missing, 0 additional, 1 changed
	//            remote id  column  local          remote
	//   changed  1          name    "Villa Rossa"  "Villa Rosa"
	//   changed  1          size    90             null
	// 1 mended
}

// Records that are at hand, from a webhook for example, are synced without a
// request.
func ExampleCall_records() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	declaration := villas(srv)
	db := open(ctx, declaration)
	defer db.Close()
	model, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}
	villa, err := remote.ParseObject([]byte(`{"id": 7, "name": "Villa Blu", "bedrooms_count": 3}`))
	if err != nil {
		log.Fatal(err)
	}
	_, err = model.Synchronize(ctx, synced.In(42), synced.Call{Records: []remote.Object{villa}, Remove: synced.KeepRows{}})
	if err != nil {
		log.Fatal(err)
	}
	found, err := model.Find(ctx, synced.In(42), 7)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name, "has", found.Bedrooms, "bedrooms;", srv.Requests(), "requests")
	// Output:
	// Villa Blu has 3 bedrooms; 0 requests
}
