package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
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

// A parent whose list fails costs its own rows alone: the others are as fresh as ever.
func TestContract_C285_OneParentFails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, 1)
		m := harness.Model(t, b, d)
		b.Server.Account(tokenOf(1)).Collection("rentals").Put(remotetest.Record{"id": 2, "name": "second"})
		harness.Sync(t, m, synced.In(1))
		bad, good := b.Server.Account(tokenOf(1)).Collection("rentals/1/photos"), b.Server.Account(tokenOf(1)).Collection("rentals/2/photos")
		bad.Put(remotetest.Record{"id": 7})
		good.Put(remotetest.Record{"id": 8})
		b.Server.Fault(remotetest.Fault{Collection: "rentals/1/photos", Status: 422, Times: -1})
		photos := harness.Model(t, b, synced.Synced[photo]{Table: "photos", Scope: "rental_id", APIFor: d.APIFor, Log: d.Log,
			PerParent: synced.Each(m, "rentals/{synced_id}/photos")})
		const interval = 20 * time.Millisecond
		s := plan(t, b, options(t), schedule.Every(photos, interval, in(1)))
		run(t, s)
		// failed waits until several runs in a row have failed, and returns how long the next one waits.
		failed := func(atLeast int) (wait time.Duration) {
			await(t, func() bool {
				now := states(t, s, "photos")[int64(1)]
				wait = now.Next.Sub(now.Ended)
				return !now.Running && now.Ended.After(now.Began) && now.Failures >= atLeast
			})
			return wait
		}
		require.LessOrEqual(t, failed(4), interval)
		require.Equal(t, []string{"8"}, b.Column(t, "SELECT synced_id FROM photos"))
		b.Server.Fault(remotetest.Fault{Collection: "rentals/2/photos", Status: 422, Times: -1})
		await(t, func() bool { return failed(4) > 4*interval })
	})
}
