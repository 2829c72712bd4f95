package ledger

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// tables are synced's own, in the order of their migrations.
var tables = []string{times, quarantine, waiting, changes, outbox, consumers, "synced_locks", tokens, validators, runs, passes, seen, refusals, refused}

// Ready returns an error where the database was not migrated up to this version.
// It is one query.
func Ready(ctx context.Context, q backend.Querier) error {
	missing := ""
	err := store.Each(ctx, q, q.Dialect().Missing(tables), func(rows store.Rows) error {
		var table string
		err := rows.Scan(&table)
		if missing == "" {
			missing = table
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("look for synced's own tables: %w", err)
	}
	if missing != "" {
		return fmt.Errorf("the database has no table %s: call Migrate on the store first", missing)
	}
	return nil
}
