package quarantine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A parent's id that is no id makes the record invalid, and a quarantined record
// waits for no parent.
func TestContract_C60_RecordsThatBelongToAParent(t *testing.T) {
	for _, missing := range []synced.WhenMissing{synced.MissingNull, synced.MissingFetch} {
		t.Run([]string{"leave null", "fetch"}[missing], func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id"})
				d := synced.Synced[harness.Photo]{Table: "photos", Scope: "account_id", Strategy: strategy.Full{}, BelongsTo: []synced.Parent{
					synced.BelongsTo(houses, "links.house", "house_id", missing)}}
				failing := harness.Model(t, b, d)
				d.Invalid = synced.Quarantine{}
				photos := harness.Bind(t, b, d)
				b.Server.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
				harness.Sync(t, houses, synced.In(1))
				b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, "seven"), harness.PhotoOf(3, 99))
				b.Server.Collection("photos").Update(3, remotetest.Record{"name": 3})
				_, err := failing.Synchronize(context.Background(), synced.In(1))
				require.ErrorContains(t, err, `record 2: links.house: the remote id is "seven"`)

				result := harness.Sync(t, photos, synced.In(1))
				require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(result))
				require.Equal(t, 2, result.Quarantined)
				require.Equal(t, []string{"1:seven"}, harness.Shown(t, b))
				require.Equal(t, []string{`2: links.house: the remote id is "seven", but field SyncedID wants a 64-bit integer: make it a string, if the remote's ids are texts (1)`,
					"3: name: the number 3 does not fit field Name of type string (1)"}, quarantined(t, photos, synced.In(1)))
				require.Empty(t, b.Column(t, "SELECT remote_id FROM synced_waiting"))
				diff, err := photos.Check(context.Background(), synced.In(1))
				require.NoError(t, err)
				require.Len(t, diff.Invalid, 2)
				require.True(t, diff.Passed(), diff)

				// Good again, from what was kept: the parent is found too.
				b.Server.Collection("photos").Put(harness.PhotoOf(2, 7))
				require.Equal(t, 1, harness.Sync(t, photos, synced.In(1)).Quarantined)
				require.Equal(t, []string{"1:seven", "2:seven"}, harness.Shown(t, b))
			})
		})
	}
}

// The stored objects of Remap were good once: that they can no longer be mapped
// is the mapping's fault, and an error.
func TestContract_C60_RemapSetsNothingAside(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "")
		d := harness.Rentals()
		harness.Sync(t, harness.Model(t, b, d), synced.In(1))
		d.MapVersion, d.Invalid = 2, synced.Quarantine{}
		b.Execute(t, "UPDATE rentals SET synced_data = '{\"id\":2,\"name\":2}' WHERE synced_id = 2")
		_, err := harness.Bind(t, b, d).Remap(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): record 2: name: the number 2 does not fit field Name of type string; make Name an int64, a float64 or a json.Number")
		require.Equal(t, []string{"1 one", "2 "}, rows(t, b))
		require.Empty(t, b.Column(t, "SELECT remote_id FROM synced_quarantine"))
	})
}
