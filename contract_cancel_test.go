package synced_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

func TestContract_C71_CancellingStopsPromptly(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bundle) {
				put(b, "one", "two", "three", "four", "five", "six", "seven")
				d := fullRentals()
				d.Commit, d.Remove = commit, synced.Destroy
				rentals := model(t, b, d)
				ctx, cancel := context.WithCancel(context.Background())
				b.srv.OnRequest(func(r remotetest.Request) {
					if r.Page == 2 {
						cancel()
					}
				})
				b.srv.Fault(remotetest.Fault{Page: 2, Delay: time.Hour})
				_, err := rentals.Synchronize(ctx, synced.In(1))
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "synced: rentals (account_id 1): ")
				b.srv.OnRequest(nil)
				b.srv.ClearFaults()
				if b.pool != nil {
					// pgx closes a connection that was cut off in the background.
					require.Eventually(t, func() bool { return b.pool.Stat().AcquiredConns() == 0 }, waitLong, waitTick, "no connection is kept")
				}
				synchronize(t, rentals, synced.In(1))
				require.Len(t, names(t, rentals, synced.In(1)), 7)
			})
		})
	}
	t.Run("anywhere", func(t *testing.T) {
		onBoth(t, func(t *testing.T, b *bundle) {
			b.srv.Collection("rentals").Generate(3000, func(i int, _ *rand.Rand) remotetest.Record {
				return remotetest.Record{"id": i + 1, "name": fmt.Sprint("rental ", i)}
			})
			api, err := remote.NewClient(remote.Config{BaseURL: b.srv.URL(), HTTP: b.srv.Client(), Auth: remote.Bearer(token), PerPage: 500})
			require.NoError(t, err)
			d := fullRentals()
			d.API = api
			rentals := model(t, b, d)
			for after := time.Millisecond; ; after += after/3 + time.Millisecond {
				ctx, cancel := context.WithTimeout(context.Background(), after)
				_, err := rentals.Synchronize(ctx, synced.In(1))
				cancel()
				if err == nil {
					break
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.True(t, strings.HasPrefix(err.Error(), "synced: rentals (account_id 1): "), err.Error())
				require.Equal(t, 1, strings.Count(err.Error(), "synced: "), err.Error())
				execute(t, b, "DELETE FROM rentals")
			}
			require.Len(t, names(t, rentals, synced.In(1)), 3000)
		})
	})
	t.Run("in the handler", func(t *testing.T) {
		onBoth(t, func(t *testing.T, b *bundle) {
			put(b, "one")
			ctx, cancel := context.WithCancel(context.Background())
			d := fullRentals()
			d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error {
				cancel()
				return nil
			}
			rentals := model(t, b, d)
			_, err := rentals.Synchronize(ctx, synced.In(1))
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, names(t, rentals, synced.In(1)), "rolled back")
		})
	})
}

// A panic in the service's own function goes on, and leaves no transaction open.
func TestAPanicLeavesNoTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one")
		d := fullRentals()
		d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error { panic("oops") }
		rentals := model(t, b, d)
		require.PanicsWithValue(t, "oops", func() { _, _ = rentals.Synchronize(context.Background(), synced.In(1)) })
		require.Empty(t, openTransactions(t, b))
		d.OnChange = nil
		require.Equal(t, counts{created: 1}, countsOf(synchronize(t, bind(t, b, d), synced.In(1))))
	})
}
