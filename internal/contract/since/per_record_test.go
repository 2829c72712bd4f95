package since_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Rows that something else than an updated-since run creates leave the next such run
// what it is: they get the time that the scope has.
func TestContract_C150_CreatedRowsGetTheTimeOfTheirScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Timestamps = timestamp.PerRecord{}
		rentals := harness.Model(t, b, d)
		given := func(id int) synced.Call {
			return synced.Call{Records: harness.Objects(t, b, remotetest.Record{"id": id, "name": "given"}), Remove: synced.KeepRows{}}
		}
		harness.Sync(t, rentals, synced.In(2), given(1))
		require.Zero(t, harness.Sync(t, rentals, synced.In(2)).Since, "a scope without a time has none to give")

		first := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1), given(50)).Created)
		next := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, first.StoredTime, next.Since, "records of the caller")

		atomic := given(51)
		atomic.Commit = synced.Atomic{}
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1), atomic).Created)
		require.Equal(t, next.StoredTime, harness.Sync(t, rentals, synced.In(1)).Since)

		b.Server.Collection("rentals").Put(remotetest.Record{"id": 3, "name": "three"})
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1), synced.Call{Strategy: strategy.Full{}}).Created)
		require.NotZero(t, harness.Sync(t, rentals, synced.In(1)).Since, "a full run")

		b.Server.Collection("rentals").Put(remotetest.Record{"id": 4, "name": "four"})
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		applied, err := rentals.Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy{}, AllowRemoval: true})
		require.NoError(t, err)
		require.Equal(t, 1, applied.Created)
		require.NotZero(t, harness.Sync(t, rentals, synced.In(1)).Since, "a diff that was applied")

		// A Reset holds, and so does a row that never was synchronized.
		require.NoError(t, rentals.Reset(ctx, synced.In(1)))
		harness.Sync(t, rentals, synced.In(1), given(52))
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		b.Execute(t, "UPDATE rentals SET synced_all_at = NULL WHERE synced_id = 1 AND account_id = 1")
		harness.Sync(t, rentals, synced.In(1), given(53))
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
	})
}

// A run that stores no time leaves the next one the time that it had itself.
func TestContract_C150_ARunThatStoresNoTime(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Timestamps = timestamp.PerRecord{}
		rentals := harness.Model(t, b, d)
		first := harness.Sync(t, rentals, synced.In(1))
		require.NotZero(t, first.StoredTime)
		page := remote.Page{Number: 1, SyncedAt: first.StoredTime, Partial: "the answer is cut short",
			Objects: harness.Objects(t, b, remotetest.Record{"id": 2, "name": "two"})}
		listing := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
			return func(yield func(*remote.Page, error) bool) { yield(&page, nil) }
		})
		partial := harness.Sync(t, rentals, synced.In(1), synced.Call{API: listing})
		require.Equal(t, 1, partial.Created)
		require.NotEmpty(t, partial.NotStored)
		require.Equal(t, first.StoredTime, harness.Sync(t, rentals, synced.In(1)).Since)
	})
}
