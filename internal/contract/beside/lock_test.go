package beside_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// Apply and ApproveRemoval are alone in their scope.
func TestContract_C103_ApplyAndApproveRemovalBesideARun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		s, at := strip(t, 4)
		rentals := harness.Model(t, b, harness.Stripped(s))
		harness.Sync(t, rentals, synced.In(1))
		whole := s.Listing
		s.Listing = s.Listing[:1]
		plan := harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Limit: 0.01, Verify: synced.VerifyNever}}).Refused.Plan
		require.NotEmpty(t, plan)
		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Additional, 30)

		s.Listing = whole
		var approved, applied, waited error
		done := make(chan struct{})
		at[0] = func() {
			_, approved = rentals.ApproveRemoval(ctx, synced.In(1), plan)
			_, applied = rentals.Apply(ctx, synced.In(1), diff)
			go func() {
				defer close(done)
				_, waited = rentals.Apply(ctx, synced.In(1), &synced.Diff{Model: diff.Model, Scope: diff.Scope}, synced.Call{Wait: harness.WaitLong})
			}()
		}
		harness.Sync(t, rentals, synced.In(1))
		<-done
		require.ErrorIs(t, approved, synced.ErrRunning)
		require.ErrorIs(t, applied, synced.ErrRunning)
		require.NoError(t, waited)
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), plan)
		require.ErrorIs(t, err, synced.ErrUnknownPlan, "all of it was listed since")
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 40)
	})
}
