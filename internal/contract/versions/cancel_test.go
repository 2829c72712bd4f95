package versions_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// A canceled row that is newer than the listed record stands for no other row.
func TestContract_C61_OlderAndCanceledHidesNoAbsence(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Commit = commit })
				villas := b.Server.Collection("villas")
				for id := 1; id <= 8; id++ {
					villas.Put(harness.CabinOf(id, 5, "five"))
				}
				harness.Sync(t, m, synced.In(1))
				villas.Delete(1)
				villas.Delete(2)
				require.Equal(t, 2, harness.Sync(t, m, synced.In(1)).Removed)

				villas.Put(harness.CabinOf(1, 4, "four"), harness.CabinOf(2, 4, "four")) // as a stale replica has them
				villas.Move(1, 0)
				villas.Move(2, 0) // on a page that is written before absent rows are looked for
				villas.Delete(3)
				villas.Delete(4)
				result := harness.Sync(t, m, synced.In(1))
				require.Equal(t, synced.Counts{Unchanged: 4, Older: 2, Removed: 2}, result.Counts)
				require.Equal(t, []string{"5", "6", "7", "8"}, b.Column(t, "SELECT CAST(synced_id AS text) FROM villas WHERE canceled_at IS NULL ORDER BY synced_id"))
			})
		})
	}
}
