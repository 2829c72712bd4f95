package postgres_test

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

func TestLeases(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store {
		return postgres.New(testdb.Postgres(t), postgres.Options{LeaseTTL: 15 * time.Second}).Backend()
	}, "Lock")
}

// Processes with and without leases, as while a setting is rolled out.
func TestLeasesAndSessions(t *testing.T) {
	t.Parallel()

	pool, sessionStore, _ := rivals(t)
	leaseStore := postgres.New(pool, postgres.Options{LeaseTTL: 15 * time.Second}).Backend()
	last := int64(0)
	for range 2 {
		for _, stores := range [][2]backend.Store{{sessionStore, leaseStore}, {leaseStore, sessionStore}} {
			lock := storetest.Lock(t, stores[0], "a")
			token := storetest.Token(t, leaseStore, "a")
			require.Greater(t, token, last)
			last = token
			_, err := stores[1].Lock(t.Context(), "a", 20*time.Millisecond)
			require.ErrorIs(t, err, store.ErrLocked)
			require.NoError(t, storetest.Check(t, stores[0], lock))
			require.NoError(t, lock.Release(t.Context()))
		}
	}
}

func TestLeaseTimes(t *testing.T) {
	t.Parallel()

	_, one, two := rivalsWith(t, postgres.Options{LeaseTTL: time.Minute})
	expires := func() int64 { return storetest.Value[int64](t, one, "SELECT expires FROM synced_locks") }
	lock := storetest.Lock(t, one, "a")
	now := storetest.Value[int64](t, one, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	require.InDelta(t, now+60_000, expires(), 30_000)

	// A process that was stopped for a while.
	storetest.Exec(t, one, "UPDATE synced_locks SET expires = expires - 60000")
	require.NoError(t, storetest.Check(t, one, lock), "no other has taken it")
	next := storetest.Lock(t, two, "a")
	require.ErrorIs(t, storetest.Check(t, one, lock), store.ErrLockLost)
	require.NoError(t, lock.Release(t.Context()))
	require.NoError(t, storetest.Check(t, two, next))
	_, err := one.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked, "the loser released it")

	// A clock that was wrong.
	storetest.Exec(t, one, "UPDATE synced_locks SET expires = expires + 3600000")
	storetest.Lock(t, one, "a")
	require.ErrorIs(t, storetest.Check(t, two, next), store.ErrLockLost)
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()

	_, one, _ := rivalsWith(t, postgres.Options{LeaseTTL: 300 * time.Millisecond})
	lock := storetest.Lock(t, one, "a")
	expires := func() int64 { return storetest.Value[int64](t, one, "SELECT expires FROM synced_locks") }
	first := expires()
	require.Eventually(t, func() bool { return expires() > first+300 }, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, storetest.Check(t, one, lock))
}

// behindAPooler is a pool whose connections are told another process than their
// server's, as PgBouncer does.
func behindAPooler(t *testing.T) *pgxpool.Pool {
	t.Helper()
	return poolWith(t, testdb.Postgres(t), func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return pooler{c}, err
		}
	})
}

type pooler struct{ net.Conn }

// Read changes BackendKeyData.
func (p pooler) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if i := bytes.Index(b[:n], []byte{'K', 0, 0, 0, 12}); i >= 0 && i+9 <= n {
		b[i+8]++
	}
	return n, err
}

func TestLockBehindAPooler(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) backend.Store { return storeOn(behindAPooler(t)) }, "Lock")

	pool := behindAPooler(t)
	db := storeOn(pool)
	require.NoError(t, db.Migrate(t.Context()))
	storetest.Lock(t, db, "a")
	require.Zero(t, storetest.Value[int64](t, db, "SELECT count(*) FROM synced_locks WHERE expires IS NULL"))
	noSessions(t, pool)

	config := pool.Config().ConnConfig
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	for range 2 {
		_, err = storeOn(conn).Lock(t.Context(), "a", 0)
		require.ErrorContains(t, err, "make the store of a pool")
	}
}

// wrapped is a DB of a kind that New knows nothing of.
type wrapped struct{ postgres.DB }

func TestLockOfAnotherDB(t *testing.T) {
	t.Parallel()

	pool, one, _ := rivals(t)
	db := storeOn(wrapped{pool})
	lock := storetest.Lock(t, db, "a")
	require.NoError(t, storetest.Check(t, db, lock))
	_, err := one.Lock(t.Context(), "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
}
