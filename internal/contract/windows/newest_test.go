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

// realtime is a remote whose clock is that of this machine, 35 days after it began.
func realtime(t *testing.T, b *harness.Bundle, inFlight int) (s *span, began time.Time) {
	began = time.Now().UTC().Truncate(time.Second).Add(-36 * day)
	s = spanned(t, b, inFlight, remotetest.Config{Clock: func() time.Time { return time.Now().Add(-36 * day) }})
	s.live(12, 3*day)
	return s, began
}

// covered counts the stored times, and those that stand for changes from a time on.
func (s *span) covered(t *testing.T) []string {
	t.Helper()
	return s.Column(t, "SELECT CAST(count(*) AS text) FROM synced_times UNION ALL SELECT CAST(count(covered_from) AS text) FROM synced_times")
}

// With NewestFirst, the first run begins with the newest window. A later run asks for what
// is new, and then for what is left.
func TestContract_C173_TheNewestFirst(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s, began := realtime(t, b, 1)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		s.srv.OnRequest(func(r remotetest.Request) {
			if n++; r.Query.Get("from") < began.Add(10*day).Format(time.RFC3339) {
				cancel() // at the third window
			}
		})
		rentals := s.rentals(t, strategy.UpdatedSince{Initial: began, NewestFirst: true, Tolerance: -1}, destroys)
		_, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"7", "8", "9", "10", "11", "12"}, harness.Names(t, rentals, synced.In(1)), "of the two newest windows")
		require.Equal(t, []string{"1", "1"}, s.covered(t), "the newest time, and since when it stands for all changes")

		// What changes meanwhile is new: the old record 2, and a deleted one that was listed.
		s.srv.OnRequest(nil)
		s.srv.Advance(2 * time.Hour)
		s.srv.Collection("rentals").Update(2, remotetest.Record{"name": "two"})
		s.srv.Collection("rentals").Delete(9)
		s.srv.ResetLog()
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"1", "two", "3", "4", "5", "6", "7", "8", "10", "11", "12"}, harness.Names(t, rentals, synced.In(1)))
		require.Equal(t, harness.Counts{Created: 6, Removed: 1}, harness.CountsOf(result))
		windows := map[string]bool{}
		for _, r := range s.srv.Log() {
			windows[r.Query.Get("from")] = true
		}
		require.Len(t, windows, 4, "what is new, further up to the remote's clock, and the two that are left")
		require.Contains(t, windows, began.Format(time.RFC3339))

		require.Equal(t, "0", s.covered(t)[1])
		s.srv.ResetLog()
		harness.Sync(t, rentals, synced.In(1))
		require.LessOrEqual(t, len(s.srv.Log()), 2, "all was asked for")
	})
}

// deleter is an API that calls records deleted in each window before a time.
type deleter struct {
	*rest.Client
	ids    []string
	before time.Time
}

func (d deleter) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		for p, err := range d.Client.Pages(ctx, req) {
			if err == nil && p.Number == 1 && req.UpdatedUntil.Before(d.before) {
				for _, id := range d.ids {
					p.DeletedIDs = append(p.DeletedIDs, remote.Value(id))
				}
			} else if err == nil && p.DeletedIDs == nil {
				p.DeletedIDs = []remote.Value{}
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// What older windows tell as deleted may have been created again since: it is asked for.
func TestContract_C173_OlderWindowsRemoveWhatIsNotFound(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s, began := realtime(t, b, 2)
		u := strategy.UpdatedSince{Initial: began, NewestFirst: true}
		harness.Sync(t, s.rentals(t, u), synced.In(1))
		s.srv.Collection("rentals").Delete(2) // which no list tells
		s.srv.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
		api, err := rest.NewClient(s.config)
		require.NoError(t, err)
		old := deleter{api, []string{"2", "12"}, time.Now().Add(-11 * day)}
		rentals := s.rentals(t, u, destroys, func(d *synced.Synced[harness.Rental]) { d.API = old })
		require.NoError(t, rentals.Reset(t.Context(), synced.In(1)))

		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Verify: synced.VerifyNever}})
		require.Zero(t, result.Removed)
		require.Equal(t, "records of older windows of time were deleted then, and may have been created again: they can't be asked for", result.Refused.Reason)
		require.Contains(t, result.NotStored, "it is not known which records the remote no longer has: records of older windows")
		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, result.Removed)
		require.Nil(t, result.Refused)
		require.Empty(t, result.NotStored)
		require.Equal(t, []string{"1", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, harness.Names(t, rentals, synced.In(1)))
	})
}

// A first run that has not come to its beginning is not forgotten where the order, or the
// API, is declared otherwise.
func TestContract_C173_WhatIsLeftIsNotForgotten(t *testing.T) {
	for name, change := range map[string]func(s *span, u *strategy.UpdatedSince){
		"forwards":        func(_ *span, u *strategy.UpdatedSince) { u.NewestFirst = false },
		"without windows": func(s *span, u *strategy.UpdatedSince) { u.NewestFirst, s.config.Since.Window = false, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				s, began := realtime(t, b, 1)
				ctx, cancel := context.WithCancel(t.Context())
				n := 0
				s.srv.OnRequest(func(r remotetest.Request) {
					if n++; n == 4 {
						cancel()
					}
				})
				u := strategy.UpdatedSince{Initial: began, NewestFirst: true}
				_, err := s.rentals(t, u).Synchronize(ctx, synced.In(1))
				require.ErrorIs(t, err, context.Canceled)
				s.srv.OnRequest(nil)
				change(s, &u)
				if s.config.Since.Window == 0 { // one that lists any span
					other := remotetest.New(remotetest.Config{PerPage: 3, Since: remotetest.Since{Param: "from", Until: "to"}, Clock: func() time.Time { return began }})
					t.Cleanup(other.Close)
					s.srv, s.config.BaseURL = other, other.URL()
					s.live(12, 3*day)
				}
				rentals := s.rentals(t, u)
				harness.Sync(t, rentals, synced.In(1))
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 12)
				harness.Sync(t, rentals, synced.In(1))
				require.Less(t, s.srv.Requests(), 30)
			})
		})
	}
}
