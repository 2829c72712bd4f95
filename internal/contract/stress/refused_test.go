package stress_test

import (
	"context"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// weighed is a store that counts the bytes of what is read from it.
type weighed struct {
	backend.Store
	bytes *atomic.Int64
}

func (w weighed) Query(ctx context.Context, q store.SQL) (store.Rows, error) {
	rows, err := w.Store.Query(ctx, q)
	return weighedRows{rows, w.bytes}, err
}

func (w weighed) Begin(ctx context.Context) (backend.Tx, error) {
	tx, err := w.Store.Begin(ctx)
	return weighedTx{tx, w.bytes}, err
}

func (w weighed) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	lock, err := w.Store.Lock(ctx, name, wait)
	return weighedLock{lock}, err
}

func (w weighed) LockAnd(ctx context.Context, name string, wait time.Duration, first func(context.Context, backend.Tx) error) (backend.Lock, error) {
	lock, err := w.Store.LockAnd(ctx, name, wait, func(ctx context.Context, tx backend.Tx) error { return first(ctx, weighedTx{tx, w.bytes}) })
	return weighedLock{lock}, err
}

// weighedLock gives the lock the transactions that it knows.
type weighedLock struct{ backend.Lock }

func (w weighedLock) Check(ctx context.Context, tx backend.Tx) error {
	return w.Lock.Check(ctx, tx.(weighedTx).Tx)
}

func (w weighedLock) End(ctx context.Context, tx backend.Tx) (func(), error) {
	return w.Lock.End(ctx, tx.(weighedTx).Tx)
}

type weighedTx struct {
	backend.Tx
	bytes *atomic.Int64
}

func (w weighedTx) Query(ctx context.Context, q store.SQL) (store.Rows, error) {
	rows, err := w.Tx.Query(ctx, q)
	return weighedRows{rows, w.bytes}, err
}

type weighedRows struct {
	store.Rows
	bytes *atomic.Int64
}

func (w weighedRows) Scan(dest ...any) error {
	err := w.Rows.Scan(dest...)
	for _, d := range dest {
		w.bytes.Add(8)
		if v := reflect.Indirect(reflect.ValueOf(d)); v.Kind() == reflect.String || v.Kind() == reflect.Slice {
			w.bytes.Add(int64(v.Len()))
		}
	}
	return err
}

// A refused removal of many rows costs nobody else anything: a call reads what concerns
// the records that it lists.
func TestContract_C109_RefusedRemovals(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		read := &atomic.Int64{}
		b.DB = weighed{b.DB, read}
		s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3)}}
		d := harness.Stripped(s)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Listing[0] = nil
		full := synced.Call{Strategy: strategy.Full{}}
		require.Equal(t, 3, harness.Sync(t, rentals, synced.In(1), full).Refused.Rows)
		s.Listing[0] = harness.Records(1, 2, 3)
		s.Since = func() (*remote.Page, error) { return s.Page(), nil }

		costs := func() (list []int64) {
			for _, call := range []func() error{
				func() error { _, err := rentals.SyncOne(ctx, synced.In(1), 2); return err },
				func() error { _, err := rentals.Synchronize(ctx, synced.In(1)); return err },
				func() error {
					_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{Strategy: strategy.Full{}, Remove: synced.KeepRows{}})
					return err
				},
			} {
				before := read.Load()
				require.NoError(t, call())
				list = append(list, read.Load()-before)
			}
			return list
		}
		few := costs()
		refused, err := rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Nil(t, refused, "all three were listed")

		s.Listing[0] = nil
		plan := harness.Sync(t, rentals, synced.In(1), full).Refused.Plan
		s.Listing[0] = harness.Records(1, 2, 3)
		numbers := "generate_series(1001, 101000) AS many(n)"
		if b.Pool == nil {
			numbers = "(WITH RECURSIVE many(n) AS (VALUES (1001) UNION ALL SELECT n + 1 FROM many WHERE n < 101000) SELECT n FROM many)"
		}
		b.Execute(t, "INSERT INTO synced_refused SELECT model, scope_type, scope_id, n, CAST(n AS text) FROM synced_refusals, "+numbers)
		for i, cost := range costs() {
			t.Logf("%s: %d bytes with 3 refused, %d with 100,000", strings.Fields("SyncOne idle complete")[i], few[i], cost)
			require.LessOrEqual(t, cost, few[i]+100)
		}

		// It is whole for whoever needs it.
		refused, err = rentals.RefusedRemoval(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, plan, refused.Plan)
		require.Len(t, refused.IDs, 100_000)
		require.Equal(t, "1001", refused.IDs[0])
	})
}
