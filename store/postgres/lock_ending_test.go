package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/store"
)

// onTake calls a function when an attempt to take a lock has ended.
type onTake struct{ do func() }

type takes struct{}

func (onTake) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, takes{}, strings.Contains(q.SQL, "INSERT INTO") && strings.Contains(q.SQL, "synced_locks"))
}

func (o onTake) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if took, _ := ctx.Value(takes{}).(bool); took {
		o.do()
	}
}

// The transaction of a run that was canceled or killed may still be on its way to
// its end when the lock is free: that is no run.
func TestLockWaitsForATransactionThatEnds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool, one, _ := rivals(t)
	lock := storetest.Lock(t, one, "a")
	tx, err := one.Begin(ctx)
	require.NoError(t, err)
	require.NoError(t, storetest.CheckIn(t, lock, tx))
	require.NoError(t, lock.Release(ctx))

	attempts := 0
	config := pool.Config()
	config.ConnConfig.Tracer = onTake{func() {
		if attempts++; attempts == 1 {
			require.NoError(t, tx.Rollback(ctx))
		}
	}}
	other, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(other.Close)
	taken, err := storeOn(other).Lock(ctx, "a", 0)
	require.NoError(t, err)
	require.Equal(t, 2, attempts)
	_, err = one.Lock(ctx, "a", 0)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, taken.Release(ctx))
}
