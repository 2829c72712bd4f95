package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/outbox"
)

func TestContract_C143_ConsumersCanBeRewound(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var events []string
		rentals := harness.Model(t, b, outboxed(&events))
		b.Put("one", "two", "three", "four")
		harness.Sync(t, rentals, synced.In(7))
		first := func() int64 {
			t.Helper()
			list := harness.Deliver(t, b, "search", -1)
			if len(list) == 0 {
				return 0
			}
			require.Len(t, list, int(5-list[0].ID))
			return list[0].ID
		}
		require.EqualError(t, outbox.Rewind(ctx, b.DB, "search", 0), `synced: outbox: rewind consumer "search": no such consumer: one is registered by its first Changes, and begins with the oldest change`)
		require.Equal(t, int64(1), first())
		require.Zero(t, first())

		// To a position.
		for position, want := range map[int64]int64{0: 1, 2: 3, 4: 0} {
			require.NoError(t, outbox.Rewind(ctx, b.DB, "search", position))
			require.Equal(t, want, first())
		}
		for _, position := range []int64{-1, 5} {
			require.ErrorContains(t, outbox.Rewind(ctx, b.DB, "search", position), "give the ID of a change, from 0 to 4")
		}

		// To a time.
		noon := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
		b.Execute(t, "UPDATE synced_changes SET at = ? WHERE id < 3", noon)
		for at, want := range map[time.Time]int64{{}: 1, noon: 1, noon.Add(time.Second): 3, time.Now().Add(time.Hour): 0} {
			require.NoError(t, outbox.RewindTo(ctx, b.DB, "search", at))
			require.Equal(t, want, first(), at)
		}

		// It skips nothing.
		require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 1))
		require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 3))
		require.NoError(t, outbox.RewindTo(ctx, b.DB, "search", time.Now().Add(time.Hour)))
		require.Equal(t, int64(2), first())

		// A loop that is under way goes back as well.
		require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 0))
		var ids []int64
		for c, err := range outbox.Changes(ctx, b.DB, "search") {
			require.NoError(t, err)
			if ids = append(ids, c.ID); len(ids) == 3 {
				require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 1))
			}
		}
		require.Equal(t, []int64{1, 2, 3, 4}, ids[:4])
		require.Contains(t, ids[4:], int64(2))
		require.Equal(t, int64(4), ids[len(ids)-1])
		require.Zero(t, first())

		// Also where the loop is left after it.
		require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 0))
		for c, err := range outbox.Changes(ctx, b.DB, "search") {
			require.NoError(t, err)
			if c.ID == 3 {
				require.NoError(t, outbox.Rewind(ctx, b.DB, "search", 1))
			}
			if c.ID == 4 {
				break
			}
		}
		require.LessOrEqual(t, first(), int64(2))

		// A name that no model has.
		n := 0
		for _, err := range outbox.Changes(ctx, b.DB, "search", "rentals", "Rental") {
			require.EqualError(t, err, `synced: outbox: consumer "search": no model "Rental": the database has no such table; name models by the Table of their declarations, such as ["rentals"]`)
			n++
		}
		require.Equal(t, 1, n)
		b.Execute(t, "DROP TABLE rentals")
		require.Empty(t, harness.Deliver(t, b, "search", -1, "rentals"), "its changes are there")
	})
}
