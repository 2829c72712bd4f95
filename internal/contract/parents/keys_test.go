package parents_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Keys may be UUIDs.
func TestContract_C155_KeysThatAreUUIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type top struct {
			ID       uuid.UUID `db:"id"`
			SyncedID string    `json:"id" db:"synced_id"`
			Owner    string    `db:"owner"`
		}
		type below struct {
			SyncedID int64     `json:"id" db:"synced_id"`
			TopID    uuid.UUID `db:"top_id"`
		}
		kind, random := "uuid", "gen_random_uuid()"
		if b.Pool == nil {
			kind, random = "text", "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6))))"
		}
		b.Execute(t, fmt.Sprintf("CREATE TABLE tops (id %s PRIMARY KEY DEFAULT %s, synced_id text, owner text, UNIQUE (owner, synced_id))", kind, random))
		b.Execute(t, fmt.Sprintf("CREATE TABLE below (synced_id bigint, top_id %s, UNIQUE (top_id, synced_id))", kind))
		tops := harness.Bind(t, b, synced.Synced[top]{Table: "tops", Scope: "owner", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		belows := harness.Bind(t, b, synced.Synced[below]{Table: "below", Scope: "top_id", Remove: synced.Destroy{},
			PerParent: synced.Each(tops, "tops/{synced_id}/below", synced.EachOptions{Due: "id"})})
		const n = 7
		for i := range n {
			b.Server.Collection("tops").Put(remotetest.Record{"id": fmt.Sprint("t", i)})
			b.Server.Collection(fmt.Sprintf("tops/t%d/below", i)).Put(remotetest.Record{"id": 1})
		}
		both := synced.Together(tops, belows)
		results, err := both.Synchronize(t.Context(), synced.In("o"))
		require.NoError(t, err)
		require.Equal(t, n, results[1].Created)
		for row, err := range tops.All(t.Context(), synced.NoScope) {
			require.NoError(t, err)
			_, err := belows.Synchronize(t.Context(), synced.InParent(row.ID))
			require.NoError(t, err)
		}
		b.Server.Advance(2 * time.Hour)
		results, err = both.Synchronize(t.Context(), synced.In("o"))
		require.NoError(t, err)
		require.Equal(t, parentsOf(0, n, 0, 0), results[1].Parents)

		b.Server.Collection("tops").Delete("t3")
		results, err = both.Synchronize(t.Context(), synced.In("o"))
		require.NoError(t, err)
		require.Equal(t, parentsOf(0, n-1, 0, 1), results[1].Parents)
		require.Equal(t, 1, results[1].Removed)
	})
}
