package handle_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

// C203: a handler that waits for its own run, on another connection, is told so when the
// wait ends, however it ends.
func TestContract_C203_AHandlerThatWaitsForItsRun(t *testing.T) {
	t.Parallel()
	const why = "the handler waited for something that its own run may hold"
	notes := func(t *testing.T, b *harness.Bundle, exec func(context.Context) error) error {
		t.Helper()
		b.Execute(t, "CREATE TABLE notes (name text)")
		d := harness.Rentals()
		d.OnChange = func(ctx context.Context, _ store.Tx, _ []synced.Change[harness.Rental]) error { return exec(ctx) }
		b.Put("one")
		rentals := harness.Model(t, b, d)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := rentals.Synchronize(ctx, synced.In(1))
		require.Empty(t, b.Column(t, "SELECT name FROM rentals"))
		return err
	}

	t.Run("the only connection", func(t *testing.T) {
		t.Parallel()
		b := harness.Setup(t, "database_sql")
		b.Handle.SetMaxOpenConns(1)
		err := notes(t, b, func(ctx context.Context) error {
			_, err := b.Handle.ExecContext(ctx, "INSERT INTO notes VALUES ('one')")
			return err
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "OnChange: context deadline exceeded: "+why)
	})

	t.Run("a row", func(t *testing.T) {
		t.Parallel()
		b := harness.Setup(t, "postgres")
		err := notes(t, b, func(ctx context.Context) error {
			_, err := b.Pool.Exec(ctx, "SET lock_timeout = '100ms'; INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 1, 'mine')")
			return err
		})
		require.ErrorContains(t, err, "canceling statement due to lock timeout (SQLSTATE 55P03): "+why)
	})

	t.Run("the write lock", func(t *testing.T) {
		t.Parallel()
		b := harness.Setup(t, "sqlite")
		own, err := sqlite.OpenDB(t.Context(), b.Column(t, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0])
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, own.Close()) })
		err = notes(t, b, func(ctx context.Context) error {
			_, err := own.ExecContext(ctx, "INSERT INTO notes VALUES ('one')")
			return err
		})
		require.ErrorContains(t, err, why)
	})
}
