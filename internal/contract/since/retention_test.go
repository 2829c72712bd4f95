package since_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// forgetful declares rentals of a remote that forgets, and runs them once. The
// remote's clock stands long before ours.
func forgetful(t *testing.T, b *harness.Bundle, commit synced.Commit, s strategy.UpdatedSince) *synced.Model[harness.Rental] {
	t.Helper()
	b.Put("one", "two", "three", "four", "five")
	d := harness.Incremental(s)
	d.Remove, d.Commit = synced.Destroy{}, commit
	rentals := harness.Model(t, b, d)
	harness.Sync(t, rentals, synced.In(1))
	harness.Sync(t, rentals, synced.In(2))
	b.Server.Advance(time.Hour)
	// The remote says nothing about these deletions.
	b.Server.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
	b.Server.Collection("rentals").Delete(2, 4)
	b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
	return rentals
}

func TestContract_C26_ATimeOlderThanTheRetention(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				rentals := forgetful(t, b, commit, strategy.UpdatedSince{Retention: 24 * time.Hour, Tolerance: time.Minute})
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Updated: 1, Unchanged: 2, Removed: 2}, harness.CountsOf(result))
				require.Equal(t, "the remote knows of 24h0m0s, and 2026-01-01T11:59:00Z is longer ago", result.Complete)
				require.Contains(t, result.String(), "; everything was asked for: the remote knows of 24h0m0s")
				require.Zero(t, result.Since)
				require.Equal(t, []string{"", "", ""}, asked(b))
				require.True(t, result.StoredTime.After(remotetest.Start.Add(time.Hour)), "the time moved")
				require.Equal(t, []string{"ONE", "three", "five"}, harness.Names(t, rentals, synced.In(1)))
				require.Len(t, harness.Names(t, rentals, synced.In(2)), 5)
			})
		})
	}
	t.Run("a younger one", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			b.Put("one")
			d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1, Retention: 100 * 365 * 24 * time.Hour})
			rentals := harness.Model(t, b, d)
			require.Empty(t, harness.Sync(t, rentals, synced.In(1)).Complete, "a first run")
			result := harness.Sync(t, rentals, synced.In(1))
			require.Empty(t, result.Complete)
			require.Equal(t, []string{"", "2026-01-01T12:00:00Z"}, asked(b))
		})
	})
	t.Run("an initial time", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			b.Put("one")
			d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1, Retention: time.Hour, Initial: remotetest.Start})
			harness.Sync(t, harness.Model(t, b, d), synced.In(1))
			require.Equal(t, []string{"2026-01-01T12:00:00Z"}, asked(b), "nothing is here that could be missed")
		})
	})
	t.Run("no longer than the tolerance", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			_, err := synced.New(context.Background(), b.DB, harness.Incremental(strategy.UpdatedSince{Retention: time.Minute, Tolerance: time.Minute}))
			require.EqualError(t, err, "synced: rentals: strategy updated_since: retention 1m0s: give more than the tolerance, 1m0s, or leave it out")
		})
	})
}

func TestContract_C26_ATimeThatTheRemoteRejects(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, status := range []int{http.StatusGone, http.StatusUnprocessableEntity} {
			t.Run(fmt.Sprint(commit, status), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					rentals := forgetful(t, b, commit, strategy.UpdatedSince{Tolerance: -1})
					config := rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), HTTP: b.Server.Client()}
					if status != http.StatusGone {
						config.Since.Rejected = func(e *remote.Error) bool { return e.Status == status }
					}
					api, err := rest.NewClient(config)
					require.NoError(t, err)
					b.Server.Fault(remotetest.Fault{Status: status})
					result := harness.Sync(t, rentals, synced.In(1), synced.Call{API: api})
					require.Equal(t, harness.Counts{Updated: 1, Unchanged: 2, Removed: 2}, harness.CountsOf(result))
					require.Equal(t, "the remote rejected to be asked from 2026-01-01T12:00:00Z", result.Complete)
					require.Zero(t, result.Since)
					require.Equal(t, []string{"", "", "2026-01-01T12:00:00Z", ""}, asked(b))
					require.Equal(t, 2+2+2, result.Requests, "two lists, two absent records, and a control before and after them")
					require.True(t, result.StoredTime.After(remotetest.Start.Add(time.Hour)))
					require.Equal(t, []string{"ONE", "three", "five"}, harness.Names(t, rentals, synced.In(1)))

					b.Server.SetQuirks(remotetest.Quirks{})
					require.Equal(t, result.StoredTime, harness.Sync(t, rentals, synced.In(1)).Since)
				})
			})
		}
	}
}

