package breaking_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/store"
)

// replica is the tables as a consumer of the outbox knows them, by model, account
// and id.
type replica struct {
	last int64
	rows map[string]string
}

func newReplica() *replica { return &replica{rows: map[string]string{}} }

// follow takes in the changes since the last call, and compares what it has with
// the tables. Each change must fit what it changes.
func (r *replica) follow(t testing.TB, db backend.Store) {
	t.Helper()
	for c, err := range outbox.Changes(context.Background(), db, "replica") {
		require.NoError(t, err)
		require.Greater(t, c.ID, r.last)
		r.last = c.ID
		k := c.Model + " " + key(c.ScopeID, c.RemoteID)
		require.Equal(t, r.rows[k], columns(c.Model, c.Old), "change %d: %s %s", c.ID, c.Kind, k)
		if r.rows[k] = columns(c.Model, c.New); c.New == nil {
			delete(r.rows, k)
		}
	}
	table := map[string]string{}
	for _, sql := range []string{
		"SELECT 'villas', account_id, synced_id, name || '|' || label FROM villas WHERE synced_id IS NOT NULL",
		"SELECT 'photos', account_id, synced_id, url FROM photos",
	} {
		each(t, db, sql, func(rows store.Rows) error {
			var model, text string
			var account, id int64
			err := rows.Scan(&model, &account, &id, &text)
			table[model+" "+key(account, id)] = text
			return err
		})
	}
	require.Equal(t, table, r.rows, "the outbox is not what the tables are")
}

// columns are what is compared of a row.
func columns(model string, row map[string]any) string {
	switch {
	case row == nil:
		return ""
	case model == "photos":
		return fmt.Sprint(row["url"])
	default:
		return fmt.Sprintf("%v|%v", row["name"], row["label"])
	}
}
