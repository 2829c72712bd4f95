package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

var lockTests = tests{
	"one holder at a time":                 lockExclusive,
	"names are independent":                lockNames,
	"waits until it is released":           lockWaits,
	"waits no longer than told":            lockWaitEnds,
	"a canceled wait":                      lockWaitCanceled,
	"a context that ended before":          lockCanceledBefore,
	"the token grows":                      lockTokens,
	"Check until Release":                  lockCheck,
	"Check after it was taken over":        lockTakenOver,
	"Release twice, and after a loss":      lockReleaseTwice,
	"Release with an ended context":        lockReleaseCanceled,
	"outlives the context it was taken in": lockOutlives,
	"50 goroutines, 10 names":              lockMany,
	"before Migrate":                       lockBeforeMigrate,
}

// long is a wait that no test reaches.
const long = time.Minute

func migrated(t *testing.T, db backend.Store) {
	t.Helper()
	require.NoError(t, db.Migrate(t.Context()))
}

// Lock takes a free lock, which is released with the test.
func Lock(t testing.TB, db backend.Store, name string) backend.Lock {
	t.Helper()
	lock, err := db.Lock(t.Context(), name, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lock.Release(context.Background())) })
	return lock
}

// Token returns the number of the last holder of a lock.
func Token(t *testing.T, q store.Querier, name string) int64 {
	t.Helper()
	return Value[int64](t, q, "SELECT token FROM synced_locks WHERE name = ?", name)
}

// Check checks a lock in its own transaction.
func Check(t testing.TB, db backend.Store, lock backend.Lock) error {
	t.Helper()
	tx := begin(t, db)
	defer func() { require.NoError(t, tx.Rollback(context.Background())) }()
	return CheckIn(t, lock, tx)
}

// CheckIn checks a lock in a transaction, whose next statement may have the answer.
func CheckIn(t testing.TB, lock backend.Lock, tx backend.Tx) error {
	t.Helper()
	err := lock.Check(t.Context(), tx)
	if err == nil {
		_, err = store.One(t.Context(), tx, squirrel.Expr("SELECT 1"), nil)
	}
	return err
}

func lockExclusive(t *testing.T, db backend.Store) {
	migrated(t, db)
	for range 3 {
		lock := Lock(t, db, "one")
		_, err := db.Lock(t.Context(), "one", 0)
		require.ErrorIs(t, err, store.ErrLocked)
		require.ErrorContains(t, err, "lock one: ")
		require.NoError(t, Check(t, db, lock))
		require.NoError(t, lock.Release(t.Context()))
	}
}

func lockNames(t *testing.T, db backend.Store) {
	migrated(t, db)
	for _, name := range []string{"one", "two", "", "ü 'quoted' \"name\" ?", "synced/rentals/account_id/1"} {
		lock := Lock(t, db, name)
		require.NoError(t, Check(t, db, lock), name)
	}
}

func lockWaits(t *testing.T, db backend.Store) {
	migrated(t, db)
	first := Lock(t, db, "one")
	try, tries := Watch(t), Watch(t)
	_, err := db.Lock(try, "one", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	waiting := make(chan error)
	go func() {
		second, err := db.Lock(tries, "one", long)
		if err == nil {
			err = second.Release(t.Context())
		}
		waiting <- err
	}()
	tries.TriedAgain(t, try, waiting)
	require.NoError(t, Check(t, db, first))
	require.NoError(t, first.Release(t.Context()))
	require.NoError(t, <-waiting)
}

func lockWaitEnds(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock := Lock(t, db, "one")
	_, err := db.Lock(t.Context(), "one", 50*time.Millisecond)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, Check(t, db, lock))
}

func lockWaitCanceled(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock := Lock(t, db, "one")
	canceled(t, func(ctx context.Context) ([]backend.Outcome, error) {
		_, err := db.Lock(ctx, "one", long)
		return nil, err
	})
	require.NoError(t, Check(t, db, lock))
	require.NoError(t, lock.Release(t.Context()))
	Lock(t, db, "one")
}

func lockCanceledBefore(t *testing.T, db backend.Store) {
	migrated(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Lock(ctx, "one", long)
	require.ErrorIs(t, err, context.Canceled)
	Lock(t, db, "one")
}

func lockTokens(t *testing.T, db backend.Store) {
	migrated(t, db)
	last := int64(0)
	for range 5 {
		lock := Lock(t, db, "one")
		token := Token(t, db, "one")
		require.Greater(t, token, last)
		last = token
		require.NoError(t, lock.Release(t.Context()))
	}
}

func lockCheck(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock := Lock(t, db, "one")
	require.NoError(t, Check(t, db, lock))
	require.NoError(t, Check(t, db, lock))
	require.NoError(t, lock.Release(t.Context()))
	require.ErrorIs(t, Check(t, db, lock), store.ErrLockLost)

	next := Lock(t, db, "one")
	require.ErrorIs(t, Check(t, db, lock), store.ErrLockLost)
	require.NoError(t, Check(t, db, next))
}

// takeOver makes the lock another's, as one would that had found it abandoned.
func takeOver(t *testing.T, db backend.Store, name string) {
	t.Helper()
	Exec(t, db, "UPDATE synced_locks SET token = token + 1, holder = 'another' WHERE name = ?", name)
}

func lockTakenOver(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock, other := Lock(t, db, "one"), Lock(t, db, "two")
	takeOver(t, db, "one")
	require.ErrorIs(t, Check(t, db, lock), store.ErrLockLost)
	require.NoError(t, Check(t, db, other))
}

func lockReleaseTwice(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock := Lock(t, db, "one")
	require.NoError(t, lock.Release(t.Context()))
	require.NoError(t, lock.Release(t.Context()))
	next := Lock(t, db, "one")
	require.NoError(t, lock.Release(t.Context()))
	require.NoError(t, Check(t, db, next))
	_, err := db.Lock(t.Context(), "one", 0)
	require.ErrorIs(t, err, store.ErrLocked, "it released another's lock")

	takeOver(t, db, "one")
	require.NoError(t, next.Release(t.Context()))
}

func lockReleaseCanceled(t *testing.T, db backend.Store) {
	migrated(t, db)
	lock := Lock(t, db, "one")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, lock.Release(ctx))
	Lock(t, db, "one")
}

func lockOutlives(t *testing.T, db backend.Store) {
	migrated(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	lock, err := db.Lock(ctx, "one", 0)
	require.NoError(t, err)
	cancel()
	require.NoError(t, Check(t, db, lock))
	_, err = db.Lock(t.Context(), "one", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, lock.Release(t.Context()))
}

// lockMany counts in a variable that nothing else guards.
func lockMany(t *testing.T, db backend.Store) {
	migrated(t, db)
	var wg sync.WaitGroup
	var counters [10]int
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() { errs[i] = count(t.Context(), db, fmt.Sprint("name ", i%10), &counters[i%10]) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, n := range counters {
		require.Equal(t, 5, n)
	}
}

// count adds one, slowly enough for another to notice.
func count(ctx context.Context, db backend.Store, name string, counter *int) (err error) {
	lock, err := db.Lock(ctx, name, long)
	if err != nil {
		return err
	}
	n := *counter
	tx, err := db.Begin(ctx)
	if err == nil {
		err = lock.Check(ctx, tx)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	*counter = n + 1
	if err != nil {
		return err
	}
	return lock.Release(ctx)
}

func lockBeforeMigrate(t *testing.T, db backend.Store) {
	_, err := db.Lock(t.Context(), "one", 0)
	require.ErrorContains(t, err, "synced_locks")
	migrated(t, db)
	Lock(t, db, "one")
}
