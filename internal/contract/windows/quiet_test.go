package windows_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// undated is an API whose answers have no date.
type undated struct{ *rest.Client }

func (u undated) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		for p, err := range u.Client.Pages(ctx, req) {
			if p != nil {
				p.Date = time.Time{}
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// Where the time comes from records and the newest windows have none, an older one tells it:
// runs that are told to stop come to their end, and later ones don't begin again.
func TestContract_C271_NewestWindowsWithoutARecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, dated := range []bool{true, false} {
			b.Execute(t, "DROP TABLE IF EXISTS rentals")
			b.Execute(t, "DELETE FROM synced_times")
			began := time.Now().UTC().Truncate(time.Second).Add(-36 * day)
			s := spanned(t, b, 1, remotetest.Config{Clock: func() time.Time { return time.Now().Add(-36 * day) }})
			s.srv.SetQuirks(remotetest.Quirks{NoSyncedAt: true})
			s.live(5, 3*day)
			s.srv.Advance(21 * day)
			u := strategy.UpdatedSince{Initial: began, NewestFirst: true, Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: "updated_at"}}}
			rentals := s.rentals(t, u, func(d *synced.Synced[harness.Rental]) {
				if !dated {
					d.API = undated{s.client(t)}
				}
			})
			for runs, stopping := 0, true; stopping; runs++ {
				require.Less(t, runs, 10, "they end")
				stopping = harness.Sync(t, rentals, synced.In(1), stopped()).Stopped != ""
			}
			require.Equal(t, []string{"1", "2", "3", "4", "5"}, harness.Names(t, rentals, synced.In(1)))
			s.srv.ResetLog()
			harness.Sync(t, rentals, synced.In(1))
			for _, r := range s.srv.Log() {
				require.Greater(t, r.Query.Get("from"), began.Add(11*day).Format(time.RFC3339), "it went back once more")
			}
			s.srv.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
			require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Updated)
		}
	})
}
