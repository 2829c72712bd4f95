package stress_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Each run keeps its time, also where the remote's stands still; the newest counts.
func TestContract_C108_Times(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{}))
		for range 45 {
			harness.Sync(t, rentals, synced.In(1))
		}
		harness.Sync(t, rentals, synced.In(2))
		n, err := strconv.Atoi(b.Column(t, "SELECT count(*) FROM synced_times WHERE scope_id = '1'")[0])
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, 10)
		require.LessOrEqual(t, n, 20)
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT count(*) FROM synced_times WHERE scope_id = '2'"))
	})
}

// Marks for a run that was killed, and for a pass that nobody resumes, are drawn together.
func TestContract_C113_Marks(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Execute(t, "UPDATE synced_runs SET ended_at = NULL") // killed
		for _, id := range []int{1, 2} {
			for range 60 {
				_, err := rentals.SyncOne(ctx, synced.In(1), id)
				require.NoError(t, err)
			}
		}
		n, err := strconv.Atoi(b.Column(t, "SELECT count(*) FROM synced_seen")[0])
		require.NoError(t, err)
		require.LessOrEqual(t, n, 101)

		// They still stand for their records, and are gone with the next run.
		b.Server.Collection("rentals").Delete(3)
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) FROM synced_seen"))
	})
}

// A row that waits for its parent and is deleted by others waits no longer.
func TestContract_C113_WaitingRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		_, photos := harness.Album(t, b, synced.MissingNull)
		b.Server.Collection("photos").Put(harness.PhotoOf(1, 7), harness.PhotoOf(2, 8), harness.PhotoOf(3, 7))
		harness.Sync(t, photos, synced.In(1))
		waiting := func() []string { return b.Column(t, "SELECT remote_id FROM synced_waiting ORDER BY 1") }
		require.Equal(t, []string{"1", "2", "3"}, waiting())
		b.Execute(t, "DELETE FROM photos WHERE synced_id = 1")
		b.Server.Collection("photos").Delete(1)
		harness.Sync(t, photos, synced.In(1))
		require.Equal(t, []string{"2", "3"}, waiting())

		// Also where a function of the service's removes it.
		b.Server.Collection("photos").Delete(2)
		by := synced.RemoveBy[harness.Photo]{Func: func(ctx context.Context, tx store.Tx, list []*harness.Photo) error {
			_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM photos WHERE synced_id = ?", list[0].SyncedID))
			return err
		}}
		require.Equal(t, 1, harness.Sync(t, photos, synced.In(1), synced.Call{Remove: by}).Removed)
		require.Equal(t, []string{"3"}, waiting())
	})
}
