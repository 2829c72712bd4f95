package run_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/lent"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// end tries whatever a handler may find to end its run's transaction.
func end(ctx context.Context, t *testing.T, tx store.Tx) {
	if own, ok := tx.(interface {
		Commit(context.Context) error
		Rollback(context.Context) error
	}); ok {
		_ = own.Commit(ctx)
		_ = own.Rollback(ctx)
	}
	for _, joined := range []func(store.Tx) *sql.Tx{sqlite.Tx, postgres.SQLTx} {
		if own := joined(tx); own != nil {
			require.ErrorIs(t, own.Commit(), lent.ErrEnd)
			require.ErrorIs(t, joined(tx).Rollback(), lent.ErrEnd)
			_, err := joined(tx).ExecContext(ctx, "INSERT INTO log VALUES ('joined')")
			require.NoError(t, err)
		}
	}
	if own := postgres.Tx(tx); own != nil {
		require.ErrorContains(t, own.Commit(ctx), "return an error from the handler to undo it")
		require.ErrorContains(t, own.Rollback(ctx), "return an error from the handler to undo it")
		// What it begins is its own to end.
		require.NoError(t, pgx.BeginFunc(ctx, own, func(savepoint pgx.Tx) error {
			_, err := savepoint.Exec(ctx, "INSERT INTO log VALUES ('kept')")
			return err
		}))
		savepoint, err := own.Begin(ctx)
		require.NoError(t, err)
		_, err = savepoint.Exec(ctx, "INSERT INTO log VALUES ('undone')")
		require.NoError(t, err)
		require.NoError(t, savepoint.Rollback(ctx))
	}
}

func TestContract_C65_NoHandlerEndsItsTransaction(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE log (entry text)")
		b.Put("one")
		d := harness.Rentals()
		d.Outbox = true
		d.Remove = synced.RemoveBy[harness.Rental]{Func: func(ctx context.Context, tx store.Tx, _ []*harness.Rental) error {
			end(ctx, t, tx)
			return nil
		}}
		d.OnChange = func(ctx context.Context, tx store.Tx, _ []synced.Change[harness.Rental]) error {
			end(ctx, t, tx)
			return nil
		}
		rentals := harness.Model(t, b, d)
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"created rentals 1"}, harness.Told(harness.Deliver(t, b, "reader", -1)), "the change and its row are committed together")
		want := []string{}
		if b.Pool == nil || b.Handle != nil {
			want = append(want, "joined")
		}
		if b.Pool != nil {
			want = append(want, "kept")
		}
		require.Equal(t, want, b.Column(t, "SELECT entry FROM log ORDER BY 1"))

		// Nor does one that removes.
		b.Server.Collection("rentals").Delete(1)
		_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{AllowRemoval: true})
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM rentals"), "the handler left the row")
	})
}
