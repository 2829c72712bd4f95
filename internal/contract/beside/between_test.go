package beside_test

import (
	"context"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store"
)

// Rows that the service changes after a run has read them, and before it writes them.
func TestContract_C434_RowsThatChangeBetweenTheLookAndTheWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, remote string }{
		"an update":     {"", "new"},
		"a fingerprint": {"UPDATE rentals SET synced_hash = NULL WHERE synced_id = 1", "old"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				var olds []string
				d := harness.Rentals()
				d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[harness.Rental]) error {
					for _, c := range changes {
						if c.Old != nil {
							olds = append(olds, c.Old.Name)
						}
					}
					return nil
				}
				rentals := harness.Model(t, b, d)
				b.Put("old", "other")
				harness.Sync(t, rentals, synced.In(1))
				if c.before != "" {
					b.Execute(t, c.before)
				}
				if c.remote != "old" {
					b.Put(c.remote)
				}

				tx, err := b.DB.Begin(ctx)
				require.NoError(t, err)
				defer tx.Rollback(ctx) //nolint:errcheck
				_, err = tx.Exec(ctx, squirrel.Expr("UPDATE rentals SET name = 'edited' WHERE synced_id = 1"))
				require.NoError(t, err)
				done := make(chan error, 1)
				go func() {
					_, err := rentals.Synchronize(ctx, synced.In(1))
					done <- err
				}()
				if b.Pool != nil {
					require.NoError(t, b.AwaitBlocked(done))
				}
				require.NoError(t, tx.Commit(ctx))
				require.NoError(t, <-done)
				require.Equal(t, []string{"edited"}, olds)
				require.Equal(t, []string{c.remote, "other"}, b.Column(t, "SELECT name FROM rentals ORDER BY synced_id"))
				require.Equal(t, 2, harness.Sync(t, rentals, synced.In(1)).Unchanged)
			})
		})
	}
}
