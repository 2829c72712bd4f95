package windows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Each window begins the tolerance before the end of the one before: a record may get its
// time before it can be seen. Ends are written in whole units of the format, and no window
// is longer than the API allows, or the fake would refuse it.
func TestContract_C172_WindowsOverlapByTheTolerance(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for format, layout := range map[string]string{"": time.RFC3339, time.DateOnly: time.DateOnly, "2006-01-02 15:04": "2006-01-02 15:04"} {
			s := spanned(t, b, 1, remotetest.Config{Since: remotetest.Since{Format: format}})
			s.live(12, 3*day)
			harness.Sync(t, s.rentals(t, strategy.UpdatedSince{Tolerance: 36 * time.Hour}), synced.In(1))
			var before time.Time
			for i, r := range s.srv.Log() {
				from, err := time.Parse(layout, r.Query.Get("from"))
				require.NoError(t, err)
				until, err := time.Parse(layout, r.Query.Get("to"))
				require.NoError(t, err)
				if r.Page == 1 && i > 0 && !from.Equal(before) {
					require.False(t, from.After(before.Add(-36*time.Hour)), "%s begins after %s less the tolerance", from, before)
				}
				before = until
			}
			require.Len(t, harness.Names(t, s.rentals(t, strategy.UpdatedSince{}), synced.In(1)), 12)
			b.Execute(t, "DROP TABLE rentals")
			b.Execute(t, "DELETE FROM synced_times")
		}
	})
}

// Where the time comes from the records, a window without any is passed once it ended
// long ago, and not where one may still come.
func TestContract_C172_EmptyWindowsWhereTheTimeIsThatOfRecords(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.srv.SetQuirks(remotetest.Quirks{NoSyncedAt: true})
		s.srv.Advance(25 * day)
		rentals := s.rentals(t, strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: "updated_at"}}})
		s.srv.Collection("rentals")
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"window", "window"}, s.times(t))
		require.WithinDuration(t, remotetest.Start.Add(20*day), result.StoredTime, time.Minute)
		require.Equal(t, "window", result.TimeSource)

		s.srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one"})
		at := s.srv.Now()
		s.srv.Advance(10 * day)
		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, result.Created)
		require.WithinRange(t, result.StoredTime, remotetest.Start.Add(28*day), at.Add(10*day), "the window of the record is long ago")
	})
}

// A nested record that moves with its parents is in two windows of one run, and listed by
// two parents.
func TestContract_C172_NestedRecordsMove(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		rooms := harness.Model(t, s.Bundle, synced.Synced[harness.Room]{Table: "rooms", Scope: "account_id"})
		t.Cleanup(func() { s.Execute(t, "DROP TABLE houses"); s.Execute(t, "DROP TABLE rooms") })
		d := synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Remove: synced.Destroy{},
			Strategy:     strategy.UpdatedSince{Initial: remotetest.Start},
			Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id")}}
		d.API = s.client(t)
		houses := harness.Model(t, s.Bundle, d)
		room := harness.Nested{"id": 7, "name": "attic"}
		list := s.srv.Collection("houses")
		list.Put(remotetest.Record{"id": 1, "name": "one", "rooms": []any{room}})
		s.srv.Advance(15 * day)
		list.Put(remotetest.Record{"id": 2, "name": "two", "rooms": []any{}})
		s.srv.Advance(10 * day)
		moved := false
		s.srv.OnRequest(func(r remotetest.Request) {
			if from, _ := time.Parse(time.RFC3339, r.Query.Get("from")); !moved && from.After(remotetest.Start.Add(8*day)) {
				moved = true
				list.Update(1, remotetest.Record{"rooms": []any{}})
				list.Update(2, remotetest.Record{"rooms": []any{room}})
			}
		})
		harness.Sync(t, houses, synced.In(1))
		s.srv.OnRequest(nil)
		harness.Sync(t, houses, synced.In(1))
		require.Equal(t, []string{"two"}, s.Column(t, "SELECT h.name FROM rooms r JOIN houses h ON h.id = r.house_id"))
	})
}

// A record that is in quarantine counts once, however many windows there are.
func TestContract_C172_Quarantine(t *testing.T) {
	onEach(t, func(t *testing.T, s *span) {
		s.srv.Collection("rentals").Put(remotetest.Record{"id": 50, "name": 7})
		s.live(12, 3*day)
		rentals := s.rentals(t, strategy.UpdatedSince{}, func(d *synced.Synced[harness.Rental]) { d.Invalid = synced.Quarantine{} })
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, result.Quarantined)
		require.Equal(t, 12, result.Created)
		for q, err := range rentals.Quarantined(t.Context(), synced.In(1)) {
			require.NoError(t, err)
			require.Equal(t, 1, q.Attempts)
		}
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Quarantined)
	})
}