func TestContract_C26_TheGuardsHoldAndTheTimeStaysWhenThePassFails(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		rentals := forgetful(t, b, synced.PerPage{}, strategy.UpdatedSince{Tolerance: -1})
		b.Server.Fault(remotetest.Fault{Status: 410})
		b.Server.Fault(remotetest.Fault{Status: 500})
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, 2, result.Requests)

		// An endpoint that is gone is no time that is rejected: it is tried once.
		b.Server.Fault(remotetest.Fault{Status: 410, Times: 2})
		result, err = rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, remote.ErrNotFound)
		require.Equal(t, 2, result.Requests)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 5)

		// Nor is a page after the first one.
		b.Server.SetQuirks(remotetest.Quirks{})
		for _, id := range []int{1, 3, 5} {
			b.Server.Collection("rentals").Update(id, remotetest.Record{"name": "new"})
		}
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 6, "name": "six"})
		b.Server.Fault(remotetest.Fault{Status: 410, Page: 2})
		_, err = rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, remote.ErrNotFound)

		b.Server.Collection("rentals").Delete(1, 3, 5, 6)
		b.Server.Fault(remotetest.Fault{Status: 410})
		log := len(asked(b))
		result = harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"2026-01-01T12:00:00Z", ""}, asked(b)[log:], "the time stayed")
		require.Equal(t, "the remote listed nothing at all", result.Refused.Reason)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 5)
	})
}

func TestContract_C26_DryRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		rentals := forgetful(t, b, synced.PerPage{}, strategy.UpdatedSince{Tolerance: -1})
		b.Server.Fault(remotetest.Fault{Status: 410})
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{DryRun: true})
		require.NotEmpty(t, result.Complete)
		require.Len(t, result.Diff.Additional, 2)
		require.Len(t, result.Diff.Changed, 1)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 5)
	})
}

// Deletions that have an endpoint of their own.
func TestContract_C23_AnEndpointForWhatWasDeleted(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Server.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
				b.Put("one", "two", "three", "four", "five", "six")
				b.Server.Advance(time.Hour)
				api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(harness.Token), HTTP: b.Server.Client(),
					Deleted: rest.Deleted{Endpoint: "%s/deleted", Key: "id"}})
				require.NoError(t, err)
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.API, d.Remove, d.Commit = api, synced.Destroy{}, commit
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				harness.Sync(t, rentals, synced.In(2))

				b.Server.Collection("rentals").Delete(1, 2, 3, 4)
				gone := b.Server.Collection("rentals/deleted")
				for _, id := range []int{1, 2, 3, 4} {
					gone.Put(remotetest.Record{"id": id})
				}
				// Deleted after the first page of the list came: this run sees it, and
				// the next one would as well.
				b.Server.OnRequest(func(r remotetest.Request) {
					if _, told := gone.Get(5); r.Collection == "rentals" && !told {
						gone.Put(remotetest.Record{"id": 5})
					}
				})
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Removed: 5}, harness.CountsOf(result))
				require.Equal(t, 3, result.Requests, "two pages of ids")
				require.Equal(t, []string{"six"}, harness.Names(t, rentals, synced.In(1)))
				require.Len(t, harness.Names(t, rentals, synced.In(2)), 6)
			})
		})
	}
}
