package backend_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

// transaction notes how it ends.
type transaction struct {
	backend.Tx
	ended    []string
	commit   error
	rollback context.Context
}

func (tx *transaction) Begin(context.Context) (backend.Tx, error) { return tx, nil }

func (tx *transaction) GaveUp(error) bool { return false }

func (tx *transaction) Commit(context.Context) error {
	tx.ended = append(tx.ended, "commit")
	return tx.commit
}

func (tx *transaction) Rollback(ctx context.Context) error {
	tx.ended = append(tx.ended, "rollback")
	tx.rollback = ctx
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.New("already ended")
}

func TestInTx(t *testing.T) {
	t.Parallel()
	tx := &transaction{}
	var given backend.Tx
	require.NoError(t, backend.InTx(t.Context(), tx, func(_ context.Context, tx backend.Tx) error {
		given = tx
		return nil
	}))
	require.Same(t, tx, given)
	require.Equal(t, "commit", tx.ended[0])
}

func TestInTx_Undone(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	fail := func(context.Context, backend.Tx) error { return broken }

	tx := &transaction{}
	require.Equal(t, broken, backend.InTx(t.Context(), tx, fail))
	require.Equal(t, []string{"rollback"}, tx.ended)

	tx = &transaction{commit: broken}
	require.Equal(t, broken, backend.InTx(t.Context(), tx, func(context.Context, backend.Tx) error { return nil }))
	require.Equal(t, []string{"commit", "rollback"}, tx.ended)

	tx = &transaction{}
	require.PanicsWithValue(t, "oops", func() {
		_ = backend.InTx(t.Context(), tx, func(context.Context, backend.Tx) error { panic("oops") })
	})
	require.Equal(t, []string{"rollback"}, tx.ended)

	// A context that ended does not keep it from being undone, which has a limit.
	ctx, cancel := context.WithCancel(t.Context())
	tx = &transaction{}
	require.Equal(t, broken, backend.InTx(ctx, tx, func(context.Context, backend.Tx) error {
		cancel()
		return broken
	}))
	require.Equal(t, []string{"rollback"}, tx.ended)
	_, limited := tx.rollback.Deadline()
	require.True(t, limited)
}
