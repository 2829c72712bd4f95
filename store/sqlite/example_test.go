package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// A store is opened once, for all models of the service.
func ExampleOpen() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil { // synced's own tables
		log.Fatal(err)
	}
	if _, err := db.DB().ExecContext(ctx, "CREATE TABLE notes (text)"); err != nil { // the service's own
		log.Fatal(err)
	}
	var notes int
	if _, err := store.One(ctx, db, squirrel.Select("count(*)").From("notes"), &notes); err != nil {
		log.Fatal(err)
	}
	fmt.Println(notes, "notes")
	// Output: 0 notes
}

// The service's own handle stands beside the store, and GORM, bun, ent or sqlc on it.
func ExampleOpenDB() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	app, err := sqlite.OpenDB(ctx, filepath.Join(folder, "app.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	if _, err := app.ExecContext(ctx, "CREATE TABLE notes (text)"); err != nil {
		log.Fatal(err)
	}
	db, err := sqlite.FromSQL(ctx, app, sqlite.Options{}) // or Open, with the path
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	var notes int
	if _, err := store.One(ctx, db, squirrel.Select("count(*)").From("notes"), &notes); err != nil {
		log.Fatal(err)
	}
	fmt.Println(notes, "notes")
	// Output: 0 notes
}

type Place struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// A handler writes in the transaction that changes the rows, in the service's own
// way (sqlc and GORM, say, take a *sql.Tx), or in a way that every store has.
func ExampleTx() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if _, err := db.DB().ExecContext(ctx, "CREATE TABLE log (entry text)"); err != nil {
		log.Fatal(err)
	}
	declaration := synced.Synced[Place]{
		Table: "places", Strategy: strategy.Full{},
		OnChange: func(ctx context.Context, tx store.Tx, changes []synced.Change[Place]) error {
			for _, c := range changes {
				if _, err := sqlite.Tx(tx).ExecContext(ctx, "INSERT INTO log VALUES (?)", c.Kind.String()+" "+c.New.Name); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, squirrel.Insert("log").Columns("entry").Values("that was all")) // on any store
			return err
		},
	}
	if err := declaration.CreateTable(ctx, db); err != nil {
		log.Fatal(err)
	}
	places, err := synced.New(ctx, db, declaration)
	if err != nil {
		log.Fatal(err)
	}
	villa, err := remote.ParseObject([]byte(`{"id": 1, "name": "Villa"}`))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := places.Synchronize(ctx, synced.NoScope, synced.Call{Records: []remote.Object{villa}}); err != nil {
		log.Fatal(err)
	}
	err = store.Each(ctx, db, squirrel.Select("entry").From("log"), func(rows store.Rows) error {
		var entry string
		err := rows.Scan(&entry)
		fmt.Println(entry)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// created Villa
	// that was all
}

// A store on a handle that the service has opened with [sqlite.OpenDB], here in memory.
func ExampleFromSQL() {
	ctx := context.Background()
	app, err := sqlite.OpenDB(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	db, err := sqlite.FromSQL(ctx, app, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	var tables int
	if err := app.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'synced%' AND type = 'table'").Scan(&tables); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tables > 0)
	// Output: true
}
