package run_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
)

func TestContract_C71_CancelingStopsPromptly(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four", "five", "six", "seven")
				d := harness.Rentals()
				d.Commit, d.Remove = commit, synced.Destroy{}
				rentals := harness.Model(t, b, d)
				ctx, cancel := context.WithCancel(context.Background())
				b.Server.OnRequest(func(r remotetest.Request) {
					if r.Page == 2 {
						cancel()
					}
				})
				b.Server.Fault(remotetest.Fault{Page: 2, Delay: time.Hour})
				_, err := rentals.Synchronize(ctx, synced.In(1))
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "synced: rentals (account_id 1): ")
				b.Server.OnRequest(nil)
				b.Server.ClearFaults()
				if b.Pool != nil {
					// pgx closes a connection that was cut off in the background.
					require.Eventually(t, func() bool { return b.Pool.Stat().AcquiredConns() == 0 }, harness.WaitLong, harness.WaitTick, "no connection is kept")
				}
				harness.Sync(t, rentals, synced.In(1))
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 7)
			})
		})
	}
	t.Run("anywhere", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			b.Server.Collection("rentals").Generate(3000, func(i int, _ *rand.Rand) remotetest.Record {
				return remotetest.Record{"id": i + 1, "name": fmt.Sprint("rental ", i)}
			})
			api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Auth: wire.Bearer(harness.Token), PerPage: 500})
			require.NoError(t, err)
			d := harness.Rentals()
			d.API = api
			rentals := harness.Model(t, b, d)
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
				b.Execute(t, "DELETE FROM rentals")
			}
			require.Len(t, harness.Names(t, rentals, synced.In(1)), 3000)
		})
	})
	t.Run("in the handler", func(t *testing.T) {
		harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
			b.Put("one")
			ctx, cancel := context.WithCancel(context.Background())
			d := harness.Rentals()
			d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error {
				cancel()
				return nil
			}
			rentals := harness.Model(t, b, d)
			_, err := rentals.Synchronize(ctx, synced.In(1))
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, harness.Names(t, rentals, synced.In(1)), "rolled back")
		})
	})
}

// A panic in the service's own function goes on, and leaves no transaction open.
func TestAPanicLeavesNoTransaction(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		d := harness.Rentals()
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error { panic("oops") }
		rentals := harness.Model(t, b, d)
		require.PanicsWithValue(t, "oops", func() { _, _ = rentals.Synchronize(context.Background(), synced.In(1)) })
		require.Empty(t, b.OpenTransactions(t))
		d.OnChange = nil
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, harness.Bind(t, b, d), synced.In(1))))
	})
}
