package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
)

// Written returns what the database counted of writes to a table. On SQLite the
// counting starts with the first call.
func (b *Bundle) Written(t testing.TB, table string) []string {
	t.Helper()
	if b.Pool == nil {
		b.Execute(t, "CREATE TABLE IF NOT EXISTS written (name text)")
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			b.Execute(t, fmt.Sprintf("CREATE TRIGGER IF NOT EXISTS written_%s_%s AFTER %s ON %s BEGIN INSERT INTO written VALUES ('%s'); END",
				table, what, what, store.Quote(table), table))
		}
		return b.Column(t, "SELECT count(*) FROM written WHERE name = ?", table)
	}
	// Backends report their counts with a delay, and at their end.
	b.Pool.Reset()
	require.Eventually(t, func() bool {
		return b.Column(t, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")[0] == "1"
	}, 10*time.Second, 10*time.Millisecond)
	return b.Column(t, "SELECT concat_ws(' ', n_tup_ins, n_tup_upd, n_tup_del) FROM pg_stat_user_tables WHERE relname = ?", table)
}

// Execute runs a statement in its own transaction, as the service itself would.
func (b *Bundle) Execute(t testing.TB, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	tx, err := b.DB.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, squirrel.Expr(sql, args...))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
}

// Column reads the first column of a query's rows, as text.
func (b *Bundle) Column(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	rows, err := b.DB.Query(context.Background(), squirrel.Expr(sql, args...))
	require.NoError(t, err)
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var text *string
		require.NoError(t, rows.Scan(&text))
		if text == nil {
			list = append(list, "null")
		} else {
			list = append(list, *text)
		}
	}
	require.NoError(t, rows.Err())
	return list
}

// Statements counts the statements of the store's transactions from now on.
func (b *Bundle) Statements(t testing.TB) *atomic.Int64 {
	t.Helper()
	ctx := context.Background()
	count := &atomic.Int64{}
	if b.Pool != nil {
		config := b.Pool.Config()
		config.ConnConfig.Tracer = tracer{count}
		pool, err := pgxpool.NewWithConfig(ctx, config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		b.Pool, b.DB = pool, postgres.New(pool, postgres.Options{}).Backend()
		// The connection of locks is opened once, and counted nowhere.
		lock, err := b.DB.Lock(ctx, "counting", 0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, lock.Release(ctx)) })
		return count
	}
	conn, err := b.File.DB().Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		// TRACE_STMT would tell of each row that a trigger looks at.
		return c.(interface{ Raw() *sqlite3.Conn }).Raw().Trace(sqlite3.TRACE_PROFILE, func(sqlite3.TraceEvent, any, any) error {
			count.Add(1)
			return nil
		})
	}))
	return count
}

// tracer counts the statements of a pool.
type tracer struct{ count *atomic.Int64 }

func (c tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.count.Add(1)
	return ctx
}

// TraceBatchStart counts nothing: the statements of a batch are told one by one.
func (tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery counts a statement, but for savepoints, which cost no exchange.
func (c tracer) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	if !strings.Contains(q.SQL, "SAVEPOINT") {
		c.count.Add(1)
	}
}

func (tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// OpenTransactions lists the transactions of the pool that wait for their client.
// On SQLite it has an element if the one writing connection is in use.
func (b *Bundle) OpenTransactions(t testing.TB) []string {
	t.Helper()
	if b.Pool == nil {
		return make([]string, b.File.DB().Stats().InUse)
	}
	return b.Column(t, "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")
}

// AwaitBlocked waits until a statement on PostgreSQL waits for a lock of another
// transaction. It is an error if end, which has room for one, has got the
// statement's end instead. It may be called by any goroutine.
func (b *Bundle) AwaitBlocked(end <-chan error) error {
	for until := time.Now().Add(WaitLong); time.Now().Before(until); time.Sleep(time.Millisecond) {
		var blocked bool
		err := b.Pool.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&blocked)
		if err != nil || blocked {
			return err
		}
		if len(end) > 0 {
			return errors.New("the statement did not wait")
		}
	}
	return errors.New("no statement waits")
}
