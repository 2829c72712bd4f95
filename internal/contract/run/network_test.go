package run_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/sqlitedriver"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// TestContract_C64_NoTransactionOverTheNetwork looks at the database while each
// page is being asked for: no transaction of the run may be open, and another
// writer gets in at once.
func TestContract_C64_NoTransactionOverTheNetwork(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		for _, s := range []strategy.Strategy{strategy.Full{}, strategy.UpdatedSince{}, strategy.Check{}} {
			t.Run(fmt.Sprintf("commit %d, %s", commit, s.String()), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					b.Put("one", "two", "three", "four", "five", "six", "seven", "eight")
					d := harness.Rentals()
					d.Commit, d.Strategy, d.Remove = commit, s, synced.Destroy{}
					rentals := harness.Model(t, b, d)
					b.Execute(t, "CREATE TABLE others (page bigint)")
					other := otherWriter(t, b)
					b.Server.OnRequest(func(r remotetest.Request) {
						// The page before this one is written while this one is fetched, so
						// let that end; what is open after it stays open over the network.
						require.Eventually(t, func() bool { return len(b.OpenTransactions(t)) == 0 && other(r.Page) == nil }, harness.WaitLong, harness.WaitTick,
							"a transaction is open while page %d is served", r.Page)
					})
					result, err := rentals.Synchronize(context.Background(), synced.In(1))
					require.NoError(t, err)
					require.Equal(t, 3, result.Pages)
					require.Equal(t, []string{"1", "2", "3"}, b.Column(t, "SELECT CAST(page AS text) FROM others ORDER BY page"))
				})
			})
		}
	}
}

// otherWriter writes to the database as another process would.
func otherWriter(t *testing.T, b *harness.Bundle) func(page int) error {
	t.Helper()
	if b.Pool != nil {
		return func(page int) error {
			_, err := b.Pool.Exec(context.Background(), "INSERT INTO others VALUES ($1)", page)
			return err
		}
	}
	var path string
	require.NoError(t, b.File.DB().QueryRow("SELECT file FROM pragma_database_list").Scan(&path))
	// Without a busy timeout: a writer that finds the file locked fails at once.
	db := sqlitedriver.Open(sqlitedriver.Database{URI: "file:" + path, Path: path})
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return func(page int) error {
		_, err := db.Exec("INSERT INTO others VALUES (?)", page)
		return err
	}
}

// A page is written while the next one is under way.
func TestPagesAreFetchedAhead(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "five", "six", "seven")
		asked := make(chan int, 10)
		b.Server.OnRequest(func(r remotetest.Request) { asked <- r.Page })
		var wrote atomic.Int32
		d := harness.Rentals()
		d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error {
			if wrote.Add(1) == 1 {
				// While the first page is written, the second is asked for.
				require.Equal(t, 1, <-asked)
				require.Equal(t, 2, <-asked)
			}
			return nil
		}
		require.Equal(t, harness.Counts{Created: 7}, harness.CountsOf(harness.Sync(t, harness.Model(t, b, d), synced.In(1))))
	})
}

// A committed page can be read while the next one is slow.
func TestCommittedPagesAreSeenWhileTheNextIsSlow(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, harness.Rentals())
		b.Server.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 {
				require.Eventually(t, func() bool { return len(harness.Names(t, rentals, synced.In(1))) == 3 }, 5*time.Second, 5*time.Millisecond)
			}
		})
		harness.Sync(t, rentals, synced.In(1))
	})
}
