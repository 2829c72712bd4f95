package full_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// An incremental run of which nothing is new has two short transactions: one statement
// notes that it begins and reads what earlier ones left, three end it. Each transaction has
// its beginning, its end, and a look at the lock of the run, which is two statements on
// PostgreSQL. There, one more takes the lock, and one releases it. On SQLite, the first
// transaction takes it, so that it need not look, and the last one releases it.
func TestContract_C226_AnIdleRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		statements := b.Statements(t)
		b.Put("one", "two")
		b.Server.Advance(1000)
		d := harness.Incremental(strategy.UpdatedSince{})
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Advance(1e12)
		for range 3 {
			harness.Sync(t, rentals, synced.In(1))
			before := statements.Load()
			result := harness.Sync(t, rentals, synced.In(1))
			require.Zero(t, result.Records)
			require.NotZero(t, result.StoredTime)
			most := 4 + 2*(2+2) + 2
			if b.Pool == nil { // the lock is a lease in a table
				most = 4 + 2*2 + 1 + 3
			}
			require.LessOrEqual(t, int(statements.Load()-before), most)
		}
	})
}
