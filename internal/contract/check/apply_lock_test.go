package check_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
)

// A row can't be changed between the look at it and the write of the plan: on
// PostgreSQL another writer waits, and its edit is not lost.
func TestApplyLocksWhatItVerified(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	ctx := context.Background()
	d := harness.Rentals()
	edited := make(chan error, 1)
	d.OnChange = func(context.Context, store.Tx, []synced.Change[harness.Rental]) error {
		go func() {
			_, err := b.Pool.Exec(ctx, "UPDATE rentals SET name = 'after' WHERE synced_id = 99")
			edited <- err
		}()
		return b.AwaitBlocked(edited)
	}
	plain := harness.Rentals()
	rentals := drifted(t, b, plain)
	diff, err := rentals.Check(ctx, synced.In(1))
	require.NoError(t, err)
	diff.Missing, diff.Changed = diff.Missing[:1], nil // one event, before the removal
	_, err = harness.Bind(t, b, d).Apply(ctx, synced.In(1), diff, synced.Call{Remove: synced.Destroy{}})
	require.NoError(t, err)
	require.NoError(t, <-edited, "it got its turn")
}
