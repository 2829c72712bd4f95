package synced_test

import (
	"fmt"

	"github.com/syncedgo/synced"
)

// Migrations returns the SQL of synced's own tables, for a service that runs all its
// migrations itself.
func ExampleMigrations() {
	for _, m := range synced.Migrations(synced.PostgreSQL{Schema: "synced"}) {
		if m.Name == "numbers" {
			fmt.Println(m.Number, m.Name)
			fmt.Print(m.Down)
		}
	}
	// Output:
	// 9 numbers
	// ALTER TABLE "synced"."synced_seen" DROP COLUMN beside;
	// ALTER TABLE "synced"."synced_runs" DROP COLUMN number;
	// DELETE FROM "synced"."synced_migrations" WHERE version = 9;
}
