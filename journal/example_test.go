package journal_test

import (
	"context"
	"fmt"
	"log"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

// setup makes a database in memory, with a table and its journal.
func setup(ctx context.Context, t journal.Table) (*sqlite.Store, *journal.Journal) {
	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if _, err := db.DB().ExecContext(ctx, "CREATE TABLE notes (id integer PRIMARY KEY, body text)"); err != nil {
		log.Fatal(err)
	}
	j, err := journal.Open(ctx, db, journal.Config{Tables: []journal.Table{t}})
	if err != nil {
		log.Fatal(err)
	}
	if err := j.Install(ctx); err != nil {
		log.Fatal(err)
	}
	return db, j
}

// The journal has what anybody changed, transaction by transaction.
func ExampleJournal_Changes() {
	ctx := context.Background()
	db, j := setup(ctx, journal.Table{Name: "notes"})
	defer func() { _ = db.Close() }()
	for _, statement := range []string{"INSERT INTO notes VALUES (1, 'call')", "UPDATE notes SET body = 'call back'", "DELETE FROM notes"} {
		if _, err := db.DB().ExecContext(ctx, statement); err != nil {
			log.Fatal(err)
		}
	}
	for c, err := range j.Changes(ctx, 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Seq, c.Op, c.Model, c.Key, c.Old["body"], "→", c.New["body"])
	}
	// Output:
	// 1 create notes [1] <nil> → call
	// 2 update notes [1] call → call back
	// 3 delete notes [1] call back → <nil>
}

// Publish tells a change in the transaction that makes it.
func ExampleJournal_Publish() {
	ctx := context.Background()
	db, j := setup(ctx, journal.Table{Name: "notes", Watch: journal.Published})
	defer func() { _ = db.Close() }()
	tx, err := db.DB().BeginTx(ctx, nil) // the service's own
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "INSERT INTO notes VALUES (1, 'call'), (2, 'private')"); err != nil {
		log.Fatal(err)
	}
	if err := j.Publish(ctx, db.In(tx), "notes", journal.Create, journal.Row{"id": 1}); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	for c, err := range j.Changes(ctx, 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Op, c.Key, c.New["body"])
	}
	// Output: create [1] call
}

// Compare finds what changed in a table without triggers.
func ExampleJournal_Compare() {
	ctx := context.Background()
	db, j := setup(ctx, journal.Table{Name: "notes", Watch: journal.Compared})
	defer func() { _ = db.Close() }()
	for _, statement := range []string{"INSERT INTO notes VALUES (1, 'call')", "UPDATE notes SET body = 'call back'"} {
		if _, err := db.DB().ExecContext(ctx, statement); err != nil {
			log.Fatal(err)
		}
		differ, err := j.Compare(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(differ, "differs")
	}
	for c, err := range j.Changes(ctx, 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Op, c.Key, c.New["body"])
	}
	// Output:
	// 1 differs
	// 1 differs
	// create [1] call
	// update [1] call back
}

// Off leaves out what a block writes.
func ExampleJournal_Off() {
	ctx := context.Background()
	db, j := setup(ctx, journal.Table{Name: "notes"})
	defer func() { _ = db.Close() }()
	err := j.Transaction(ctx, func(ctx context.Context, tx store.Tx) error {
		return j.Off(ctx, tx, func(ctx context.Context) error {
			_, err := tx.Exec(ctx, squirrel.Insert("notes").Columns("body").Values("imported"))
			return err
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	last, err := j.Last(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(last, "changes")
	// Output: 0 changes
}
