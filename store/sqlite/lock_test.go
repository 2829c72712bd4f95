package sqlite_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

// rivals are two stores of one file, as of two processes.
func rivals(t *testing.T) (one, two backend.Store) {
	t.Helper()
	path := testdb.SQLite(t)
	one = open(t, path)
	require.NoError(t, one.Migrate(t.Context()))
	return one, open(t, path)
}

func TestLockOfTwoHandles(t *testing.T) {
	t.Parallel()

	one, two := rivals(t)
	lock := storetest.Lock(t, one, "a")
	token := storetest.Token(t, one, "a")
	_, err := two.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, lock.Release(t.Context()))
	storetest.Lock(t, two, "a")
	require.Greater(t, storetest.Token(t, two, "a"), token)
}

// That a lock is held is told beside another's write.
func TestLockedWhileAnotherWrites(t *testing.T) {
	t.Parallel()

	one, two := rivals(t)
	lock := storetest.Lock(t, one, "a")
	tx := begin(t, one)
	require.NoError(t, storetest.CheckIn(t, lock, tx))
	_, err := two.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, tx.Commit(t.Context()))
}

// A lease that can't be released, since another writes for long, is free as soon as
// the file can be written: at once for the same store.
func TestReleaseWhileAnotherWrites(t *testing.T) {
	t.Parallel()

	one, two := rivals(t)
	for _, next := range []struct {
		db   backend.Store
		wait time.Duration
	}{{one, 0}, {two, 5 * time.Second}} {
		lock := storetest.Lock(t, one, "a")
		tx, err := two.Begin(t.Context())
		require.NoError(t, err)
		require.Error(t, lock.Release(t.Context()))
		require.NoError(t, tx.Rollback(t.Context()))
		lock, err = next.db.Lock(t.Context(), "a", next.wait)
		require.NoError(t, err)
		require.NoError(t, storetest.Check(t, next.db, lock))
		time.Sleep(500 * time.Millisecond) // the release that was tried again is not this lock's
		require.NoError(t, storetest.Check(t, next.db, lock))
		_, err = two.Lock(t.Context(), "a", 0)
		require.ErrorIs(t, err, store.ErrLocked)
		require.NoError(t, lock.Release(t.Context()))
	}
}

func expires(t *testing.T, db backend.Store) int64 {
	t.Helper()
	return storetest.Value[int64](t, db, "SELECT expires FROM synced_locks")
}

// leasing opens a migrated database whose leases last so long.
func leasing(t *testing.T, ttl time.Duration) backend.Store {
	t.Helper()
	db := handle(t, testdb.SQLite(t), sqlite.Options{LeaseTTL: ttl}).Backend()
	require.NoError(t, db.Migrate(t.Context()))
	return db
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()

	one := leasing(t, 300*time.Millisecond)
	lock := storetest.Lock(t, one, "a")
	first := expires(t, one)
	require.Eventually(t, func() bool { return expires(t, one) > first+300 }, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, storetest.Check(t, one, lock))
}

func TestLeaseTTL(t *testing.T) {
	t.Parallel()

	for ttl, want := range map[time.Duration]int64{0: 15, -1: 15, time.Hour: 3600} {
		one := leasing(t, ttl)
		storetest.Lock(t, one, "a")
		now := time.Now().UnixMilli()
		require.InDelta(t, now+1000*want, expires(t, one), 10_000)
	}
}

// Who holds a lease, and until when, decides whether it may be taken.
func TestLeaseOf(t *testing.T) {
	t.Parallel()

	one, _ := rivals(t)
	me := storetest.Lock(t, one, "me")
	holder := storetest.Value[string](t, one, "SELECT holder FROM synced_locks")
	require.NoError(t, me.Release(t.Context()))
	for name, c := range map[string]struct {
		holder        string
		expires       int64 // seconds from now
		free, onLinux bool
	}{
		"another host":                                     {"elsewhere pid:[1] 7 1", 10, false, false},
		"another host, expired":                            {"elsewhere pid:[1] 7 1", -1, true, false},
		"another host, later than its time to live":        {"elsewhere pid:[1] 7 1", 40, true, false},
		"a living process":                                 {holder, 10, false, true},
		"a living process that waits for another writer":   {holder, -20, false, true},
		"a living process that hangs":                      {holder, -50, true, true},
		"a living process, by a clock that was set back":   {holder, 100, false, true},
		"a process whose pid is another's by now":          {holder + "0", 10, true, true},
		"a process that has ended":                         {ended(t, holder), 10, true, true},
		"something else":                                   {"", 10, false, false},
		"something else that looks like a process of ours": {strings.Join(strings.Fields(holder)[:1], " ") + " x y", 10, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.onLinux && runtime.GOOS != "linux" {
				t.Skip("processes are not looked at here")
			}
			t.Parallel()
			db, _ := rivals(t)
			storetest.Exec(t, db, "INSERT INTO synced_locks VALUES ('a', 7, ?, ?, 15000)", c.holder, time.Now().UnixMilli()+1000*c.expires)
			lock, err := db.Lock(t.Context(), "a", 0)
			if !c.free {
				require.ErrorIs(t, err, store.ErrLocked)
				return
			}
			require.NoError(t, err)
			require.Equal(t, int64(8), storetest.Token(t, db, "a"))
			require.NoError(t, lock.Release(t.Context()))
		})
	}
}

// ended is how a process that has ended would have called itself.
func ended(t *testing.T, holder string) string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	require.NoError(t, child.Run())
	return strings.Replace(holder, fmt.Sprintf(" %d ", os.Getpid()), fmt.Sprintf(" %d ", child.Process.Pid), 1)
}

// lockerVariable makes the test binary another process that holds a lock.
const lockerVariable = "SYNCED_SQLITE_LOCKER"

func TestKilledProcessLeavesNoLock(t *testing.T) {
	t.Parallel()

	if path := os.Getenv(lockerVariable); path != "" {
		_, err := open(t, path).Lock(t.Context(), "a", 0)
		require.NoError(t, err)
		fmt.Println("\nlocked")
		select {}
	}
	if runtime.GOOS != "linux" {
		t.Skip("it takes the lease's time elsewhere")
	}
	path := testdb.SQLite(t)
	db := open(t, path)
	require.NoError(t, db.Migrate(t.Context()))
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), lockerVariable+"="+path)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "locked" {
	}
	require.Equal(t, "locked", lines.Text())
	_, err = db.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, child.Process.Kill())
	// It is a zombie until it is waited for, and takes a moment to be one.
	lock, err := db.Lock(t.Context(), "a", 10*time.Second)
	require.NoError(t, err)
	require.NoError(t, lock.Release(t.Context()))
	require.Error(t, child.Wait())
}
