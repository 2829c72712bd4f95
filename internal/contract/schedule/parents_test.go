package schedule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

type leaf struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	HouseID   *int64 `db:"house_id" synced:"parent"`
}

type note struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	HouseID  int64 `db:"house_id"`
}

// What a schedule runs before a model.
func TestParents(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		houses := harness.NewEstate(t, b, synced.Destroy{}).Houses
		leaves := harness.Model(t, b, synced.Synced[leaf]{Table: "leaves", Scope: "account_id",
			BelongsTo: []synced.Parent{synced.BelongsTo(houses, "house", "house_id", synced.MissingNull)}})
		notes := harness.Model(t, b, synced.Synced[note]{Table: "notes", Scope: "house_id", PerParent: synced.Each(houses, "houses/{synced_id}/notes")})
		require.Empty(t, houses.Parents())
		require.Equal(t, []string{"houses"}, leaves.Parents())
		require.Equal(t, []string{"houses"}, notes.Parents())
	})
}
