package synced_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// TestContract_C64_NoTransactionOverTheNetwork looks at the database while each
// page is being asked for: no transaction of the run may be open, and another
// writer gets in at once.
func TestContract_C64_NoTransactionOverTheNetwork(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
		for _, s := range []strategy.Strategy{strategy.Full{}, strategy.UpdatedSince{}, strategy.Check{}} {
			t.Run(fmt.Sprintf("commit %d, %s", commit, s.Name()), func(t *testing.T) {
				onBoth(t, func(t *testing.T, b *bundle) {
					put(b, "one", "two", "three", "four", "five", "six", "seven", "eight")
					d := fullRentals()
					d.Commit, d.Strategy, d.Remove = commit, s, synced.Destroy
					rentals := model(t, b, d)
					execute(t, b, "CREATE TABLE others (page bigint)")
					other := otherWriter(t, b)
					b.srv.OnRequest(func(r remotetest.Request) {
						// The page before this one is written while this one is fetched, so
						// let that end; what is open after it stays open over the network.
						require.Eventually(t, func() bool { return len(openTransactions(t, b)) == 0 }, 5*time.Second, 5*time.Millisecond,
							"a transaction is open while page %d is served", r.Page)
						require.NoError(t, other(r.Page))
					})
					result, err := rentals.Synchronize(context.Background(), synced.In(1))
					require.NoError(t, err)
					require.Equal(t, 3, result.Pages)
					require.Equal(t, []string{"1", "2", "3"}, column(t, b, "SELECT CAST(page AS text) FROM others ORDER BY page"))
				})
			})
		}
	}
}

// otherWriter writes to the database as another process would.
func otherWriter(t *testing.T, b *bundle) func(page int) error {
	t.Helper()
	if b.pool != nil {
		return func(page int) error {
			_, err := b.pool.Exec(context.Background(), "INSERT INTO others VALUES ($1)", page)
			return err
		}
	}
	var path string
	require.NoError(t, b.db.(*sqlite.Store).DB().QueryRow("SELECT file FROM pragma_database_list").Scan(&path))
	// Without a busy timeout: a writer that finds the file locked fails at once.
	db, err := sql.Open("sqlite3", "file:"+path+"?_pragma=busy_timeout(0)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return func(page int) error {
		_, err := db.Exec("INSERT INTO others VALUES (?)", page)
		return err
	}
}

// openTransactions lists the transactions of the pool that wait for their
// client. On SQLite, whose locks otherWriter meets, it lists whether the one
// writing connection is in use.
func openTransactions(t *testing.T, b *bundle) []string {
	t.Helper()
	if b.pool == nil {
		return make([]string, b.db.(*sqlite.Store).DB().Stats().InUse)
	}
	return column(t, b, "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")
}

// A page is written while the next one is under way.
func TestPagesAreFetchedAhead(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four", "five", "six", "seven")
		asked := make(chan int, 10)
		b.srv.OnRequest(func(r remotetest.Request) { asked <- r.Page })
		var wrote atomic.Int32
		d := fullRentals()
		d.OnChange = func(context.Context, store.Tx, []synced.Change[Rental]) error {
			if wrote.Add(1) == 1 {
				// While the first page is written, the second is asked for.
				require.Equal(t, 1, <-asked)
				require.Equal(t, 2, <-asked)
			}
			return nil
		}
		require.Equal(t, counts{created: 7}, countsOf(synchronize(t, model(t, b, d), synced.In(1))))
	})
}

// A committed page can be read while the next one is slow.
func TestCommittedPagesAreSeenWhileTheNextIsSlow(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		put(b, "one", "two", "three", "four")
		rentals := model(t, b, fullRentals())
		b.srv.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 {
				require.Eventually(t, func() bool { return len(names(t, rentals, synced.In(1))) == 3 }, 5*time.Second, 5*time.Millisecond)
			}
		})
		synchronize(t, rentals, synced.In(1))
	})
}
