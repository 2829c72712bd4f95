package since_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A record gets its time when its transaction begins, and can be seen when that commits:
// a run between the two passes it over.
func TestContract_C91_ARecordThatIsSeenLateIsFetched(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		b.Server.Advance(time.Hour)
		stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
		b.Server.Advance(-3 * time.Second)
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "late"})
		b.Server.Advance(time.Minute)
		late := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(late))
		require.Equal(t, stored.Add(-strategy.DefaultTolerance), late.Since)
		require.Equal(t, []string{"one", "two", "late"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// A pass that leaves rows it did not list stores no time: from then on, runs would ask
// for what changed, and learn neither of deletions before it nor of what the list hid.
func TestContract_C92_APassThatRefusesARemovalStoresNoTime(t *testing.T) {
	for name, c := range map[string]struct {
		remove synced.Removal
		spoil  func(b *harness.Bundle)
		why    string
	}{
		"nothing is listed": {synced.Destroy{}, func(b *harness.Bundle) {
			b.Server.Fault(remotetest.Fault{Body: `{"rentals":[]}`, Header: http.Header{"Link": nil, "X-Total-Count": {"0"}, "X-Total-Pages": {"0"}}})
		}, "the remote listed nothing at all"},
		"nothing is listed, without removal": {nil, func(b *harness.Bundle) {
			b.Server.Fault(remotetest.Fault{Body: `{"rentals":[]}`, Header: http.Header{"Link": nil, "X-Total-Count": {"0"}, "X-Total-Pages": {"0"}}})
		}, "the remote listed nothing at all"},
		"an absent record is unclear": {synced.Destroy{}, func(b *harness.Bundle) {
			b.Server.Collection("rentals").Delete(2)
			b.Server.Fault(remotetest.Fault{Collection: "rentals/2", Status: 400, Times: 99})
		}, "1 of 1 absent record could not be asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four")
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.Remove = c.remove
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				b.Server.Advance(time.Hour)
				b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
				require.NoError(t, rentals.Reset(context.Background(), synced.In(1)))

				c.spoil(b)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Zero(t, result.StoredTime)
				require.Contains(t, result.NotStored, c.why)
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 4)

				b.Server.ClearFaults()
				b.Server.Advance(time.Minute)
				again := harness.Sync(t, rentals, synced.In(1))
				require.Zero(t, again.Since, "it asks for everything again")
				require.NotZero(t, again.StoredTime)
				require.Contains(t, harness.Names(t, rentals, synced.In(1)), "ONE")
			})
		})
	}
}
