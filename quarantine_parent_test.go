package synced_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A parent's id that is none makes the record invalid, and what is set aside
// waits for no parent.
func TestContract_C60_RecordsThatBelongToAParent(t *testing.T) {
	for _, missing := range []synced.Missing{synced.LeaveNull, synced.Fetch} {
		t.Run([]string{"leave null", "fetch"}[missing], func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				houses := model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id"})
				d := synced.Synced[Photo]{Table: "photos", Scope: "account_id", Strategy: strategy.Full{}, BelongsTo: []synced.Parent{
					synced.BelongsTo(houses, "links.house", "house_id", missing)}}
				failing := model(t, b, d)
				d.Invalid = synced.Quarantine
				photos := bind(t, b, d)
				b.srv.Collection("houses").Put(remotetest.Record{"id": 7, "name": "seven"})
				synchronize(t, houses, synced.In(1))
				b.srv.Collection("photos").Put(photo(1, 7), photo(2, "seven"), photo(3, 99))
				b.srv.Collection("photos").Update(3, remotetest.Record{"name": 3})
				_, err := failing.Synchronize(context.Background(), synced.In(1))
				require.ErrorContains(t, err, `record 2: links.house: the remote id is "seven"`)

				result := synchronize(t, photos, synced.In(1))
				require.Equal(t, counts{created: 1}, countsOf(result))
				require.Equal(t, 2, result.Quarantined)
				require.Equal(t, []string{"1:seven"}, shown(t, b))
				require.Equal(t, []string{`2: links.house: the remote id is "seven", but field SyncedID wants a 64-bit integer (1)`,
					"3: name: the number 3 does not fit field Name of type string (1)"}, quarantined(t, photos, synced.In(1)))
				require.Empty(t, column(t, b, "SELECT remote_id FROM synced_waiting"))
				diff, err := photos.Check(context.Background(), synced.In(1))
				require.NoError(t, err)
				require.Len(t, diff.Invalid, 2)
				require.True(t, diff.Passed(), diff)

				// Good again, from what was kept: the parent is found too.
				b.srv.Collection("photos").Put(photo(2, 7))
				require.Equal(t, 1, synchronize(t, photos, synced.In(1)).Quarantined)
				require.Equal(t, []string{"1:seven", "2:seven"}, shown(t, b))
			})
		})
	}
}

// The stored objects of Remap were good once: that they can't be mapped any more
// is the mapping's fault, and an error.
func TestContract_C60_RemapSetsNothingAside(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "")
		d := fullRentals()
		synchronize(t, model(t, b, d), synced.In(1))
		d.MapVersion, d.Invalid = 2, synced.Quarantine
		execute(t, b, "UPDATE rentals SET synced_data = '{\"id\":2,\"name\":2}' WHERE synced_id = 2")
		_, err := bind(t, b, d).Remap(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): record 2: name: the number 2 does not fit field Name of type string")
		require.Equal(t, []string{"1 one", "2 "}, rows(t, b))
		require.Empty(t, column(t, b, "SELECT remote_id FROM synced_quarantine"))
	})
}
